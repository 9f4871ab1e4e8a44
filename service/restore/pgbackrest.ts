import { endedOrStopped, start } from "../child";
import type { Revision } from "../world";

const PGBACKREST = "/usr/local/bin/on-revision.sh";

/** What a pgbackrest has said: on standard output, and on both. */
export interface Said {
    readonly status: number | null;
    readonly output: string;
    readonly all: string;
}

/**
 * Runs pgbackrest on a revision, which it holds, to its end.
 * @param stop ends it, and its workers, before that
 */
export async function pgbackrest(
    { directory, stanza }: Revision,
    args: readonly string[],
    onLine: (line: string) => void = () => undefined,
    stop?: AbortSignal,
): Promise<Said> {
    const output: string[] = [];
    const all: string[] = [];
    const own = [`--stanza=${stanza}`, "--log-level-file=off"];
    // on-revision.sh looks for the configuration of one repository alone in front of all else.
    const [first = "", ...rest] = args;
    const options = first.startsWith("--config=") ? [first, ...own, ...rest] : [...own, ...args];
    const run = start(PGBACKREST, [directory, ...options], {
        shown: false,
        onLine: (line, isOutput) => {
            all.push(line);
            if (isOutput) output.push(line);
            onLine(line);
        },
    });
    const { status } = await endedOrStopped(run, stop);
    return { status, output: output.join("\n"), all: all.join("\n") };
}

/** What a command prints that only reads; nothing when it fails, or is stopped before its end. */
export async function readOf(
    revision: Revision,
    args: readonly string[],
    stop?: AbortSignal,
): Promise<string | undefined> {
    const quiet = ["--log-level-console=off", "--log-level-stderr=off"];
    const { status, output } = await pgbackrest(revision, [...quiet, ...args], undefined, stop);
    return status === 0 ? output : undefined;
}
