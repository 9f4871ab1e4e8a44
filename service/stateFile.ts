import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type DrillOrder, ORDER } from "../components/drill/order";
import { FORMER_FILES, newState, readState, type State, takeOver } from "../components/protection/state";
import { replaceFile } from "./files";

const FILE = "state.json";
/** `acknowledge-loss.sh` makes it. */
const ACKNOWLEDGED = "acknowledged";

/** What the service remembers, in a file of a directory that is its own. */
export class StateFile {
    constructor(private readonly directory: string) {}

    /**
     * The state that was written last. There may be none, or that of the shell script which was the service before; what cannot be read is set
     * aside, since all that matters in it can be had from the repository.
     */
    load(service: string, now: number, say: (text: string) => void): State {
        const text = this.read(FILE);
        const state = text === undefined ? undefined : readState(text);
        if (state !== undefined) return { ...state, service };
        if (text !== undefined) {
            renameSync(this.path(FILE), this.path(`${FILE}.unreadable`));
            say(
                `ERROR: the state in ${FILE} cannot be read, and is kept as ${FILE}.unreadable: beginning anew`,
            );
            return newState(service, now);
        }
        const former = FORMER_FILES.flatMap((file) => {
            const content = this.read(file);
            return content === undefined ? [] : [[file, content.trim()] as const];
        });
        return takeOver(new Map(former), service, now);
    }

    save(state: State, durable: boolean): void {
        this.replace(FILE, state, durable);
    }

    order(order: DrillOrder): void {
        // After a crash of the machine the service says it again.
        this.replace(ORDER, order, false);
    }

    private replace(name: string, content: State | DrillOrder, durable: boolean): void {
        replaceFile(this.path(name), `${JSON.stringify(content)}\n`, durable);
    }

    /** The files of the service before, once what they say is saved. */
    removeFormer(): void {
        for (const file of FORMER_FILES) rmSync(this.path(file), { force: true });
    }

    /** Is there an acknowledgement? It counts once. */
    takeAcknowledgement(): boolean {
        const file = this.path(ACKNOWLEDGED);
        const isThere = existsSync(file);
        if (isThere) rmSync(file);
        return isThere;
    }

    private read(file: string): string | undefined {
        try {
            return readFileSync(this.path(file), "utf8");
        } catch {
            return undefined;
        }
    }

    private path(file: string): string {
        return join(this.directory, file);
    }
}
