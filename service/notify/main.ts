// Sends what is to be told, and what people ask of that; another program than the backup service, which would keep what this one loads.
//   check DIRECTORY     whether the published file of that revision can be used: setup asks
//   send DIRECTORY      the job on standard input; the answers, as JSON: the backup service asks
//   test [RECEIVER]     a message to each; the answers, as JSON
//   silence SECONDS     nobody is told anything for so long; why is on standard input
//   silence off
import { readFileSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { PLACES } from "../../components/docker/places";
import { LONGEST_SILENCE, SILENCE, type Silence } from "../../components/notify/silence";
import { oneLine } from "../../components/protection/text";
import { replaceFile } from "../files";
import { readJob } from "./job";
import { problemOf, send, sendTest } from "./send";

process.umask(0o027);
const [command = "", argument] = process.argv.slice(2);
run(command, argument).then(
    (status) => {
        process.exitCode = status;
    },
    (error: unknown) => {
        console.error(error instanceof Error ? error.message : String(error));
        process.exitCode = 2;
    },
);

async function run(command: string, argument: string | undefined): Promise<number> {
    const now = Math.floor(Date.now() / 1000);
    if (command === "check") {
        const problem = problemOf(argument ?? "");
        if (problem !== undefined) console.log(problem);
        return problem === undefined ? 0 : 1;
    }
    if (command === "send") {
        const job = readJob(readFileSync(0, "utf8"));
        if (job === undefined) throw new Error("standard input is no job");
        console.log(JSON.stringify(await send(argument ?? "", job, now)));
        return 0;
    }
    if (command === "test") {
        const directory = realpathSync(join(PLACES.published, "current"));
        console.log(JSON.stringify(await sendTest(directory, argument, now)));
        return 0;
    }
    if (command === "silence") {
        silence(argument ?? "", now);
        return 0;
    }
    throw new Error(`unknown: ${command}`);
}

function silence(argument: string, now: number): void {
    const file = join(PLACES.state, SILENCE);
    if (argument === "off") {
        rmSync(file, { force: true });
        return;
    }
    const seconds = Number(argument);
    if (!Number.isInteger(seconds) || seconds < 1 || seconds > LONGEST_SILENCE)
        throw new Error(`a silence has 1 to ${LONGEST_SILENCE} seconds`);
    const content: Silence = {
        since: now,
        until: now + seconds,
        why: oneLine(readFileSync(0, "utf8"), 200),
    };
    replaceFile(file, `${JSON.stringify(content)}\n`, true);
}
