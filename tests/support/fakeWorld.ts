import { PLACES } from "../../components/docker/places";
import type { Drills } from "../../components/drill/due";
import type { DrillOrder } from "../../components/drill/order";
import type { Archiving } from "../../components/protection/verdict";
import { readState, type State } from "../../components/protection/state";
import { directoryOf, following, timelineOf } from "../../components/protection/wal";
import { readSchedules, type Timetable } from "../../components/schedule/file";
import {
    type Ended,
    type OfOne,
    type Repository,
    type Revision,
    type Run,
    type RunOptions,
    Stopped,
    type World,
} from "../../service/world";
import type { FakeDrill } from "./fakeDrill";

type Kind = "full" | "diff" | "incr";

export interface FakeBackup {
    readonly label: string;
    readonly type: Kind;
    readonly start: number;
    readonly stop: number;
    readonly error: boolean;
    /** The segment that was written when it began, where there is WAL. */
    readonly wal: string | undefined;
}

/** What a repository holds. */
type Held = Pick<FakeWorld, "backups" | "wal">;

/** The service was killed: nothing of it runs any more. */
export class Killed extends Error {}

const ZEROS = "0".repeat(40);

interface FakeRun {
    readonly command: string;
    readonly at: number;
    readonly finish: (status: number | null) => void;
}

export function timetable(text: string): Timetable {
    const read = readSchedules(text);
    if (typeof read === "string") throw new Error(read);
    return read;
}

/** A repository with the schedules of all. */
export function repositoryOf(schedules: string, changes: Partial<Repository> = {}): Repository {
    return {
        ...{ name: "local", number: 1, place: "posix:volume x", directory: undefined },
        timetable: timetable(schedules),
        ...changes,
    };
}

export function revisionOf(schedules: string, changes: Partial<Revision> = {}): Revision {
    return {
        ...{ name: "20261101T000000Z-abc", directory: "/nowhere", stanza: "main", expires: true, ends: [] },
        repositories: [repositoryOf(schedules)],
        timetable: timetable(schedules),
        ...changes,
    };
}

/** A repository, a database and a clock that passes as fast as it is asked to. What is written to the disk survives the service. */
export class FakeWorld implements World {
    readonly log: string[] = [];
    backups: FakeBackup[] = [];
    revision: Revision | string | undefined;
    state: State | undefined;
    /** Seconds that runs take, by command. */
    lasts: Record<string, number> = { backup: 600, verify: 3600, "stanza-create": 2, check: 3, expire: 2 };
    /** What a command says and how it ends, in place of success. */
    fails: (command: string, args: readonly string[], repository: string) => string | undefined = () =>
        undefined;
    archiver: Archiving = {};
    /** Archived segments, with their times; and labels of backups whose directories are gone. */
    wal = new Map<string, number>();
    lost = new Set<string>();
    /** What repositories beside the first hold, by name; and those of all that are away, which no WAL reaches. */
    readonly others = new Map<string, Held>();
    readonly away = new Set<string>();
    /** Checksums of segments that PostgreSQL has; those of the repository are zeros. */
    ours = new Map<string, string>();
    database = true;
    /** Bytes that are free on the repository's disk, and that are reserved there. */
    free = 2 ** 40;
    held = 0;
    /** The same of the data volume, unless that is away. */
    dataFree: number | undefined = 2 ** 40;
    /** Full backups that expire keeps, with what builds on them and their WAL. */
    keeps = Infinity;
    /** Bytes that expire would bring back. */
    removable = 0;
    acknowledged = false;
    /** The container of the drills, where they are on; and when something was committed that is in no table. */
    drill: FakeDrill | undefined;
    readonly commits: number[] = [];
    /** Does a backup that is taken now find damaged pages? */
    damage = false;
    /** Moments at which the service is killed or told to end; at the first of them. */
    killAt = Infinity;
    stopAt = Infinity;
    /** The longest step of the clock while nothing runs. */
    stride = 240;
    /** The same while something runs. */
    runningStride = 600;
    readonly commands: {
        readonly at: number;
        readonly args: readonly string[];
        readonly repository: string;
    }[] = [];
    #running: FakeRun | undefined;
    /** What not all repositories have yet. */
    readonly #waiting: string[] = [];

    constructor(
        private clock: number,
        schedules: string,
    ) {
        this.revision = revisionOf(schedules);
    }

    now(): number {
        return this.clock;
    }

    /** While the service is down. */
    pass(seconds: number): void {
        this.#running = undefined;
        const end = this.clock + seconds;
        for (this.clock++; this.clock < end; this.clock = Math.min(end, this.clock + this.stride))
            this.drill?.live(this.clock, this.runs);
    }

    /** Somebody sets the clock. */
    turn(seconds: number): void {
        this.clock += seconds;
    }

    /** The command that runs now; nothing where none does. */
    get runs(): string | undefined {
        return this.#running?.command;
    }

    async sleep(seconds: number, event?: AbortSignal): Promise<void> {
        // What is only read takes no time, whatever runs beside it.
        if (event !== undefined && this.#running !== undefined) await turn();
        if (event?.aborted === true) return;
        const run = this.#running;
        const usual = run !== undefined ? this.runningStride : event === undefined ? this.stride : 0;
        const step = Math.max(seconds, this.drill?.isAsked === true && run === undefined ? 0 : usual);
        const drilled = this.drill?.nextAt(this.clock) ?? Infinity;
        const until = Math.min(this.clock + step, run?.at ?? Infinity, drilled, this.killAt, this.stopAt);
        this.clock = Math.max(this.clock, until);
        this.drill?.live(this.clock, this.runs);
        if (this.clock >= this.killAt) {
            this.killAt = Infinity;
            throw new Killed();
        }
        if (this.clock >= this.stopAt) {
            this.stopAt = Infinity;
            throw new Stopped();
        }
        if (run !== undefined && this.clock >= run.at) run.finish(0);
        await turn();
    }

    say(text: string): void {
        this.log.push(text);
    }

    published(): Revision | string | undefined {
        return this.revision;
    }

    start({ repository }: OfOne, args: readonly string[], { onLine }: RunOptions): Run {
        const held = this.others.get(repository.name) ?? this;
        const began = this.clock;
        const command = args.at(-1) ?? "";
        const quick = command === "info" || args.includes("repo-get") || args.includes("repo-ls");
        if (!quick) {
            this.commands.push({ at: began, args, repository: repository.name });
            this.drill?.sees(command);
        }
        const noRoom = command === "expire" && !args.includes("--dry-run") && this.free === 0;
        const isAway = (): boolean => this.away.has(repository.name);
        const wasAway = isAway();
        const failed = noRoom ? "[028]: No space left on device" : this.fails(command, args, repository.name);
        const seconds = quick ? 0 : (this.lasts[command] ?? 1);
        let resolveEnd: (ended: Ended) => void = () => undefined;
        const ended = new Promise<Ended>((resolve) => (resolveEnd = resolve));
        const finish = (status: number | null): void => {
            if (!quick) this.#running = undefined;
            // One that is away at the end of a run has kept nothing of it.
            const failure = wasAway || isAway() ? "[049]: unable to connect" : failed;
            if (status === 0 && failure !== undefined) {
                onLine(`2026-11-01 00:00:00.000 P00  ERROR: ${failure}`, false);
                resolveEnd({ status: 25, signal: null });
                return;
            }
            if (status === 0) this.done(held, command, args, began, onLine);
            resolveEnd({ status, signal: status === null ? "SIGTERM" : null });
        };
        if (quick) finish(0);
        else this.#running = { command, at: began + seconds, finish };
        return {
            ended,
            end: () => {
                if (this.#running !== undefined) finish(null);
                return Promise.resolve();
            },
        };
    }

    private done(
        held: Held,
        command: string,
        args: readonly string[],
        began: number,
        onLine: RunOptions["onLine"],
    ): void {
        if (command === "info") onLine(this.info(held), true);
        if (args.includes("repo-ls")) onLine(this.list(held, command), true);
        if (command === "verify") onLine("status: ok", true);
        if (command === "backup") this.add(typeOf(args), began, held);
        const set = args.find((arg) => arg.startsWith("--set="))?.slice("--set=".length);
        if (command === "expire" && args.includes("--dry-run"))
            onLine(
                `P00   INFO: [DRY-RUN] repo1: ${this.removable > 0 ? "" : "17-1 no archive to "}remove`,
                true,
            );
        else if (command === "expire") {
            [this.free, this.removable] = [this.free + this.removable, 0];
            this.expire(held);
        }
        if (command === "expire" && set !== undefined)
            held.backups = held.backups.filter(({ label }) => label !== set);
    }

    private expire(held: Held): void {
        const oldest = held.backups.filter(({ type }) => type === "full").at(-this.keeps);
        if (oldest === undefined || this.keeps === Infinity) return;
        held.backups = held.backups.filter(({ start }) => start >= oldest.start);
        for (const segment of held.wal.keys()) if (segment < (oldest.wal ?? "")) held.wal.delete(segment);
    }

    /** As somebody takes one by hand, too. */
    add(wanted: Kind, start: number, held: Held = this): void {
        const wal = this.archiver.archived === undefined ? undefined : this.write(1);
        // What is lost leaves the list, and what would build on it becomes a full one.
        held.backups = held.backups.filter((backup) => !this.lost.has(backup.label));
        const type = held.backups.some((backup) => backup.type === "full") ? wanted : "full";
        const label = `${start}${type.charAt(0).toUpperCase()}`;
        held.backups.push({
            label,
            type,
            start,
            stop: Math.max(this.clock, start + 1),
            error: this.damage,
            wal,
        });
    }

    /** So many more segments, archived or dropped: gives the last. */
    write(count: number, isArchived = true): string {
        const { archived } = this.archiver;
        const size = archived?.segmentSize ?? 2 ** 24;
        let last = this.#waiting.at(-1) ?? archived?.last ?? "";
        for (let written = 0; written < count; written++) {
            const next = last === "" ? "000000010000000000000001" : following(last, size);
            last = (archived?.timeline ?? timelineOf(next)) + next.slice(8);
            if (isArchived) this.#waiting.push(last);
            else this.tellArchived(last);
        }
        this.archive();
        return last;
    }

    /** PostgreSQL calls a segment archived when each repository has it, and keeps it until then. */
    private archive(): void {
        const all = this.all();
        for (const [name, { wal }] of all)
            if (!this.away.has(name))
                for (const segment of this.#waiting) if (!wal.has(segment)) wal.set(segment, this.clock);
        const last = this.#waiting.at(-1);
        if (last === undefined || all.some(([name]) => this.away.has(name))) return;
        this.#waiting.length = 0;
        this.tellArchived(last);
    }

    private tellArchived(last: string): void {
        const { archived } = this.archiver;
        const segmentSize = archived?.segmentSize ?? 2 ** 24;
        this.archiver = { ...this.archiver, archived: { ...archived, last, segmentSize } };
    }

    private all(): (readonly [string, Held])[] {
        const first = typeof this.revision === "object" ? this.revision.repositories[0]?.name : undefined;
        return [[first ?? "", this], ...this.others];
    }

    private list({ backups, wal }: Held, path: string): string {
        const [kind, , , directory] = path.split("/");
        const names =
            kind === "backup"
                ? backups.filter(({ label }) => !this.lost.has(label)).map(({ label }) => [label, 0] as const)
                : directory === undefined
                  ? [...wal.keys()].map((segment) => [directoryOf(segment), 0] as const)
                  : [...wal]
                        .filter(([segment]) => segment.startsWith(directory))
                        .map(([segment, time]) => [`${segment}-${ZEROS}.zst`, time] as const);
        return JSON.stringify(
            Object.fromEntries(names.map(([name, time]) => [name, { type: "file", time }])),
        );
    }

    private info({ backups, wal: all }: Held): string {
        const newest = [...all.keys()].sort().at(-1);
        const archive = newest === undefined ? [] : [{ id: "17-1", max: newest }];
        const backup = backups.map(({ label, type, start, stop, error, wal }) => ({
            ...{ label, type, error, reference: null, timestamp: { start, stop } },
            database: { id: 1, "repo-key": 1 },
            archive: { start: wal ?? null, stop: wal ?? null },
            info: { repository: { delta: 1000 } },
        }));
        return JSON.stringify([
            { name: "main", archive, backup, status: { code: backup.length === 0 ? 2 : 0 } },
        ]);
    }

    databaseAnswers(): Promise<boolean> {
        return Promise.resolve(this.database);
    }

    archiving(): Promise<Archiving> {
        this.archive();
        return Promise.resolve(this.archiver);
    }

    walChecksum(segment: string): Promise<string | undefined> {
        return Promise.resolve(this.ours.get(segment));
    }

    commit(): Promise<boolean> {
        if (this.database) this.commits.push(this.clock);
        return Promise.resolve(this.database);
    }

    drills(): Drills {
        return this.drill?.noted(this.clock) ?? { ended: [], running: undefined };
    }

    order(order: DrillOrder): void {
        this.drill?.hear(order);
    }

    outOfMemoryKills(): number {
        return 0;
    }

    freeBytes(path: string): number {
        if (path !== PLACES.data) return this.free;
        if (this.dataFree === undefined) throw new Error("ESTALE: stale file handle, statfs");
        return this.dataFree;
    }

    reserved(): number {
        return this.held;
    }

    reserve(_: string, amount: number): Promise<void> {
        this.free += this.held - amount;
        this.held = amount;
        return Promise.resolve();
    }

    usedBytes(): Promise<number> {
        return Promise.resolve(0);
    }

    takeAcknowledgement(): boolean {
        const { acknowledged } = this;
        this.acknowledged = false;
        return acknowledged;
    }

    /** Through its text, as it is with a file. */
    save(state: State): void {
        this.state = readState(JSON.stringify(state));
        if (this.state === undefined) throw new Error("a state was written that cannot be read");
    }
}

/** What has been resolved is heard of. */
function turn(): Promise<void> {
    return new Promise((resolve) => {
        setImmediate(resolve);
    });
}

function typeOf(args: readonly string[]): Kind {
    const type = args.find((arg) => arg.startsWith("--type="))?.slice("--type=".length);
    return type === "diff" || type === "incr" ? type : "full";
}
