import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Drilled, Drills } from "../components/drill/due";
import {
    DRILLS,
    readDrills,
    readRunningDrill,
    RUNNING_DRILL,
    type RunningDrill,
    SILENT_DRILL,
} from "../components/drill/record";
import { oneLine } from "../components/protection/text";

/** What drills note of themselves. */
export class DrillFiles {
    #version = "";
    #ended: readonly Drilled[] = [];

    /** @param directory which is not there where drills are off */
    constructor(private readonly directory: string) {}

    /** @param now in milliseconds */
    look(now: number): Drills {
        return { ended: this.ended(), running: this.running(now) };
    }

    /** Read again only when there is another one: there may be many, and they have noted much. */
    private ended(): readonly Drilled[] {
        const { version } = this.stat(DRILLS);
        if (version !== this.#version) {
            this.#version = version;
            this.#ended = readDrills(this.read(DRILLS)).map(shortened);
        }
        return this.#ended;
    }

    private running(now: number): RunningDrill | undefined {
        const { written } = this.stat(RUNNING_DRILL);
        return Math.abs(now - written) < SILENT_DRILL * 1000
            ? readRunningDrill(this.read(RUNNING_DRILL))
            : undefined;
    }

    private stat(file: string): { readonly version: string; readonly written: number } {
        try {
            const { ino, size, mtimeMs } = statSync(join(this.directory, file));
            return { version: `${ino} ${size} ${mtimeMs}`, written: mtimeMs };
        } catch {
            return { version: "", written: -Infinity };
        }
    }

    private read(file: string): string {
        try {
            return readFileSync(join(this.directory, file), "utf8");
        } catch {
            return "";
        }
    }
}

function shortened({ began, ended, result, why, repository, recoveryTime, recoveryPoint }: Drilled): Drilled {
    return { began, ended, result, why: oneLine(why), repository, recoveryTime, recoveryPoint };
}
