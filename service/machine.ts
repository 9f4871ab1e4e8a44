import { execFile } from "node:child_process";
import { readFileSync, rmSync, statfsSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { PLACES } from "../components/docker/places";
import type { Drills } from "../components/drill/due";
import type { DrillOrder } from "../components/drill/order";
import type { State } from "../components/protection/state";
import type { Archiving } from "../components/protection/verdict";
import { Database } from "./database";
import { DrillFiles } from "./drillFiles";
import { startOnRevision } from "./onRevision";
import { Revisions } from "./revisions";
import { sayAs } from "./say";
import type { StateFile } from "./stateFile";
import {
    argumentsFor,
    type OfOne,
    type Revision,
    type Run,
    type RunOptions,
    Stopped,
    type World,
} from "./world";

/** Runs pgbackrest on a revision while it holds it. */
/** What is done seldom is another program's work: what this one would load for it, it would keep. */
const run = promisify(execFile);

const RESERVE_FILE = "reserve-for-expire";
/** In cgroups of version 2 and 1. */
const MEMORY_EVENTS = ["/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"];

/** The world as it is in the container of the backup service. */
export class Machine implements World {
    readonly say = sayAs("backup");
    readonly #revisions = new Revisions(PLACES.published);
    readonly #stop = new AbortController();
    readonly #database = new Database(this.#stop.signal);
    readonly #drills = new DrillFiles(PLACES.drills);

    constructor(private readonly stateFile: StateFile) {}

    /** Whatever is waited for ends. */
    stop(): void {
        this.#stop.abort();
    }

    now(): number {
        return Math.floor(Date.now() / 1000);
    }

    sleep(seconds: number, event?: AbortSignal): Promise<void> {
        const { signal: stop } = this.#stop;
        return new Promise((resolve, reject) => {
            const end = (): void => {
                clearTimeout(timer);
                for (const signal of [stop, event]) signal?.removeEventListener("abort", end);
                if (stop.aborted) reject(new Stopped());
                else resolve();
            };
            const timer = setTimeout(end, seconds * 1000);
            for (const signal of [stop, event]) {
                signal?.addEventListener("abort", end);
                if (signal?.aborted === true) end();
            }
        });
    }

    published(): Revision | string | undefined {
        return this.#revisions.published();
    }

    start(revision: OfOne, args: readonly string[], options: RunOptions): Run {
        return startOnRevision(revision, argumentsFor(revision, args), options);
    }

    databaseAnswers(): Promise<boolean> {
        return this.#database.answers();
    }

    archiving(): Promise<Archiving> {
        return this.#database.archiving();
    }

    commit(): Promise<boolean> {
        return this.#database.commit();
    }

    drills(): Drills {
        return this.#drills.look(Date.now());
    }

    order(order: DrillOrder): void {
        this.stateFile.order(order);
    }

    async walChecksum(segment: string): Promise<string | undefined> {
        try {
            const { stdout } = await run("sha1sum", [join(PLACES.data, "pg_wal", segment)]);
            return /^[0-9a-f]{40}/.exec(stdout)?.[0];
        } catch {
            return undefined;
        }
    }

    outOfMemoryKills(): number {
        for (const file of MEMORY_EVENTS)
            try {
                const found = /^oom_kill (\d+)$/m.exec(readFileSync(file, "utf8"));
                if (found !== null) return Number(found[1]);
            } catch {
                // It is the other version's.
            }
        return 0;
    }

    freeBytes(path: string): number {
        const { bavail, bsize } = statfsSync(path);
        return bavail * bsize;
    }

    reserved(path: string): number {
        try {
            return statSync(join(path, RESERVE_FILE)).size;
        } catch {
            return 0;
        }
    }

    /** Of random bytes, because some file systems need no room for others. */
    async reserve(path: string, amount: number): Promise<void> {
        const file = join(path, RESERVE_FILE);
        const held = this.reserved(path);
        try {
            if (amount > held) {
                const size = ["bs=64K", `count=${Math.floor(amount / 2 ** 16)}`, "conv=fsync", "status=none"];
                await run("dd", ["if=/dev/urandom", `of=${file}`, ...size]);
            } else if (amount > 0) truncateSync(file, amount);
            else rmSync(file, { force: true });
        } catch {
            // Half of it holds nothing free for certain, and takes what others need.
            removeQuietly(file);
        }
    }

    usedBytes(path: string): Promise<number> {
        return new Promise((resolve) => {
            execFile("du", ["--bytes", "--summarize", path], (_, stdout) => {
                resolve(Number(/^\d+/.exec(stdout)?.[0] ?? 0));
            });
        });
    }

    takeAcknowledgement(): boolean {
        return this.stateFile.takeAcknowledgement();
    }

    save(state: State, durable: boolean): void {
        this.stateFile.save(state, durable);
    }
}

function removeQuietly(file: string): void {
    try {
        rmSync(file, { force: true });
    } catch {
        // It is looked at again.
    }
}
