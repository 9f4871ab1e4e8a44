import { devStack } from "./backend";
import { interruptedStatus } from "./errors";
import { foreground } from "./foreground";
import { root } from "./paths";

export interface Deployed {
    readonly status: number;
    /** Did it change any resource? */
    readonly changed: boolean;
}

/** What Pulumi's plain output says of a resource that is worth a line here. */
const worthALine =
    /^ *(?:[+~-]{1,2}|@) *\S+:\S+:\S+ .* (?:created|updated|deleted|replaced|failed|creating|updating|deleting)\b/;

/** `pulumi up` for the dev stack: Pulumi's own living display in a terminal, else a line for each thing it does. */
export async function deploy(environment: Record<string, string>): Promise<Deployed> {
    const args = ["up", "--yes", "--skip-preview", "--stack", devStack];
    if (process.stdout.isTTY) {
        const { status } = await foreground("pulumi", args, environment, { cwd: root });
        return { status, changed: true };
    }
    let output = "";
    let unfinished = "";
    const { status } = await foreground("pulumi", [...args, "--non-interactive"], environment, {
        cwd: root,
        onOutput: (text) => {
            output += text;
            const lines = (unfinished + text).split("\n");
            unfinished = lines.pop() ?? "";
            for (const line of lines) if (worthALine.test(line)) console.log(`  ${line.trim()}`);
        },
    });
    if (status !== 0 && status !== interruptedStatus) console.error(output);
    return { status, changed: !/^Resources:\n\s+\d+ unchanged\s*$/m.test(output) };
}
