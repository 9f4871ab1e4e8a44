import { execFile } from "node:child_process";
import { type Answers, type JobInput, readAnswers } from "./job";

/** Beside the programs of the service. */
const PROGRAM = "/usr/local/bin/notify.cjs";
/** Milliseconds: more than any receiver is waited for. */
const PATIENCE = 90_000;

/**
 * Has another program send it. What it would load here, it would keep.
 * @param stop ends it: who stops the service does not wait for receivers
 */
export function sendApart(
    directory: string,
    job: JobInput,
    stop: AbortSignal,
    program = PROGRAM,
): Promise<Answers> {
    return new Promise((resolve, reject) => {
        const args = ["--max-semi-space-size=1", "--max-old-space-size=64", program, "send", directory];
        const options = { timeout: PATIENCE, killSignal: "SIGKILL", signal: stop } as const;
        const child = execFile(process.execPath, args, options, (error, stdout, stderr) => {
            const answers = readAnswers(stdout);
            if (error === null && answers !== undefined) resolve(answers);
            else
                reject(new Error(stderr.trim() || (error?.message ?? "the program that sends says nothing")));
        });
        // Who is to hear of it hears it from the program's end.
        child.stdin?.on("error", () => undefined);
        child.stdin?.end(JSON.stringify(job));
    });
}
