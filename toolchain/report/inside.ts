// `report.cjs STACK NAME` in the backup container prints the report for the digest that is sent by mail. A program of its own: what draws the
// page needs more memory than the service, and nobody else in the image needs it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PLACES } from "../../components/docker/places";
import { AtWork } from "../operations/atWork";
import { look } from "../operations/seen";
import type { Result, RunOptions } from "../run";
import { attempt } from "../run";
import { factsOf } from "./facts";
import { page } from "./page";

/** The stack in whose backup container this runs: what is asked of a container is run here, by the same user. */
class Inside extends AtWork {
    constructor(name: string) {
        const [postgres, backup] = [`${name}-postgres`, `${name}-backup`];
        const stanza = readFileSync(join(PLACES.published, "current", "stanza"), "utf8").trim();
        super({
            outputs: {
                ...{ revision: "", stanza, containers: { setup: "", postgres, backup } },
                ...{ volumes: { data: "", state: "" }, deployment: { moves: [] } },
            },
            ...{ dockerHost: "", image: "", engine: {} },
        });
    }

    override docker(args: readonly string[], options: Omit<RunOptions, "environment"> = {}): Promise<Result> {
        const container = args.findIndex((arg) => arg === this.backup || arg === this.postgres);
        const [program = "", ...rest] = args.slice(container + 1);
        return attempt(program, rest, options);
    }
}

async function print(stack: string, name: string): Promise<number> {
    const seen = await look(new Inside(name));
    if ("status" in seen) {
        console.error(seen.lines.filter((line) => typeof line === "string").join("\n"));
        return 1;
    }
    // What the last `up` has left is in the stack's state, which no container has.
    process.stdout.write(page(factsOf(seen, { stack, name, description: undefined })));
    return 0;
}

const [stack = "", name = ""] = process.argv.slice(2);
print(stack, name).then(
    (status) => {
        process.exitCode = status;
    },
    (error: unknown) => {
        console.error(error instanceof Error ? error.message : String(error));
        process.exitCode = 2;
    },
);
