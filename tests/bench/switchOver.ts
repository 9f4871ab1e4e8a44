import { Running } from "../e2e/running";
import { Clients } from "./clients";
import { median, runs, shown } from "./measure";
import { sharedStack } from "./stacks";

/** PostgreSQL's move by `up` to what was restored beside it: what clients see of it, and what `up` tells of its length. */
export async function switchOver(): Promise<void> {
    const stack = await sharedStack();
    const running = new Running(stack);
    const image = await running.inspect("postgres", "{{.Image}}");
    await running.sql("create table if not exists beats (time timestamptz)", "app");
    await running.sql("grant all on beats to public", "app");
    const clients = await Clients.start(stack.name, image, String((await stack.outputs())["connection"]));
    const gaps: number[] = [];
    const told: number[] = [];
    try {
        for (let run = 0; run < runs(3); run++) {
            stack.configure({ restore: { name: `run-${run}` } });
            const [{ output }, { gap }] = await clients.during(() => stack.mustUp());
            gaps.push(gap);
            told.push(Number(/database was away for (\S+) s/.exec(output)?.[1]));
        }
    } finally {
        await clients.stop();
    }
    console.log(
        `switch-over of an idle database: ${shown(median(gaps))} s without an answer to any of 4 clients (${gaps.map(shown).join(", ")}); \`up\` told ${told.map(shown).join(", ")}`,
    );
}
