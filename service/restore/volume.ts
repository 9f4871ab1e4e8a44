import { execFile, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { PLACES } from "../../components/docker/places";
import { readRecord, RECORD, type RestoreRecord } from "../../components/restore/record";

/** Asks the container that shows a paused restore to let go of the volume. */
const YIELD = "restore.yield";
/** Seconds that it may take. */
const PATIENCE = 60;
/** pgBackRest's, until all of the backup is there. */
const MANIFEST = "backup.manifest";
const OF_NO_DATA: readonly string[] = [YIELD, `${MANIFEST}.pgbackrest.tmp`];

/** The data volume that is restored to. */
export class Volume {
    constructor(private readonly directory: string = PLACES.data) {}

    file(name: string): string {
        return join(this.directory, name);
    }

    async usedBytes(): Promise<number> {
        const { stdout } = await promisify(execFile)("du", ["--summarize", "--bytes", this.directory]);
        return Number.parseInt(stdout, 10);
    }

    has(name: string): boolean {
        return existsSync(this.file(name));
    }

    isEmpty(): boolean {
        return readdirSync(this.directory).every((name) => name === "lost+found" || name === YIELD);
    }

    async empty(): Promise<void> {
        for (const name of readdirSync(this.directory))
            if (name !== "lost+found")
                await rm(this.file(name), { recursive: true, force: true, maxRetries: 5 });
    }

    /**
     * Removes what a restore leaves that was interrupted before its first file: pgBackRest takes directories without anything that says whose
     * they are for another's, and refuses them.
     */
    sweep(): void {
        if (this.has("PG_VERSION") || this.has(MANIFEST)) return;
        const entries = readdirSync(this.directory, { recursive: true, withFileTypes: true });
        if (entries.some((entry) => entry.isFile() && !OF_NO_DATA.includes(entry.name))) return;
        for (const name of readdirSync(this.directory))
            if (name !== "lost+found") rmSync(this.file(name), { recursive: true });
    }

    /**
     * One that came with the backup says nothing of this volume: there is a manifest until all of the backup is there, and a label until it is
     * replayed.
     */
    record(): RestoreRecord | undefined {
        const record = this.readRecord();
        const isReplayed = record?.phase !== "restored" && record?.phase !== "replaying";
        return isReplayed && (this.has(MANIFEST) || this.has("backup_label")) ? undefined : record;
    }

    private readRecord(): RestoreRecord | undefined {
        try {
            return readRecord(readFileSync(this.file(RECORD), "utf8"));
        } catch {
            return undefined;
        }
    }

    save(record: RestoreRecord): void {
        this.write(RECORD, `${JSON.stringify(record)}\n`);
    }

    /** Under another name first: whoever is killed meanwhile leaves what was there. */
    write(name: string, content: string): void {
        writeFileSync(this.file(`${name}.new`), content, { flush: true });
        renameSync(this.file(`${name}.new`), this.file(name));
    }

    remove(name: string): void {
        rmSync(this.file(name), { force: true });
    }

    /**
     * The lock by which containers know of each other that PostgreSQL runs on a volume, or a restore: a process id means nothing across
     * containers. It is held until this program ends.
     * @returns whether nobody else has it
     */
    lock(seconds: number): Promise<boolean> {
        const holder = spawn(
            "flock",
            ["--wait", String(seconds), this.directory, "sh", "-c", "echo locked; exec cat"],
            { stdio: ["pipe", "pipe", "inherit"] },
        );
        return new Promise((resolve) => {
            holder.stdout.once("data", () => {
                resolve(true);
            });
            holder.once("exit", () => {
                resolve(false);
            });
        });
    }

    /**
     * The same, from the container that shows a paused restore, too: it lets go when it is asked.
     */
    async takeOver(): Promise<boolean> {
        if (await this.lock(0)) return true;
        this.write(YIELD, "");
        const locked = await this.lock(PATIENCE);
        this.remove(YIELD);
        return locked;
    }

    /** Does a restore want to go on? */
    isWanted(): boolean {
        return this.has(YIELD);
    }
}
