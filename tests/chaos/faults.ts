import { setTimeout as sleep } from "node:timers/promises";
import { docker, mustDocker, pause } from "../support/docker";
import type { CommandResult, TestStack } from "../support/stack";
import { killAll, processOf, startsAgain } from "../e2e/processes";
import type { Running } from "../e2e/running";

type Service = "postgres" | "backup";

/** What is struck. */
export interface Target {
    readonly stack: TestStack;
    readonly running: Running;
}

export interface Fault {
    readonly name: string;
    /** Strikes at a moment from 0 to 1 of the time in which it can, and does what brings the stack back where it does not come by itself. */
    readonly strike: (target: Target, moment: number) => Promise<void>;
}

export const UP = ["up", "--yes", "--skip-preview", "--non-interactive"];

const MAIN_PROCESS = { postgres: "postgres", backup: "backup-service.cjs" } as const;

/** Kills every process of a container whose name is this: what PostgreSQL, or the service, has started. */
const killNamed = (name: string): string =>
    `for process in /proc/[0-9]*; do [ "$(cat "$process/comm" 2>/dev/null)" != ${name} ] || kill -9 "\${process#/proc/}" || true; done`;

const ofService = (service: Service): readonly Fault[] => [
    {
        name: `kill -9 of the main process of ${service}`,
        strike: async ({ running }) => {
            const again = await startsAgain(running, service);
            process.kill(await processOf(running, service, MAIN_PROCESS[service]), "SIGKILL");
            await again();
        },
    },
    // The engine starts nothing again that was ended through it: somebody must, or an up, which looks first.
    {
        name: `docker kill of ${service}, then docker start`,
        strike: async ({ running }, moment) => {
            await mustDocker(["kill", running.name(service)]);
            await sleep(moment * 3000);
            await mustDocker(["start", running.name(service)]);
        },
    },
    {
        name: `docker stop of ${service}, then up`,
        strike: async ({ stack, running }) => {
            await mustDocker(["stop", running.name(service)]);
            mustSucceed(await stack.launch(UP).ended);
        },
    },
    {
        name: `docker rm --force of ${service}, then up`,
        strike: async ({ stack, running }) => {
            await mustDocker(["rm", "--force", running.name(service)]);
            mustSucceed(await stack.launch(UP).ended);
        },
    },
    {
        name: `docker pause of ${service}, then docker unpause`,
        strike: async ({ running }, moment) => {
            // The engine cannot always freeze a container whose processes come and go.
            await pause(running.name(service));
            await sleep(1000 + moment * 7000);
            await mustDocker(["unpause", running.name(service)]);
        },
    },
];

/** A one-shot of an `up` is killed, or has just ended. */
const ofOneShot = (role: "setup" | "apply"): Fault => ({
    name: `docker kill of ${role} in a change, then up`,
    strike: async ({ stack, running }, moment) => {
        change(stack);
        const up = stack.launch(UP);
        await running.runsIn(role, up);
        await sleep(moment * 1000);
        await docker(["kill", running.name(role)]);
        await up.ended;
        mustSucceed(await stack.launch(UP).ended);
    },
});

export const FAULTS: readonly Fault[] = [
    ...ofService("postgres"),
    ...ofService("backup"),
    ofOneShot("setup"),
    ofOneShot("apply"),
    {
        name: "kill -9 of all processes of an up in a change, then up",
        strike: async ({ stack }, moment) => {
            change(stack);
            const up = stack.launch(UP);
            const kill = sleep(1000 + moment * 10_000).then(() => "kill" as const);
            if ((await Promise.race([kill, up.ended])) === "kill") killAll(stack, 1);
            await up.ended;
            mustSucceed(await stack.launch(UP).ended);
        },
    },
    {
        name: "kill -9 of a process that serves a client",
        strike: async ({ running }) => {
            const query = "select pid from pg_stat_activity where query like 'insert into commits%' limit 1";
            await running.exec("postgres", "bash", "-c", `kill -9 "$(psql -XAtqc "${query}")"`);
        },
    },
    {
        name: "kill -9 of the archiver and its workers",
        strike: async ({ running }, moment) => {
            await running.switchWal();
            await sleep(moment * 500);
            const archiver = "select pid from pg_stat_activity where backend_type = 'archiver'";
            await running.exec(
                "postgres",
                "bash",
                "-c",
                `kill -9 "$(psql -XAtqc "${archiver}")"; ${killNamed("pgbackrest")}`,
            );
        },
    },
    {
        name: "kill -9 of a backup that runs, then another one",
        strike: async ({ running }, moment) => {
            const backup = [
                "pgbackrest",
                "--stanza=main",
                "--log-level-console=off",
                "--type=diff",
                "backup",
            ];
            const struck = running.exec("backup", ...backup);
            await sleep(500 + moment * 2500);
            await running.exec("backup", "bash", "-c", killNamed("pgbackrest"));
            await struck;
            await running.mustExec("backup", ...backup);
        },
    },
    {
        name: "docker restart of both services",
        strike: async ({ running }) => {
            await mustDocker(["restart", "--time", "60", running.name("backup"), running.name("postgres")]);
        },
    },
];

/** Something for an `up` to do that restarts nothing. */
function change(stack: TestStack): void {
    stack.edit("config/pgbackrest/pgbackrest.conf", (text) =>
        text.replace(
            /^(repo1-retention-diff=)(\d+)$/m,
            (_, option, number) => `${String(option)}${Number(number) + 1}`,
        ),
    );
}

function mustSucceed({ ok, output }: CommandResult): void {
    if (!ok) throw new Error(output);
}
