import type { SectionOption } from "./line";
import { inForce } from "./together";

/**
 * Most memory in MiB that one process needs which compresses with zst up to a level. Measured with pgBackRest's own workers and, for
 * files larger than the window, with zstd on 400 MiB: 10 at level 1, 19 at 9, 71 at 15, 91 at 19, 195 at 20, 387 at 21, 779 at 22.
 */
const ZST: readonly (readonly [level: number, mebibytes: number])[] = [
    [9, 20],
    [15, 75],
    [19, 95],
    [20, 200],
    [21, 390],
    [22, 780],
];
/** All other kinds of compression stay below this. */
const OTHER = 20;
/** What remains of a command: its main process, and the shell or the service around it. */
const BASE = 40;

/** Memory in MiB that a command (`backup` or `archive-push`) needs at most by its options. */
export function compressionMemory(options: readonly SectionOption[], command: string): number {
    const value = (name: string): string | undefined => inForce(options, name, command)?.value;
    const level = Number(value("compress-level") ?? 3);
    const each =
        value("compress-type") === "zst"
            ? (ZST.find(([greatest]) => level <= greatest)?.[1] ?? OTHER)
            : OTHER;
    const alone = command === "archive-push" && value("archive-async") !== "y";
    return BASE + each * (alone ? 1 : Number(value("process-max") ?? 1));
}
