import { PLACES } from "../components/docker/places";
import { Attempts } from "../components/protection/attempts";
import { backlogOf } from "../components/protection/backlog";
import { rememberPlaces, type State } from "../components/protection/state";
import { BACKUPS, type Scheduled } from "../components/schedule/file";
import { Drills } from "./drills";
import { Expiry } from "./expiry";
import { Journal } from "./journal";
import { nameOf, Plan } from "./plan";
import { POLL, Runner } from "./runner";
import { seenBy } from "./seen";
import { makeStanza } from "./stanza";
import { type Revision, type ServiceOptions, Stopped, type World } from "./world";

/** Stanza, check, first full backup, then full, diff, incr and verify by their schedules, for as long as it lives. No run that fails ends it. */
export class Service {
    readonly #journal: Journal;
    readonly #runner: Runner;
    readonly #plan: Plan;
    readonly #expiry: Expiry;
    readonly #drills: Drills;
    readonly #attempts = new Attempts();
    /** Name of the revision that was looked at last, and of the one for which everything is prepared. */
    #seen = "";
    #prepared = "";
    /** What there are figures of; nothing before the first verdict. */
    readonly seen = () => seenBy(this.world, this.#journal, this.#plan, this.#attempts);

    constructor(
        private readonly world: World,
        state: State,
        { grace, lookEvery }: ServiceOptions,
    ) {
        this.#journal = new Journal(world, state, grace);
        this.#drills = new Drills(world, this.#journal);
        this.#runner = new Runner(world, {
            tick: () => this.tick(),
            activity: (text) => {
                this.#journal.activity(text);
            },
        });
        this.#plan = new Plan(world, this.#runner, this.#journal, lookEvery);
        this.#expiry = new Expiry(world, this.#runner, this.#journal);
    }

    get state(): State {
        return this.#journal.state;
    }

    /** Resolves when the service has been told to end, and has. */
    async run(): Promise<void> {
        // What was true before says nothing about now.
        this.#journal.nothingIsConfirmed();
        this.#journal.verifyDamageAgain();
        this.#journal.error("");
        this.#journal.change({ activity: "" });
        this.#journal.activity("started");
        try {
            for (;;) {
                await this.round(await this.published());
                await this.pause();
            }
        } catch (error) {
            if (!(error instanceof Stopped)) throw error;
            this.#drills.end();
            this.#journal.nothingIsConfirmed();
            this.#journal.change({ activity: "stopped" });
        }
    }

    private async pause(): Promise<void> {
        await this.tick();
        await this.world.sleep(POLL);
    }

    private async tick(): Promise<void> {
        await this.#journal.tick();
        const published = this.world.published();
        await this.#drills.tick(typeof published === "object" ? published : undefined);
    }

    private async published(): Promise<Revision> {
        for (;;) {
            const published = this.world.published();
            if (typeof published === "object") return published;
            this.#journal.activity(
                published === undefined
                    ? `waiting for a configuration in ${PLACES.published}: the setup container publishes it`
                    : `ERROR: the published configuration cannot be used: ${published}`,
            );
            await this.pause();
        }
    }

    private async round(revision: Revision): Promise<void> {
        // A new configuration may be the cure, and so may who gives up what was in the way: it is tried at once.
        if (this.#plan.isAcknowledged() || revision.name !== this.#seen) this.#attempts.forget();
        this.#seen = revision.name;
        if (revision.name !== this.#prepared) this.#drills.hold(revision);
        await this.makeRoom(revision);
        if (revision.name !== this.#prepared && (await this.prepare(revision)))
            this.#prepared = revision.name;
        if (revision.name !== this.#prepared || revision.repositories.length === 0) return;
        if (!(await this.isStillThere(revision))) this.#prepared = "";
        else if (await this.#expiry.isFull(revision)) this.#drills.hold(revision);
        else await this.runWhatIsDue(revision);
    }

    /** Where the disk is full, nothing else helps: no WAL arrives, so no check and no backup ends well. */
    private async makeRoom(revision: Revision): Promise<void> {
        const isFull = await this.#expiry.isFull(revision);
        if (!isFull) this.#expiry.tellFull(revision, "");
        if (!isFull || !this.may("room")) return;
        await this.#drills.letExpire(revision);
        this.#journal.activity("expire: running, because the repository is full");
        const problem = await this.#expiry.makeRoom(revision);
        this.#expiry.tellFull(revision, problem ?? "");
        if (problem !== undefined) this.failed("room", problem);
        else this.succeeded("room");
        if (revision.name === this.#prepared) await this.#plan.make(revision);
    }

    /** What a new revision needs before backups can be taken: the stanza, and proof that WAL arrives in the repository. */
    private async prepare(revision: Revision): Promise<boolean> {
        const journal = this.#journal;
        if (revision.repositories.length === 0) {
            journal.change({ begun: true, error: "", repositories: {} });
            journal.activity("no repository: nothing is protected");
            return true;
        }
        if (!this.may("prepare") || !(await this.waitForDatabase(revision))) return false;
        const problem = await this.prepareStanza(revision);
        if (problem === undefined) {
            this.succeeded("prepare");
            return true;
        }
        journal.nothingIsConfirmed();
        this.failed("prepare", problem);
        return false;
    }

    private async prepareStanza(revision: Revision): Promise<string | undefined> {
        const { name, stanza, repositories } = revision;
        const journal = this.#journal;
        journal.activity(`configuration ${name}: making sure of the stanza`);
        const broken = await makeStanza(this.#runner, revision);
        if (broken !== undefined) return broken;
        journal.activity(`configuration ${name}: checking that WAL reaches the repository`);
        const checked = await this.#runner.run(revision, "check", ["check"]);
        if (!checked.ok) return checked.reason;
        const memories = rememberPlaces(journal.state, repositories, stanza, this.world.now());
        journal.change({ begun: true, repositories: memories });
        const problem = await this.#plan.make(revision);
        if (problem === undefined)
            for (const repository of repositories) journal.remember(repository.name, { archiving: name });
        return problem;
    }

    /** PostgreSQL and the role that apply makes. Quiet: this is how every first start begins. */
    private async waitForDatabase(revision: Revision): Promise<boolean> {
        while (!(await this.world.databaseAnswers())) {
            this.#journal.activity(
                "waiting for PostgreSQL and its role pgbackrest (the apply container makes it)",
            );
            await this.pause();
            const now = this.world.published();
            if (typeof now !== "object" || now.name !== revision.name) return false;
        }
        return true;
    }

    /** It can go away while the database is idle, when nothing else would notice. */
    private async isStillThere(revision: Revision): Promise<boolean> {
        const problem = await this.#plan.check(revision);
        if (problem === undefined) return true;
        this.world.say(`ERROR: ${problem}`);
        this.#journal.nothingIsConfirmed();
        this.#journal.error(problem);
        return false;
    }

    /** One run at a time, the most valuable first. A full run delays what would build on it. */
    private async runWhatIsDue(revision: Revision): Promise<void> {
        if (this.#plan.isMixed(revision)) {
            this.#drills.hold(revision);
            this.#journal.activity("no backup is taken: the repository has other WAL than PostgreSQL writes");
            return;
        }
        const mustExpire = this.#expiry.isDue(revision, this.#plan) && this.may("expire");
        if (mustExpire && (await this.#drills.letExpire(revision))) {
            await this.expire(revision);
            return;
        }
        const kind = BACKUPS.find((one) => this.isDue(one));
        if (kind !== undefined) {
            // Somebody may have taken one by hand since the plan was made.
            const problem = await this.#plan.make(revision);
            if (problem !== undefined) this.failed(kind, problem);
            else if (this.isDue(kind) && !this.waitsForWal(revision, kind)) await this.backup(revision, kind);
            return;
        }
        if (this.isDue("verify")) await this.verify(revision);
        else if (!mustExpire) this.#drills.free(revision);
        this.#journal.activity(
            mustExpire
                ? "expire: waiting until the drill has read what it restores"
                : `idle, next (UTC): ${this.#plan.toString(this.#drills.due(revision))}`,
        );
    }

    /** Its last WAL comes behind all that waits. */
    private waitsForWal(revision: Revision, kind: Scheduled): boolean {
        const backlog = backlogOf(this.#journal.archiving);
        if (backlog === undefined) return false;
        this.#drills.hold(revision);
        this.#journal.activity(`${kind} backup: ${backlog}`);
        return true;
    }

    /** Has its time come, and is its back-off over? */
    private isDue(kind: Scheduled): boolean {
        return this.#plan.isDue(kind) && this.may(kind);
    }

    /** What may expire is known only after it. */
    private async backup(revision: Revision, kind: (typeof BACKUPS)[number]): Promise<void> {
        const newest = () => this.#journal.memory(nameOf(revision)).newest[kind];
        const before = newest();
        await this.#drills.letGo(revision);
        this.#journal.activity(`${kind} backup: running`);
        const args = [`--type=${kind}`, "--no-expire-auto", "backup"];
        const outcome = await this.#runner.run(revision, `${kind} backup`, args);
        const problem = outcome.ok ? await this.#plan.make(revision) : outcome.reason;
        // What was missing may be there now.
        this.#plan.lookAgain();
        if (problem !== undefined) this.failed(kind, problem);
        else if (newest() !== before) this.succeeded(kind);
        else this.failed(kind, `the ${kind} backup ended well, but the repository does not have it`);
    }

    /** Reads the whole repository. */
    private async verify(revision: Revision): Promise<void> {
        await this.#drills.letGo(revision);
        const began = this.world.now();
        this.#journal.activity("verify: running");
        // It reads for hours, and can be done later.
        const mayGoOn = (): boolean => !BACKUPS.some((kind) => this.isDue(kind));
        const args = ["--output=text", "--verbose", "verify"];
        const outcome = await this.#runner.run(revision, "verify", args, mayGoOn);
        if (!outcome.ok) {
            this.failed("verify", outcome.reason);
            return;
        }
        // Damage is a result, too: to read the whole repository again at once would find the same.
        const { damage: found } = outcome.said;
        const damage =
            found === undefined
                ? ""
                : `verify found damage in the repository: ${found}. When it is mended, restart the backup service: it verifies again at once`;
        if (damage !== "") this.world.say(`ERROR: ${damage}`);
        this.#journal.remember(nameOf(revision), { verified: began, damage });
        this.succeeded("verify");
        await this.#plan.make(revision);
    }

    private async expire(revision: Revision): Promise<void> {
        this.#journal.activity("expire: running");
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
        return this.#attempts.may(what, this.world.now());
    }

    private failed(what: string, reason: string): void {
        // A run that was stopped on purpose has no error.
        if (reason === "") return;
        if (what !== "prepare" && reason.includes("[050]")) {
            this.world.say("another pgbackrest is at work in this container: waiting for it");
            this.#attempts.postpone(what, this.world.now());
            return;
        }
        this.#expiry.hear(reason);
        const wait = this.#attempts.failed(what, this.world.now());
        this.world.say(`ERROR: ${reason} - trying again in ${wait} s`);
        this.#journal.error(reason);
    }

    private succeeded(what: string): void {
        this.#attempts.succeeded(what);
        this.#journal.error("");
    }
}
