import * as v from "valibot";
import { devStack } from "./backend";
import { interruptedStatus } from "./errors";
import { foreground } from "./foreground";
import { root } from "./paths";
import { run } from "./run";

/** What Pulumi's plain output says of a resource that is worth a line here. */
const worthALine =
    /^ *(?:[+~-]{1,2}|@) *\S+:\S+:\S+ .* (?:created|updated|deleted|replaced|failed|creating|updating|deleting)\b/;

/** `pulumi up` for the dev stack: Pulumi's own living display in a terminal, else a line for each thing it does. */
export async function deploy(environment: Record<string, string>): Promise<number> {
    const args = ["up", "--yes", "--skip-preview", "--stack", devStack];
    if (process.stdout.isTTY) return (await foreground("pulumi", args, environment, { cwd: root })).status;
    let output = "";
    let unfinished = "";
    const onOutput = (text: string): void => {
        output += text;
        const lines = (unfinished + text).split("\n");
        unfinished = lines.pop() ?? "";
        for (const line of lines) if (worthALine.test(line)) console.log(`  ${line.trim()}`);
    };
    const { status } = await foreground("pulumi", [...args, "--non-interactive"], environment, {
        cwd: root,
        onOutput,
    });
    if (status !== 0 && status !== interruptedStatus) console.error(output);
    return status;
}

const History = v.array(v.object({ resourceChanges: v.optional(v.record(v.string(), v.number()), {}) }));

/** Did the last `pulumi up` change any resource? */
export async function lastUpdateChanged(environment: Record<string, string>): Promise<boolean> {
    const args = ["stack", "history", "--json", "--page-size", "1", "--stack", devStack];
    const history = v.parse(History, JSON.parse(await run("pulumi", args, { cwd: root, environment })));
    return history.some(({ resourceChanges }) =>
        Object.entries(resourceChanges).some(([kind, count]) => kind !== "same" && count > 0),
    );
}
