/** One line of Pulumi's log. */
export interface LogLine {
    /** Milliseconds since the epoch. */
    readonly time: number;
    readonly message: string;
}

/** What Pulumi writes with `-v=9 --logtostderr`; its other output is left out, which may be before a line of the log. */
export function parseLog(output: string): LogLine[] {
    return output.split("\n").flatMap((line) => {
        const begin = line.indexOf('{"time"');
        if (begin < 0) return [];
        const parsed: unknown = JSON.parse(line.slice(begin));
        if (typeof parsed !== "object" || parsed === null) return [];
        const fields = new Map<string, unknown>(Object.entries(parsed));
        return [{ time: Date.parse(String(fields.get("time"))), message: String(fields.get("msg")) }];
    });
}

const RUN = /^langhost\[nodejs\]\.Run\(/;
const RAN = /^langhost\[nodejs\]\.Run\(.* success/s;
const STACK = /Registering resource: t=pulumi:pulumi:Stack,/;
const COMPONENT = /Registering resource: t=pgbackrest:index:ProtectedPostgres,/;
const LAUNCH = /^newPlugin\(\): Launching plugin '(.*) \(resource\)'/;

/** Where one phase ends and the next begins, in their order: the name of the phase, and how to find its end. */
const MARKS: readonly (readonly [string, (log: readonly LogLine[]) => LogLine | undefined])[] = [
    ["Pulumi: project, state, passphrase", first(RUN)],
    ["Node.js and the SDK's language host", first(STACK)],
    ["our program, up to its first resource", first(COMPONENT)],
    ["start of the plugins, side by side", lastPluginReady],
    ["resources, each behind what it needs", first(RAN)],
    ["end of the plugins and of Pulumi", (log) => log.at(-1)],
];

function first(pattern: RegExp) {
    return (log: readonly LogLine[]): LogLine | undefined => log.find(({ message }) => pattern.test(message));
}

/** How many milliseconds each phase of a preview took. */
export function phases(log: readonly LogLine[]): Map<string, number> {
    let from = log[0]?.time ?? Number.NaN;
    const found = new Map<string, number>();
    for (const [name, find] of MARKS) {
        const end = find(log);
        if (end === undefined) throw new Error(`Pulumi's log does not show the end of: ${name}`);
        found.set(name, end.time - from);
        from = end.time;
    }
    return found;
}

/** When each plugin was started, and when it had answered for the first of its resources. */
function plugins(
    log: readonly LogLine[],
): { readonly name: string; readonly start: LogLine; readonly ready: LogLine }[] {
    return log.flatMap((start) => {
        const name = LAUNCH.exec(start.message)?.[1];
        if (name === undefined) return [];
        const answer = new RegExp(`^Provider\\[.*\\.Check\\(urn:.*\\$${name}:.*success`);
        const ready = log.find(({ message }) => answer.test(message));
        return ready === undefined ? [] : [{ name, start, ready }];
    });
}

function lastPluginReady(log: readonly LogLine[]): LogLine | undefined {
    return plugins(log)
        .map(({ ready }) => ready)
        .sort((a, b) => a.time - b.time)
        .at(-1);
}

/** How many milliseconds each plugin took from its start until it had answered for the first of its resources. */
export function pluginStarts(log: readonly LogLine[]): Map<string, number> {
    return new Map(plugins(log).map(({ name, start, ready }) => [name, ready.time - start.time]));
}
