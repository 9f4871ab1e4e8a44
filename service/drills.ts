import { dueDrill } from "../components/drill/due";
import type { DrillOrder } from "../components/drill/order";
import type { Journal } from "./journal";
import { POLL } from "./runner";
import { eachOf, type OfOne, type Revision, type World } from "./world";

/** How often a drill is asked after that is to let go of the repository, each a second or more: its container may be away. */
const ASKED_TIMES = 30;
/** Seconds after which a drill that is due waits for nothing any more, so that it comes to its end whatever else there is to do. */
const PATIENCE = 6 * 3600;
/** Seconds between two tries of a commit that has failed, at most. */
const COMMIT_AGAIN = 30;

/** What a drill does with the repository. The steps after these do without. */
const READING: readonly string[] = ["restore", "replay"];

/** `held`: none begins, and one that runs goes on. `busy`: it lets go of the repository, too. `expiring`: however long it has waited. */
type Say = "held" | "busy" | "expiring" | "free";

/** Says to the container of the drills when one is to begin, and when to let go of the repository. It never waits for that container for long. */
export class Drills {
    #say: Say = "held";
    #told: DrillOrder | undefined;
    /** The drill that is due, and since when this service knows. */
    #waiting: (Due & { readonly since: number }) | undefined;
    /** Names of the repositories that can be restored; nothing before that is known. */
    #ready: readonly string[] | undefined;
    /** When the drill began that was asked to let go and has not: it has done so too often. */
    #stays: number | undefined;
    #committed = -Infinity;

    constructor(
        private readonly world: World,
        private readonly journal: Journal,
    ) {}

    /** To be called every second or so, whatever runs. */
    async tick(revision: Revision | undefined): Promise<void> {
        this.tell(revision);
        const { heartbeat } = revision?.timetable ?? {};
        const now = this.world.now();
        if (heartbeat === undefined || !this.isOn(revision)) return;
        // A clock may be set back.
        if (Math.abs(now - this.#committed) < heartbeat) return;
        const isDone = await this.world.commit();
        this.#committed = isDone ? now : now - heartbeat + Math.min(heartbeat, COMMIT_AGAIN);
    }

    /** Nothing else is to be done, and these repositories can be restored. */
    free(revision: Revision, ready: readonly string[]): void {
        this.#say = "free";
        this.#ready = ready;
        this.tell(revision);
    }

    /** It is not known what is to be done. */
    hold(revision: Revision): void {
        this.#say = "held";
        this.tell(revision);
    }

    /** The service ends: what has let go may go on. */
    end(): void {
        this.world.order(NONE);
    }

    /** A run begins as soon as no drill reads the repository, or the drill has had its time for that. */
    letGo(revision: Revision): Promise<boolean> {
        return this.ask(revision, "busy");
    }

    /** The same for one that removes what a drill may read. Tells whether none does now: it waits as long as the drill reads. */
    letExpire(revision: Revision): Promise<boolean> {
        return this.ask(revision, "expiring");
    }

    private async ask(revision: Revision, say: Say): Promise<boolean> {
        this.#say = say;
        this.tell(revision);
        for (let asked = 0; asked < ASKED_TIMES && this.mayLetGo(); asked++) {
            this.journal.activity("waiting until the drill lets go of the repository");
            await this.world.sleep(POLL);
            await this.journal.tick();
            await this.tick(revision);
        }
        const { running } = this.world.drills();
        this.#stays = this.isRead() ? running?.began : undefined;
        return !this.isRead();
    }

    /** When the next of a repository is due; nothing where that cannot be told, or none ever is. */
    due({ repository: { name, timetable }, repositories }: OfOne): number | undefined {
        if (!this.journal.knows(name)) return undefined;
        const drills = this.journal.drills(name, repositories);
        return dueDrill(timetable, this.journal.memory(name), drills, this.world.now());
    }

    /** The one that is due for the longest time, by the order of the list where that is the same. */
    private first(revision: Revision): Due | undefined {
        return eachOf(revision)
            .filter(({ repository }) => this.#ready?.includes(repository.name) !== false)
            .map((one) => ({ due: this.due(one) ?? Infinity, repository: one.repository.name }))
            .sort((a, b) => a.due - b.due)
            .find(({ due }) => due <= this.world.now());
    }

    private mayLetGo(): boolean {
        const { running } = this.world.drills();
        return this.isRead() && this.#told?.aside === true && running?.began !== this.#stays;
    }

    private isRead(): boolean {
        return READING.includes(this.world.drills().running?.phase ?? "");
    }

    private isOn(revision: Revision | undefined): revision is Revision {
        return revision?.repositories.some(({ timetable }) => timetable.schedules.has("drill")) === true;
    }

    private tell(revision: Revision | undefined): void {
        const order = this.isOn(revision) ? this.orderOf(revision) : NONE;
        const { wanted = 0, aside = false, repository } = this.#told ?? {};
        const isOther = order.repository !== repository;
        if (this.#told !== undefined && order.wanted === wanted && order.aside === aside && !isOther) return;
        this.world.order(order);
        this.#told = order;
        if (order.wanted > wanted || (order.wanted > 0 && isOther))
            this.world.say(`${dueText(revision, order)} is due: it begins when nothing else is to be done`);
    }

    private orderOf(revision: Revision): DrillOrder {
        const first = this.first(revision);
        const now = this.world.now();
        const { due, repository } = this.#waiting ?? {};
        if (first === undefined) this.#waiting = undefined;
        else if (first.due !== due || first.repository !== repository)
            this.#waiting = { ...first, since: now };
        const isPatient = now - (this.#waiting?.since ?? now) < PATIENCE;
        return {
            ...(first === undefined || this.#say === "held"
                ? { wanted: 0 }
                : { wanted: first.due, repository: first.repository }),
            aside: this.#say === "expiring" || (this.#say === "busy" && isPatient),
        };
    }
}

interface Due {
    readonly due: number;
    /** Of which. */
    readonly repository: string;
}

const NONE: DrillOrder = { wanted: 0, aside: false };

function dueText(revision: Revision | undefined, { repository = "" }: DrillOrder): string {
    const isOneOfSeveral = (revision?.repositories.length ?? 0) > 1;
    return `a drill${isOneOfSeveral ? ` of ${repository}` : ""}`;
}
