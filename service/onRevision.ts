import { start } from "./child";
import type { Revision, Run, RunOptions } from "./world";

const PGBACKREST = "/usr/local/bin/on-revision.sh";

/** Starts pgbackrest on a revision, which it holds. */
export function startOnRevision(
    { directory, stanza }: Revision,
    args: readonly string[],
    options: RunOptions,
): Run {
    const own = [`--stanza=${stanza}`, "--log-level-file=off"];
    // on-revision.sh looks for the configuration of one repository alone in front of all else.
    const [first = "", ...rest] = args;
    const all = first.startsWith("--config=") ? [first, ...own, ...rest] : [...own, ...args];
    return start(PGBACKREST, [directory, ...all], options);
}
