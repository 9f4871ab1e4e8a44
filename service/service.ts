import { PLACES } from "../components/docker/places";
import type { State } from "../components/protection/state";
import { Drills } from "./drills";
import { Journal } from "./journal";
import { type Left, RepositoryService } from "./repositoryService";
import { POLL } from "./runner";
import { seenBy } from "./seen";
import { eachOf, type OfOne, type Revision, type ServiceOptions, Stopped, type World } from "./world";

/** Backs up to all repositories of what is published, one run at a time, for as long as it lives. */
export class Service {
    readonly #journal: Journal;
    readonly #drills: Drills;
    readonly #repositories = new Map<string, RepositoryService>();
    /** Name of the revision that was looked at last. */
    #seen = "";
    #isLooking = false;
    /** What there are figures of; nothing before the first verdict. */
    readonly seen = () => seenBy(this.world, this.#journal, this.#repositories);

    constructor(
        private readonly world: World,
        state: State,
        private readonly options: ServiceOptions,
    ) {
        this.#journal = new Journal(world, state, options.grace);
        this.#drills = new Drills(world, this.#journal);
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
        const revision = typeof published === "object" ? published : undefined;
        await this.#drills.tick(revision);
        if (revision !== undefined) await this.lookForWal(revision);
    }

    /** It is a run of pgBackRest itself, during which the clock ticks on. */
    private async lookForWal(revision: Revision): Promise<void> {
        if (revision.repositories.length < 2 || this.#isLooking) return;
        this.#isLooking = true;
        try {
            for (const one of eachOf(revision)) await this.serviceOf(one).lookForWal(one);
        } finally {
            this.#isLooking = false;
        }
    }

    /** Beside a run. */
    private async look(revision: Revision): Promise<void> {
        for (const one of eachOf(revision)) await this.serviceOf(one).lookBeside(one);
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
        const isAcknowledged = this.world.takeAcknowledgement();
        const each = eachOf(revision);
        if (revision.name !== this.#seen && each.length === 0) this.nothingToDo();
        this.#seen = revision.name;
        if (!each.some((one) => this.serviceOf(one).isPrepared(one))) this.#drills.hold(revision);
        const left = new Map<string, Left>();
        for (const one of each) {
            const service = this.serviceOf(one);
            if (isAcknowledged) service.acknowledge();
            left.set(one.repository.name, await service.round(one));
        }
        if (each.every((one) => this.serviceOf(one).isPrepared(one))) this.forgetOthers(each);
        if ([...left.values()].includes("asBefore") || each.length === 0) return;
        const free = [...left].filter(([, what]) => what === "free").map(([name]) => name);
        if (free.length > 0) this.#drills.free(revision, free);
        else this.#drills.hold(revision);
    }

    private nothingToDo(): void {
        this.#journal.change({ begun: true, error: "", repositories: {}, doing: undefined });
        this.#journal.activity("no repository: nothing is protected");
    }

    private serviceOf({ repository: { name } }: OfOne): RepositoryService {
        const { world, options } = this;
        const service =
            this.#repositories.get(name) ??
            new RepositoryService({
                ...{ world, journal: this.#journal, drills: this.#drills, lookEvery: options.lookEvery },
                tick: () => this.tick(),
                look: (revision) => this.look(revision),
                isBackupDue: () => [...this.#repositories.values()].some((one) => one.isBackupDue()),
            });
        this.#repositories.set(name, service);
        return service;
    }

    /** Only now: what one has been called before tells the one that is there that it is no new one. */
    private forgetOthers(each: readonly OfOne[]): void {
        const names = each.map(({ repository }) => repository.name);
        this.#journal.only(names);
        for (const name of this.#repositories.keys())
            if (!names.includes(name)) this.#repositories.delete(name);
    }
}
