// Green means that it runs: `npm start` and the `up` of `npm run pulumi` look at what is in Docker, before and after Pulumi, which
// compares with its state only.
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { type Declared, deployed, type Deployed, type Found, judge, State } from "./deployed";
import { ToolchainError } from "./errors";
import { attempt, run } from "./run";

type Environment = Record<string, string>;
type Say = (text: string) => void;

export interface Place {
    /** Directory of the project. */
    readonly project: string;
    readonly stack: string;
    readonly environment: Environment;
    /** The stack's state, where it is a file; Pulumi is asked for it otherwise. */
    readonly stateFile: string | undefined;
}

/**
 * Starts what is stopped, and has Pulumi forget what is gone, so that its next `up` makes it again. Says what it did, and whether it did.
 * Throws where that would lose data.
 */
export async function lookBefore(place: Place, say: Say): Promise<boolean> {
    const stack = await read(place);
    const found = stack === undefined ? undefined : await find(stack.environment);
    // Without an answer `up` will say what is wrong.
    if (stack === undefined || found === undefined) return false;
    const { start, unpause, gone, remove, refusals } = judge(stack.deployed, found);
    if (refusals.length > 0) throw new ToolchainError(refusals.join("\n"), "Nothing was changed.");
    const { environment } = stack;
    for (const { name } of unpause) {
        await attempt("docker", ["unpause", name], { environment });
        say(`${name} was paused: it goes on.`);
    }
    for (const { name } of start) {
        const started = await attempt("docker", ["start", name], { environment });
        say(`${name} was stopped: ${started.ok ? "started" : `it does not start: ${started.all.trim()}`}.`);
    }
    for (const { name } of remove) await attempt("docker", ["rm", name], { environment });
    const anew = [...gone, ...remove];
    if (anew.length > 0) {
        for (const { kind, name } of anew) say(`The ${kind} ${name} is gone: it is made again.`);
        const targets = anew.flatMap(({ urn }) => ["--target", urn]);
        const refresh = ["refresh", "--yes", "--skip-preview", "--non-interactive", "--stack", place.stack];
        await run("pulumi", [...refresh, ...targets], { cwd: place.project, environment: place.environment });
    }
    return start.length + unpause.length + anew.length > 0;
}

/** Waits until each service runs and its own check finds nothing; says what is wrong otherwise, and whether all is well. */
export async function lookAfter(place: Place, say: Say): Promise<boolean> {
    const stack = await read(place);
    if (stack === undefined) return true;
    const { environment } = stack;
    const containers = stack.deployed.objects.filter(({ kind }) => kind === "container");
    const early = await isEarly(containers, environment);
    const problems = await Promise.all(
        containers
            .filter(({ service }) => service)
            .map(({ name }) => problemOf(name, early, environment, say)),
    );
    for (const problem of problems) if (problem !== undefined) say(problem);
    return problems.every((problem) => problem === undefined);
}

/**
 * Throws where other containers than the stack's are on its network: Docker removes none that is in use, and says so when the database is
 * gone already.
 */
export async function lookForOthers(place: Place): Promise<void> {
    const stack = await read(place);
    if (stack === undefined) return;
    const { deployed: found, environment } = stack;
    const ours = found.objects.filter(({ kind }) => kind === "container").map(({ id }) => id);
    const format = '{{range $id, $one := .Containers}}{{$id}} {{$one.Name}}{{"\\n"}}{{end}}';
    for (const { id, name } of found.objects.filter(({ kind }) => kind === "network")) {
        const asked = await attempt("docker", ["network", "inspect", "--format", format, id], {
            environment,
        });
        const others = asked.stdout
            .split("\n")
            .map((line) => line.split(" "))
            .flatMap(([one = "", other]) => (other === undefined || ours.includes(one) ? [] : [other]));
        if (others.length > 0)
            throw new ToolchainError(
                `${others.join(" and ")} ${others.length === 1 ? "is" : "are"} on the network ${name}, and Docker removes none that is in use. Nothing was changed.`,
                `Stop what is there, or take it off: ${others.map((other) => `docker network disconnect ${name} ${other}`).join("; ")}`,
            );
    }
}

/** What the state has; nothing where there is none yet. */
async function read(place: Place): Promise<{ deployed: Deployed; environment: Environment } | undefined> {
    const { environment, stateFile } = place;
    const file = stateFile !== undefined && existsSync(stateFile) ? stateFile : undefined;
    const args = ["stack", "export", "--stack", place.stack, "--non-interactive"];
    const asked =
        file === undefined ? await attempt("pulumi", args, { cwd: place.project, environment }) : undefined;
    if (asked?.ok === false) return undefined;
    const text = file === undefined ? (asked?.stdout ?? "") : readFileSync(file, "utf8");
    const { checkpoint, deployment } = v.parse(Envelope, JSON.parse(text));
    const found = deployed(checkpoint?.latest ?? deployment ?? { resources: [] });
    return {
        deployed: found,
        environment: { ...environment, ...(found.host === undefined ? {} : { DOCKER_HOST: found.host }) },
    };
}

/** The state as the file backend keeps it, and as it is exported. */
const Envelope = v.looseObject({
    checkpoint: v.optional(v.looseObject({ latest: v.optional(State) })),
    deployment: v.optional(State),
});

async function find(environment: Environment): Promise<Found | undefined> {
    const list = (...args: readonly string[]) => attempt("docker", args, { environment, timeoutSeconds: 60 });
    const answers = await Promise.all([
        list("ps", "--all", "--no-trunc", "--format", "{{.ID}}\t{{.Names}}\t{{.State}}"),
        list("volume", "ls", "--format", "{{.Name}}"),
        list("network", "ls", "--no-trunc", "--format", "{{.ID}}\t{{.Name}}"),
    ]);
    if (answers.some(({ ok }) => !ok)) return undefined;
    const [containers, volumes, networks] = answers.map(({ stdout }) =>
        stdout
            .split("\n")
            .filter((line) => line !== "")
            .map((line) => line.split("\t")),
    );
    return {
        containers: (containers ?? []).map(([id = "", name = "", state = ""]) => ({ id, name, state })),
        volumes: new Set((volumes ?? []).map(([name = ""]) => name)),
        networks: (networks ?? []).map(([id = "", name = ""]) => ({ id, name })),
    };
}

const Inspected = v.looseObject({
    State: v.looseObject({
        Status: v.string(),
        Health: v.nullish(v.looseObject({ Status: v.string() })),
    }),
    Config: v.looseObject({
        Healthcheck: v.nullish(v.looseObject({ Test: v.optional(v.array(v.string()), []) })),
    }),
});

/** Milliseconds that a service has until it is well: after a start, and when Docker has found it unwell several times. */
const PATIENCE = { starting: 120_000, unhealthy: 10_000 };

const NO_BACKUP = "there is no full backup yet";

/** Does the stack take `up` for done before its first backup (`waitFor: archiving`)? Its apply container was told so. */
async function isEarly(containers: readonly Declared[], environment: Environment): Promise<boolean> {
    const names = containers.filter(({ service }) => !service).map(({ name }) => name);
    const format = '{{range .Config.Env}}{{if eq . "WAIT_FOR=archiving"}}yes{{end}}{{end}}';
    const asked = await attempt("docker", ["container", "inspect", "--format", format, ...names], {
        environment,
    });
    return asked.stdout.includes("yes");
}

/** What is wrong with a service; nothing when it runs and is well. Its check is asked, because Docker's own answer is old. */
async function problemOf(
    name: string,
    early: boolean,
    environment: Environment,
    say: Say,
): Promise<string | undefined> {
    const begun = Date.now();
    for (let waited = false; ; waited = true) {
        const asked = await attempt("docker", ["inspect", "--format", "{{json .}}", name], { environment });
        if (!asked.ok) return `${name} cannot be looked at: ${asked.all.trim()}`;
        const { State: state, Config: config } = v.parse(Inspected, JSON.parse(asked.stdout));
        const [kind, ...check] = config.Healthcheck?.Test ?? [];
        const health = state.Health?.Status;
        if (state.Status === "running" && (kind !== "CMD" || health === "healthy")) return undefined;
        const checked = await attempt("docker", ["exec", name, ...check], {
            environment,
            timeoutSeconds: 30,
        });
        if (checked.ok) return undefined;
        const words = checked.all.trim().split("\n").at(-1) ?? "";
        if (early && words.includes(NO_BACKUP)) return undefined;
        if (Date.now() - begun > (health === "unhealthy" ? PATIENCE.unhealthy : PATIENCE.starting))
            return `${name} is not well (${state.Status}): ${words}\nMore: docker logs --tail 20 ${name}`;
        if (!waited) say(`Waiting for ${name}: ${words}`);
        await sleep(1000);
    }
}
