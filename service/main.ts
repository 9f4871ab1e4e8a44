// The backup service. `check-schedules FILE` only says what is wrong with a published file of schedules, and fails then: setup asks that.
import { accessSync, constants, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { PLACES } from "../components/docker/places";
import { readSchedules } from "../components/schedule/file";
import { Machine } from "./machine";
import { Metrics } from "./metrics";
import { Service } from "./service";
import { StateFile } from "./stateFile";

const [command, argument = ""] = process.argv.slice(2);
if (command === "check-schedules") {
    const problem = readSchedules(readFileSync(argument, "utf8"));
    if (typeof problem === "string") {
        console.log(problem);
        process.exitCode = 1;
    }
} else {
    void serve().then((code) => {
        process.exitCode = code;
    });
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
    for (const signal of ["SIGINT", "SIGTERM"] as const)
        process.once(signal, () => {
            say("stopping");
            metrics.stop();
            machine.stop();
        });
    metrics.follow();
    await service.run();
    return 0;
}

/** A variable of the environment, in seconds. */
function seconds(name: string, usual: number): number {
    const value = process.env[name] ?? "";
    return /^\d+$/.test(value) ? Number(value) : usual;
}
