import { type Report, readInfo } from "../../components/protection/info";
import { endedOrStopped } from "../child";
import { startOnRevision } from "../onRevision";
import type { Revision } from "../world";

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
    revision: Revision,
    args: readonly string[],
    onLine: (line: string) => void = () => undefined,
    stop?: AbortSignal,
): Promise<Said> {
    const output: string[] = [];
    const all: string[] = [];
    const run = startOnRevision(revision, args, {
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

/**
 * What a repository holds, as pgBackRest prints it and as it is read; nothing where it says nothing.
 * @param past options that read it as it was
 */
export async function infoOf(
    revision: Revision,
    number: number,
    past: readonly string[] = [],
    stop?: AbortSignal,
): Promise<{ readonly json: string; readonly report: Report | undefined }> {
    const args = [`--repo=${number}`, ...past, "--output=json", "info"];
    const json = (await readOf(revision, args, stop)) ?? "";
    return { json, report: readInfo(json, revision.stanza) };
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
