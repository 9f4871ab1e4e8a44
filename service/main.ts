// The backup service. `check-schedules FILE` only says what is wrong with a published file of schedules, and fails then: setup asks that.
import { accessSync, constants, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { PLACES } from "../components/docker/places";
import { readRepositories } from "../components/protection/state";
import { readSchedules } from "../components/schedule/file";
import { contentOf } from "./files";
import { Machine } from "./machine";
import { Metrics } from "./metrics";
import { Notifier } from "./notify/notifier";
import { sendApart } from "./notify/sender";
import { withTimetables } from "./revisions";
import { Service } from "./service";
import { StateFile } from "./stateFile";

const [command, argument = ""] = process.argv.slice(2);
if (command === "check-schedules") {
    const problem = scheduleProblem(argument);
    if (problem !== undefined) {
        console.log(problem);
        process.exitCode = 1;
    }
} else {
    void serve().then((code) => {
        process.exitCode = code;
    });
}

/** What is wrong with the schedules of all, or with those of a repository that are in the file beside them. */
function scheduleProblem(file: string): string | undefined {
    const usual = readSchedules(readFileSync(file, "utf8"));
    if (typeof usual === "string") return usual;
    const published = readRepositories(contentOf(join(dirname(file), "repositories.json")), false);
    const found = withTimetables(published, usual);
    return typeof found === "string" ? found : undefined;
}

async function serve(): Promise<number> {
    process.umask(0o027);
    const stateFile = new StateFile(PLACES.state);
    const machine = new Machine(stateFile);
    try {
        accessSync(PLACES.state, constants.W_OK);
    } catch {
        machine.say(
            `ERROR: cannot write the state volume ${PLACES.state} as uid ${process.getuid?.() ?? "?"}: it must belong to 999:999`,
        );
        return 1;
    }
    const { say } = machine;
    const state = stateFile.load(hostname(), machine.now(), say);
    stateFile.save(state, true);
    stateFile.removeFormer();
    const service = new Service(machine, state, {
        lookEvery: seconds("LOOK_EVERY", 600),
        grace: seconds("HEALTH_GRACE", 3600),
    });
    const metrics = new Metrics(machine, service.seen);
    const leaving = new AbortController();
    const notifier = new Notifier(
        {
            now: () => machine.now(),
            say,
            drills: () => machine.drills(),
            send: (directory, job) => sendApart(directory, job, leaving.signal),
        },
        PLACES.state,
    );
    const telling = setInterval(() => {
        const published = machine.published();
        notifier.tick(service.state, typeof published === "object" ? published : undefined);
    }, 1000);
    for (const signal of ["SIGINT", "SIGTERM"] as const)
        process.once(signal, () => {
            say("stopping");
            metrics.stop();
            machine.stop();
        });
    metrics.follow();
    await service.run();
    clearInterval(telling);
    leaving.abort();
    return 0;
}

/** A variable of the environment, in seconds. */
function seconds(name: string, usual: number): number {
    const value = process.env[name] ?? "";
    return /^\d+$/.test(value) ? Number(value) : usual;
}
