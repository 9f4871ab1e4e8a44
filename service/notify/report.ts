import { execFile } from "node:child_process";
import type { Notify } from "../../components/notify/wish";
import { oneLine } from "../../components/protection/text";

/** Beside the program that sends. */
const PROGRAM = "/usr/local/bin/report.cjs";
/** Milliseconds: a repository that is away is on the page as that well before. */
const PATIENCE = 60_000;

/** The page for people, or why there is none. */
export type Report = { readonly html: string } | { readonly problem: string };

/** Has another program make it, which ends with it: what draws the page would be half of this one. */
export function makeReport({ stack, name }: Pick<Notify, "stack" | "name">): Promise<Report> {
    return new Promise((resolve) => {
        const args = ["--max-semi-space-size=1", "--max-old-space-size=64", PROGRAM, stack, name];
        const options = { timeout: PATIENCE, killSignal: "SIGKILL", maxBuffer: 2 ** 23 } as const;
        execFile(process.execPath, args, options, (error, stdout, stderr) => {
            if (error === null) resolve({ html: stdout });
            else resolve({ problem: oneLine(stderr.trim() === "" ? error.message : stderr, 300) });
        });
    });
}

/** What a mail says of it. */
export function reportText(report: Report): string {
    return "html" in report
        ? "The report is attached: a page for the browser that loads nothing."
        : `The report could not be made: ${report.problem}`;
}
