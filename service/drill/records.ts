import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PLACES } from "../../components/docker/places";
import { withRecord } from "../../components/drill/found";
import { type DrillOrder, ORDER, readOrder } from "../../components/drill/order";
import {
    type DrillRecord,
    DRILLS,
    KEPT_DRILLS,
    readDrills,
    readRunningDrill,
    RUNNING_DRILL,
    type RunningDrill,
} from "../../components/drill/record";
import { Volume } from "../restore/volume";

/** Somebody wants one now, by hand; and that the one that runs ends. */
const ASKED = "asked";
const STOP = "stop";

/** What drills note of themselves, and what is asked of them. */
export class Records {
    readonly #volume: Volume;

    constructor(
        private readonly directory: string = PLACES.drills,
        private readonly orders: string = PLACES.state,
    ) {
        this.#volume = new Volume(directory);
    }

    all(): readonly DrillRecord[] {
        return readDrills(this.text(DRILLS));
    }

    add(record: DrillRecord): void {
        this.#volume.write(DRILLS, `${JSON.stringify(withRecord(this.all(), record, KEPT_DRILLS))}\n`);
    }

    running(): RunningDrill | undefined {
        return readRunningDrill(this.text(RUNNING_DRILL));
    }

    note(running: RunningDrill): void {
        this.#volume.write(RUNNING_DRILL, `${JSON.stringify(running)}\n`);
    }

    /** None runs any more. */
    noteEnd(): void {
        this.#volume.remove(RUNNING_DRILL);
    }

    /** What the backup service wants. */
    order(): DrillOrder {
        return readOrder(read(join(this.orders, ORDER))) ?? { wanted: 0, aside: false };
    }

    /** @param repository nothing: the first that can serve */
    ask(repository = ""): void {
        this.#volume.write(ASKED, repository);
    }

    isAsked(): boolean {
        return this.#volume.has(ASKED);
    }

    /** Of which. */
    askedRepository(): string | undefined {
        return this.text(ASKED) || undefined;
    }

    /** It begins, or is not wanted any more. */
    askNoMore(): void {
        this.#volume.remove(ASKED);
    }

    stop(): void {
        this.#volume.write(STOP, "");
    }

    isStopped(): boolean {
        return this.#volume.has(STOP);
    }

    stopNoMore(): void {
        this.#volume.remove(STOP);
    }

    private text(name: string): string {
        return read(join(this.directory, name));
    }
}

function read(path: string): string {
    try {
        return readFileSync(path, "utf8");
    } catch {
        return "";
    }
}
