import * as v from "valibot";
import { devStack } from "./backend";
import { interruptedStatus } from "./errors";
import { foreground } from "./foreground";
import { root } from "./paths";
import { seconds } from "./progress";
import { run } from "./run";

/** What Pulumi's plain output says of a resource that is worth a line here. */
const worthALine =
    /^ *(?:[+~-]{1,2}|@) *\S+:\S+:\S+ .* (?:created|updated|deleted|replaced|failed|creating|updating|deleting)\b/;

/** Milliseconds without a line after which people wonder whether it is still alive. */
const QUIET = 15_000;

/** What the long ones of them are for. */
const PURPOSES: readonly (readonly [RegExp, string])[] = [
    [/-image$/, "the image of all containers (packages are installed)"],
    [/-setup$/, "the setup container (it proves the configuration, then publishes it)"],
    [/-apply$/, "the apply container (it waits for the first full backup)"],
];

/** Keeps in `doing` what a line says is begun, until one says that it has ended. */
function follow(doing: Map<string, string>, line: string): void {
    const [, name = "", state = ""] = /^\s*\S+ +\S+ (\S+) (\w+)/.exec(line) ?? [];
    const purpose = PURPOSES.find(([pattern]) => pattern.test(name))?.[1] ?? name;
    if (state.endsWith("ing")) doing.set(name, purpose);
    else doing.delete(name);
}

/** `pulumi up` for the dev stack: Pulumi's own living display in a terminal, else a line for each thing it does. */
export async function deploy(environment: Record<string, string>): Promise<number> {
    const args = ["up", "--yes", "--skip-preview", "--stack", devStack];
    if (process.stdout.isTTY) return (await foreground("pulumi", args, environment, { cwd: root })).status;
    let output = "";
    let unfinished = "";
    let quietSince = Date.now();
    const begun = Date.now();
    const doing = new Map<string, string>();
    const clock = setInterval(() => {
        if (Date.now() - quietSince < QUIET) return;
        quietSince = Date.now();
        console.log(`  ${seconds(begun)}, at work on ${[...doing.values()].join(", ") || "the program"}`);
    }, 1000);
    const onOutput = (text: string): void => {
        output += text;
        const lines = (unfinished + text).split("\n");
        unfinished = lines.pop() ?? "";
        for (const line of lines.filter((one) => worthALine.test(one))) {
            quietSince = Date.now();
            console.log(`  ${line.trim()}`);
            follow(doing, line);
        }
    };
    const { status } = await foreground("pulumi", [...args, "--non-interactive"], environment, {
        cwd: root,
        onOutput,
    }).finally(() => {
        clearInterval(clock);
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
