import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { dataVolumeName } from "../docker/names";
import { PLACES } from "../docker/places";
import type { Settings } from "../settings/schema";
import type { History } from "../state/history";
import type { Moves } from "../state/moves";

/** So many are remembered. */
const MOST = 20;

export interface MoveArgs {
    readonly settings: Pick<Settings, "name" | "dataVolume" | "restore" | "dockerHost">;
    readonly history: Pick<History, "deployment" | "volumes">;
    readonly container: docker.Container;
    /** Resolves when PostgreSQL is known to take what is written. */
    readonly done: pulumi.Output<docker.Container>;
}

/** The last moves of PostgreSQL to other data, with that of this `up`, of which is told how long it took. */
export function movesOf(
    { settings, history: { deployment, volumes }, container, done }: MoveArgs,
    resource: pulumi.Resource,
): pulumi.Output<Moves> {
    const known = deployment?.moves ?? [];
    const volume = dataVolumeName(settings, volumes);
    if (volumes === undefined || volumes.data === volume || pulumi.runtime.isDryRun())
        return done.exitCode.apply(() => known);
    const ask = asker(settings.dockerHost);
    // As soon as the new one is there.
    const stopped = pulumi.all([container.name, container.id]).apply((names) => whenStopped(ask, ...names));
    return pulumi.all([container.name, stopped, done.exitCode]).apply(async ([name, from]) => {
        const to = await whenReady(ask, name);
        if (from === undefined || to === undefined || to < from) return known;
        const seconds = Math.round((to - from) * 10) / 10;
        void pulumi.log.info(
            `PostgreSQL has moved to the data in volume ${volume}: ` +
                `the database was away for ${seconds} s, from its stop to its first session`,
            resource,
        );
        return [...known, { volume, at: Math.floor(from), seconds }].slice(-MOST);
    });
}

type Ask = (...args: readonly string[]) => Promise<string>;

/** What docker prints; nothing where it fails: an `up` must not fail because something cannot be told. */
function asker(dockerHost: string | undefined): Ask {
    const host = dockerHost === undefined ? [] : ["--host", dockerHost];
    const run = promisify(execFile);
    return (...args) =>
        run("docker", [...host, ...args], { timeout: 30_000, killSignal: "SIGKILL" }).then(
            ({ stdout }) => stdout.trim(),
            () => "",
        );
}

/**
 * When the container of that name was told to stop, or ended, that was there before this one, in seconds since the epoch; nothing where
 * Docker's list of events no longer goes back to it.
 */
async function whenStopped(ask: Ask, name: string, id: string): Promise<number | undefined> {
    const until = await ask("container", "inspect", "--format", "{{.State.StartedAt}}", name);
    if (until === "") return undefined;
    const what = ["--filter", `container=${name}`, "--filter", "event=kill", "--filter", "event=die"];
    const format = ["--format", "{{.Actor.ID}} {{.TimeNano}}"];
    return stopOf(await ask("events", "--since", "1", "--until", until, ...what, ...format), id);
}

/** @param events lines of a container and a time in nanoseconds, oldest first */
export function stopOf(events: string, id: string): number | undefined {
    const others = events
        .split("\n")
        .map((line) => line.split(" "))
        .filter(([of = "", time = ""]) => of !== "" && of !== id && /^\d+$/.test(time));
    const last = others.at(-1)?.[0];
    const first = others.find(([of]) => of === last)?.[1];
    return first === undefined ? undefined : Number(first) / 1e9;
}

/** When PostgreSQL let the first session in, which it notes in the file of its process; by the clock of the same host. */
async function whenReady(ask: Ask, name: string): Promise<number | undefined> {
    const file = `${PLACES.data}/postmaster.pid`;
    const time = Number(await ask("exec", name, "stat", "--format=%.3Y", file));
    return time > 0 ? time : undefined;
}
