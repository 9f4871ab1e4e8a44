import { type Due, dueText, dueTimes, hasGoodBackup, newestOf } from "../components/protection/due";
import type { Backup, Report } from "../components/protection/info";
import { isAmong } from "../components/protection/conflict";
import { clockText, lostHistory } from "../components/protection/kept";
import type { RepositoryMemory } from "../components/protection/state";
import { isUnbacked, reachOf } from "../components/protection/wal";
import { nextScheduled, type Scheduled } from "../components/schedule/file";
import { ConflictWatch } from "./conflictWatch";
import type { Journal } from "./journal";
import { PageErrorWatch } from "./pageErrorWatch";
import { RepositoryWatch } from "./repositoryWatch";
import type { Runner } from "./runner";
import type { OfOne, Repository, World } from "./world";

/** Somebody who mends pages wants to see that it is over: seconds between two looks then. */
const LOOK_AT_DAMAGE_EVERY = 60;
/** Seconds between two listings of the repository: a cloud wants money for each. */
const LIST_EVERY = 60;

/** What a repository holds, and when each kind of run is due because of it. */
export class Plan {
    readonly #pages: PageErrorWatch;
    readonly #inside: RepositoryWatch;
    readonly #conflicts: ConflictWatch;
    #due: Due = new Map();
    /** What `info` said last. */
    #report: Report | undefined;
    /** When that was, and when the repository was listed last. */
    #looked = -Infinity;
    #listed = -Infinity;

    #isAcknowledged = false;

    /** @param lookEvery seconds between two looks whether the repository is what it was */
    constructor(
        private readonly world: World,
        private readonly runner: Runner,
        private readonly journal: Journal,
        private readonly lookEvery: number,
    ) {
        this.#pages = new PageErrorWatch(world, runner);
        this.#inside = new RepositoryWatch(runner, lookEvery);
        this.#conflicts = new ConflictWatch(world, runner);
    }

    /** In the order they were taken. */
    get backups(): readonly Backup[] {
        return this.#report?.backups ?? [];
    }

    /** Bytes of the WAL in the repository; nothing where not all of it was looked at yet. */
    get walBytes(): number | undefined {
        return this.#inside.walBytes;
    }

    /** What pgBackRest names the directory of its WAL by; nothing where there is none. */
    get archiveId(): string | undefined {
        return this.#report?.archive?.id;
    }

    /** Could it be listed when that was tried last? */
    get answers(): boolean {
        return this.#inside.answers;
    }

    /** Has the newest full backup found pages whose checksums are wrong? */
    get hasDamagedPages(): boolean {
        return this.#pages.damaged;
    }

    /** Would a backup of now take WAL of another copy for its own? */
    isMixed(revision: OfOne): boolean {
        return isAmong(
            this.journal.memory(revision.repository.name).conflict,
            this.journal.archiving.archived?.last ?? "",
        );
    }

    isDue(kind: Scheduled): boolean {
        return (this.#due.get(kind) ?? Infinity) <= this.world.now();
    }

    /** When what is due next, for people; with the next drill, unless that waits for what is due before it, or runs. */
    toString(drill = -Infinity): string {
        const isToCome = drill > this.world.now();
        return dueText(new Map([...this.#due, ...(isToCome ? [["drill", drill] as const] : [])]));
    }

    /**
     * Makes it anew. The newest backups are taken from the repository itself, whoever took them and whatever became of the state. Gives what
     * is wrong when it cannot be read.
     */
    async make(revision: OfOne): Promise<string | undefined> {
        this.#looked = this.world.now();
        const report = await this.runner.report(revision);
        if (typeof report === "string") {
            // Whoever else has asked, the next round asks at once, and tells it.
            this.#looked = -Infinity;
            return `the repository cannot be read: ${report}`;
        }
        this.#report = report;
        const before = this.journal.memory(revision.repository.name);
        const { since, verified, wal, conflict } = before;
        const now = this.world.now();
        const { backups } = report;
        this.remember(revision, {
            newest: newestOf(backups, since, now),
            verified: verified ?? now,
            firstBackupAt: firstBackupAt(revision.repository, backups, verified ?? now),
            protected: conflict === null && hasGoodBackup(backups, since) ? revision.name : "",
            damagedPages: await this.#pages.look(revision, backups),
            ahead: clockText(backups, now),
            gone: lostHistory(before, backups, now),
            ...reachOf(wal, backups),
        });
        return undefined;
    }

    /** Somebody has just said that he knows what is gone. It counts when the repository can be read. */
    acknowledge(): void {
        this.#isAcknowledged = true;
    }

    /** Is the repository what it was? It can go away while the database is idle, when nothing else would notice. Gives what is wrong. */
    async check(revision: OfOne): Promise<string | undefined> {
        if (this.#isAcknowledged) this.giveUp(revision);
        this.lookAtTimeline(revision);
        const every = this.#pages.damaged ? Math.min(this.lookEvery, LOOK_AT_DAMAGE_EVERY) : this.lookEvery;
        if (this.world.now() - this.#looked >= every) {
            const problem = await this.make(revision);
            if (problem !== undefined) return problem;
        }
        return this.look(revision);
    }

    /** Has it what it should have? Also beside a run. Gives what is wrong when it cannot be read. */
    async look(revision: OfOne): Promise<string | undefined> {
        if (this.world.now() - this.#listed < Math.min(this.lookEvery, LIST_EVERY)) return undefined;
        await this.lookInside(revision);
        // What cannot be listed just now is asked at once whether it is away, not in ten minutes.
        return this.answers ? undefined : this.make(revision);
    }

    /** A restore, or a standby that took over, begins a new one; PostgreSQL tells it while nothing is archived, too. */
    private lookAtTimeline(revision: OfOne): void {
        const timeline = this.journal.archiving.archived?.timeline;
        const found = isUnbacked(this.backups, timeline);
        const before = this.journal.memory(revision.repository.name).isUnbacked;
        if (timeline === undefined || found === before) return;
        if (found)
            this.world.say(
                `no backup has begun on timeline ${Number.parseInt(timeline, 16)} yet: one follows`,
            );
        this.remember(revision, { isUnbacked: found });
    }

    private giveUp(revision: OfOne): void {
        this.#isAcknowledged = false;
        const { gone } = this.journal.memory(revision.repository.name);
        if (gone === "") return;
        this.world.say(`acknowledged: ${gone}`);
        this.remember(revision, { gone: "" });
    }

    /** What is missing may be there with the next look. */
    lookAgain(): void {
        this.#listed = -Infinity;
    }

    /** What somebody has expired meanwhile is no loss: `info` is asked again before one is told. */
    private async lookInside(revision: OfOne): Promise<void> {
        this.#listed = this.world.now();
        const before = this.journal.memory(revision.repository.name);
        const isNew = (found: Partial<RepositoryMemory>, what: "missingWal" | "lostBackups"): boolean =>
            (found[what] ?? "") !== "" && before[what] === "";
        let found = await this.found(revision);
        const news = (["missingWal", "lostBackups"] as const).filter((what) => isNew(found, what));
        if (news.length > 0) {
            await this.make(revision);
            found = await this.found(revision, true);
        }
        this.remember(revision, found);
        for (const what of news) if (isNew(found, what)) this.world.say(`ERROR: ${found[what] ?? ""}`);
    }

    private async found(revision: OfOne, again = false): Promise<Partial<RepositoryMemory>> {
        if (this.#report === undefined) return {};
        const known = {
            report: this.#report,
            archiving: this.journal.archiving,
            memory: this.journal.memory(revision.repository.name),
            now: this.world.now(),
        };
        const found = await this.#inside.look(revision, known, again);
        return { ...found, conflict: await this.#conflicts.look(revision, known) };
    }

    private remember(revision: OfOne, changes: Partial<RepositoryMemory>): void {
        const { name } = revision.repository;
        this.journal.remember(name, changes);
        this.#due = dueTimes(revision.repository.timetable, this.journal.memory(name));
    }
}

/** When one without backups gets the first, where the stack wants that to wait for its schedule. */
function firstBackupAt(
    { firstBackup, timetable }: Repository,
    backups: readonly Backup[],
    since: number,
): number | null {
    return firstBackup === "scheduled" && backups.length === 0
        ? (nextScheduled(timetable, "full", since) ?? null)
        : null;
}
