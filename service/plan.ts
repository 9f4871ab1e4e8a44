import { type Due, dueText, dueTimes, hasGoodBackup, newestOf } from "../components/protection/due";
import type { Backup, Report } from "../components/protection/info";
import { isAmong } from "../components/protection/conflict";
import { clockText, lostHistory } from "../components/protection/kept";
import type { RepositoryMemory } from "../components/protection/state";
import { isUnbacked, reachOf } from "../components/protection/wal";
import type { Scheduled } from "../components/schedule/file";
import { ConflictWatch } from "./conflictWatch";
import type { Journal } from "./journal";
import { PageErrorWatch } from "./pageErrorWatch";
import { RepositoryWatch } from "./repositoryWatch";
import type { Runner } from "./runner";
import type { Revision, World } from "./world";

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

    /** Has the newest full backup found pages whose checksums are wrong? */
    get hasDamagedPages(): boolean {
        return this.#pages.damaged;
    }

    /** Would a backup of now take WAL of another copy for its own? */
    isMixed(revision: Revision): boolean {
        return isAmong(
            this.journal.memory(nameOf(revision)).conflict,
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
    async make(revision: Revision): Promise<string | undefined> {
        this.#looked = this.world.now();
        const report = await this.runner.report(revision);
        if (typeof report === "string") return `the repository cannot be read: ${report}`;
        this.#report = report;
        const before = this.journal.memory(nameOf(revision));
        const { since, verified, wal, conflict } = before;
        const now = this.world.now();
        const { backups } = report;
        this.remember(revision, {
            newest: newestOf(backups, since, now),
            verified: verified ?? now,
            protected: conflict === null && hasGoodBackup(backups, since) ? revision.name : "",
            damagedPages: await this.#pages.look(revision, backups),
            ahead: clockText(backups, now),
            gone: lostHistory(before, backups, now),
            ...reachOf(wal, backups),
        });
        return undefined;
    }

    /** Has somebody just said that he knows what is gone? It counts when the repository can be read. */
    isAcknowledged(): boolean {
        const isNew = this.world.takeAcknowledgement();
        this.#isAcknowledged ||= isNew;
        return isNew;
    }

    /** Is the repository what it was? It can go away while the database is idle, when nothing else would notice. Gives what is wrong. */
    async check(revision: Revision): Promise<string | undefined> {
        if (this.#isAcknowledged) this.acknowledge(revision);
        this.lookAtTimeline(revision);
        const every = this.#pages.damaged ? Math.min(this.lookEvery, LOOK_AT_DAMAGE_EVERY) : this.lookEvery;
        if (this.world.now() - this.#looked >= every) {
            const problem = await this.make(revision);
            if (problem !== undefined) return problem;
        }
        if (this.world.now() - this.#listed >= Math.min(this.lookEvery, LIST_EVERY))
            await this.lookInside(revision);
        return undefined;
    }

    /** A restore, or a standby that took over, begins a new one; PostgreSQL tells it while nothing is archived, too. */
    private lookAtTimeline(revision: Revision): void {
        const timeline = this.journal.archiving.archived?.timeline;
        const found = isUnbacked(this.backups, timeline);
        const before = this.journal.memory(nameOf(revision)).isUnbacked;
        if (timeline === undefined || found === before) return;
        if (found)
            this.world.say(
                `no backup has begun on timeline ${Number.parseInt(timeline, 16)} yet: one follows`,
            );
        this.remember(revision, { isUnbacked: found });
    }

    private acknowledge(revision: Revision): void {
        this.#isAcknowledged = false;
        const { gone } = this.journal.memory(nameOf(revision));
        if (gone === "") return;
        this.world.say(`acknowledged: ${gone}`);
        this.remember(revision, { gone: "" });
    }

    /** What is missing may be there with the next look. */
    lookAgain(): void {
        this.#listed = -Infinity;
    }

    /** Has it what it should have? What somebody has expired meanwhile is no loss: `info` is asked again before one is told. */
    private async lookInside(revision: Revision): Promise<void> {
        this.#listed = this.world.now();
        const before = this.journal.memory(nameOf(revision));
        const isNew = (found: Partial<RepositoryMemory>, what: "missingWal" | "lostBackups"): boolean =>
            (found[what] ?? "") !== "" && before[what] === "";
        let found = await this.look(revision);
        const news = (["missingWal", "lostBackups"] as const).filter((what) => isNew(found, what));
        if (news.length > 0) {
            await this.make(revision);
            found = await this.look(revision, true);
        }
        this.remember(revision, found);
        for (const what of news) if (isNew(found, what)) this.world.say(`ERROR: ${found[what] ?? ""}`);
    }

    private async look(revision: Revision, again = false): Promise<Partial<RepositoryMemory>> {
        if (this.#report === undefined) return {};
        const known = {
            report: this.#report,
            archiving: this.journal.archiving,
            memory: this.journal.memory(nameOf(revision)),
            now: this.world.now(),
        };
        const found = await this.#inside.look(revision, known, again);
        return { ...found, conflict: await this.#conflicts.look(revision, known) };
    }

    private remember(revision: Revision, changes: Partial<RepositoryMemory>): void {
        const name = nameOf(revision);
        this.journal.remember(name, changes);
        this.#due = dueTimes(revision.timetable, this.journal.memory(name));
    }
}

/** Of the one repository that a configuration has today. */
export function nameOf(revision: Revision): string {
    const [repository] = revision.repositories;
    if (repository === undefined) throw new Error(`the configuration ${revision.name} has no repository`);
    return repository.name;
}
