import { Attempts } from "../components/protection/attempts";
import { backlogOf } from "../components/protection/backlog";
import { backingUpText } from "../components/protection/doing";
import { damageText, isLocked } from "../components/protection/output";
import { BACKUPS, type Scheduled } from "../components/schedule/file";
import { ArrivalWatch } from "./arrivalWatch";
import type { Drills } from "./drills";
import { Expiry } from "./expiry";
import type { Journal } from "./journal";
import { Plan } from "./plan";
import { Preparation } from "./preparation";
import { Runner } from "./runner";
import type { OfOne, World } from "./world";

/** What a round leaves for drills: none may begin, what was said to them stays, or there is nothing else to do. */
export type Left = "held" | "asBefore" | "free";

/** What all repositories share. */
export interface Shared {
    readonly world: World;
    readonly journal: Journal;
    readonly drills: Drills;
    readonly lookEvery: number;
    /** To be called while something runs; and to look at all repositories of what it runs on. */
    readonly tick: () => Promise<void>;
    readonly look: (revision: OfOne) => Promise<void>;
    /** Is a backup due in any of them? */
    readonly isBackupDue: () => boolean;
}

/** Stanza, check, first full backup, then full, diff, incr and verify by their schedules: of one repository. No run that fails ends it. */
export class RepositoryService {
    readonly #world: World;
    readonly #journal: Journal;
    readonly #drills: Drills;
    readonly #runner: Runner;
    readonly #plan: Plan;
    readonly #preparation: Preparation;
    readonly #expiry: Expiry;
    readonly #arrivals: ArrivalWatch;
    readonly #attempts = new Attempts();
    /** Name of the revision that was looked at last, and of the one for which everything is prepared. */
    #seen = "";
    #prepared = "";
    /** Of its lines, where there are several. */
    #label = "";

    constructor(private readonly shared: Shared) {
        const { world, journal, lookEvery, tick, look } = shared;
        [this.#world, this.#journal, this.#drills] = [world, journal, shared.drills];
        const meanwhile = { tick, look, activity: this.activity };
        this.#runner = new Runner(world, meanwhile);
        this.#plan = new Plan(world, this.#runner, journal, lookEvery);
        this.#preparation = new Preparation(world, journal, this.#runner, this.#plan, meanwhile);
        this.#expiry = new Expiry(world, this.#runner, journal);
        this.#arrivals = new ArrivalWatch(world, this.#runner, journal);
    }

    /** Is there nothing left to prepare for that revision? */
    isPrepared({ name }: OfOne): boolean {
        return this.#prepared === name;
    }

    /** The backups that there are, what has failed and is tried again, and how much room it takes. */
    get seen() {
        const { backups, walBytes: wal } = this.#plan;
        return { backups, failing: this.#attempts.failing, size: { wal, free: this.#expiry.free } };
    }

    isBackupDue(): boolean {
        return BACKUPS.some((kind) => this.isDue(kind));
    }

    /** Somebody has said that he knows what is gone, which may have been in the way. */
    acknowledge(): void {
        this.#plan.acknowledge();
        this.#attempts.forget();
    }

    /** Which of several does WAL not reach? Whatever else runs. */
    async lookForWal(revision: OfOne): Promise<void> {
        if (this.isPrepared(revision)) await this.#arrivals.look(revision, this.#plan.archiveId);
    }

    /** Beside a run, whosever: it may take hours. */
    async lookBeside(revision: OfOne): Promise<void> {
        if (this.isPrepared(revision)) await this.isThere(revision, await this.#plan.look(revision));
    }

    async round(revision: OfOne): Promise<Left> {
        const { name, repositories, repository } = revision;
        this.#label = repositories.length > 1 ? repository.name : "";
        // A new configuration may be the cure: it is tried at once.
        if (name !== this.#seen) this.#attempts.forget();
        this.#seen = name;
        await this.makeRoom(revision);
        if (name !== this.#prepared && (await this.prepare(revision))) this.#prepared = name;
        if (name !== this.#prepared) return "held";
        if (!(await this.isThere(revision, await this.#plan.check(revision)))) {
            this.#prepared = "";
            return "asBefore";
        }
        return (await this.#expiry.isFull(revision)) ? "held" : this.runWhatIsDue(revision);
    }

    private readonly activity = (text: string): void => {
        this.#journal.activity(text, this.#label);
    };

    private error(text: string): void {
        this.#journal.error(text, this.#label);
    }

    private say(text: string): void {
        this.#world.say(`${this.#label === "" ? "" : `${this.#label}: `}${text}`);
    }

    /** Where the disk is full, nothing else helps: no WAL arrives, so no check and no backup ends well. */
    private async makeRoom(revision: OfOne): Promise<void> {
        const isFull = await this.#expiry.isFull(revision);
        if (!isFull) this.#expiry.tellFull(revision, "");
        if (!isFull || !this.may("room")) return;
        await this.#drills.letExpire(revision);
        this.activity("expire: running, because the repository is full");
        const problem = await this.#expiry.makeRoom(revision);
        this.#expiry.tellFull(revision, problem ?? "");
        if (problem !== undefined) this.failed("room", problem);
        else this.succeeded("room");
        if (revision.name === this.#prepared) await this.#plan.make(revision);
    }

    /** What a new revision needs before backups can be taken. */
    private async prepare(revision: OfOne): Promise<boolean> {
        if (!this.may("prepare") || !(await this.#preparation.waitForDatabase(revision))) return false;
        const problem = await this.#preparation.make(revision);
        if (problem === undefined) {
            this.succeeded("prepare");
            return true;
        }
        this.#journal.cannotBeUsed(revision, problem);
        this.failed("prepare", problem);
        return false;
    }

    /** It can go away, and come back while something runs, when nothing else would notice. */
    private async isThere(revision: OfOne, found: string | undefined): Promise<boolean> {
        const { name, repository } = revision;
        const isBack = this.#plan.answers && this.#journal.memory(repository.name).away === name;
        const problem = found ?? (isBack ? await this.#plan.make(revision) : undefined);
        if (problem !== undefined) {
            this.say(`ERROR: ${problem}`);
            this.error(problem);
            this.#journal.cannotBeUsed(revision, problem);
        } else if (isBack) {
            this.#journal.remember(repository.name, { archiving: name, away: "" });
            this.error("");
        }
        return problem === undefined;
    }

    /** One run at a time, the most valuable first. A full run delays what would build on it. */
    private async runWhatIsDue(revision: OfOne): Promise<Left> {
        if (this.#plan.isMixed(revision)) {
            this.activity("no backup is taken: the repository has other WAL than PostgreSQL writes");
            return "held";
        }
        const mustExpire = this.#expiry.isDue(revision, this.#plan) && this.may("expire");
        if (mustExpire && (await this.#drills.letExpire(revision))) {
            await this.expire(revision);
            return "asBefore";
        }
        const kind = BACKUPS.find((one) => this.isDue(one));
        if (kind !== undefined) {
            // Somebody may have taken one by hand since the plan was made.
            const problem = await this.#plan.make(revision);
            if (problem !== undefined) this.failed(kind, problem);
            else if (this.isDue(kind)) {
                if (this.waitsForWal(revision, kind)) return "held";
                await this.backup(revision, kind);
            }
            return "asBefore";
        }
        const mustVerify = this.isDue("verify");
        if (mustVerify) await this.verify(revision);
        this.activity(
            mustExpire
                ? "expire: waiting until the drill has read what it restores"
                : `idle, next (UTC): ${this.#plan.toString(this.#drills.due(revision))}`,
        );
        return mustVerify || mustExpire ? "asBefore" : "free";
    }

    /** Its last WAL comes behind all that waits. */
    private waitsForWal(revision: OfOne, kind: Scheduled): boolean {
        // Of several it may be another that PostgreSQL waits for.
        const isWaitedFor =
            revision.repositories.length === 1 || this.#journal.memory(revision.repository.name).isBehind;
        const backlog = isWaitedFor ? backlogOf(this.#journal.archiving) : undefined;
        if (backlog === undefined) return false;
        this.activity(`${kind} backup: ${backlog}`);
        return true;
    }

    /** Has its time come, and is its back-off over? */
    private isDue(kind: Scheduled): boolean {
        return this.#plan.isDue(kind) && this.may(kind);
    }

    /** What may expire is known only after it. */
    private async backup(revision: OfOne, kind: (typeof BACKUPS)[number]): Promise<void> {
        const newest = () => this.#journal.memory(revision.repository.name).newest[kind];
        const before = newest();
        await this.#drills.letGo(revision);
        const activity = backingUpText(kind, this.#attempts.failing);
        this.activity(activity);
        const args = [`--type=${kind}`, "--no-expire-auto", "backup"];
        const outcome = await this.#runner.run(revision, `${kind} backup`, args, { activity });
        const problem = outcome.ok ? await this.#plan.make(revision) : outcome.reason;
        // What was missing may be there now.
        this.#plan.lookAgain();
        if (problem !== undefined) this.failed(kind, problem);
        else if (newest() !== before) this.succeeded(kind);
        else this.failed(kind, `the ${kind} backup ended well, but the repository does not have it`);
    }

    /** Reads the whole repository. */
    private async verify(revision: OfOne): Promise<void> {
        await this.#drills.letGo(revision);
        const began = this.#world.now();
        this.activity("verify: running");
        // It reads for hours, and can be done later.
        const mayGoOn = () => !this.shared.isBackupDue();
        const args = ["--output=text", "--verbose", "verify"];
        const outcome = await this.#runner.run(revision, "verify", args, { mayGoOn });
        if (!outcome.ok) {
            this.failed("verify", outcome.reason);
            return;
        }
        // Damage is a result, too: to read the whole repository again at once would find the same.
        const { damage: found } = outcome.said;
        const damage = found === undefined ? "" : damageText(found);
        if (damage !== "") this.say(`ERROR: ${damage}`);
        this.#journal.remember(revision.repository.name, { verified: began, damage });
        this.succeeded("verify");
        await this.#plan.make(revision);
    }

    private async expire(revision: OfOne): Promise<void> {
        this.activity("expire: running");
        const problem =
            (await this.#expiry.run(revision, this.#plan.backups)) ?? (await this.#plan.make(revision));
        if (problem !== undefined) {
            this.failed("expire", problem);
            return;
        }
        this.#expiry.rememberDone(revision, this.#plan);
        this.succeeded("expire");
    }

    private may(what: string): boolean {
        return this.#attempts.may(what, this.#world.now());
    }

    private failed(what: string, reason: string): void {
        // A run that was stopped on purpose has no error.
        if (reason === "") return;
        if (what !== "prepare" && isLocked(reason)) {
            this.say("another pgbackrest is at work in this container: waiting for it");
            this.#attempts.postpone(what, this.#world.now());
            return;
        }
        this.#expiry.hear(reason);
        const wait = this.#attempts.failed(what, this.#world.now());
        this.say(`ERROR: ${reason} - trying again in ${wait} s`);
        this.error(reason);
    }

    private succeeded(what: string): void {
        this.#attempts.succeeded(what);
        this.error("");
    }
}
