import { execFile } from "node:child_process";
import * as pulumi from "@pulumi/pulumi";
import * as v from "valibot";
import { Unreadable } from "../state/readDescription";
import type { History } from "../state/history";
import type { ObjectName } from "../docker/names";
import { fromJson } from "../fields";
import { storesOf } from "../repository/kinds";
import type { Settings } from "../settings/schema";
import { defaultCpus, otherCpus, withCpus } from "../review/sizes";

/** One that is on the engine. */
export interface EngineObject extends ObjectName {
    /** A volume has none but its name. */
    readonly id: string;
    readonly created: string;
    /** Of a container: `running`, `exited`; `created` when it was never started. */
    readonly status: string;
    /** Of a container: its restart policy. */
    readonly restart: string;
    readonly labels: Readonly<Record<string, string>>;
}

/** What the Docker engine says of itself. */
export interface Engine {
    readonly cpus: number;
    /** Its security options, such as `name=rootless`. */
    readonly security: readonly string[];
    /** Those that were asked for and are there. */
    readonly objects: readonly EngineObject[];
}

const object = v.object({
    name: v.string(),
    id: v.string(),
    created: v.string(),
    status: v.optional(v.string(), ""),
    restart: v.optional(v.string(), ""),
    labels: v.nullish(v.record(v.string(), v.string())),
});

const Info = v.object({
    cpus: v.pipe(v.number(), v.minValue(1)),
    security: v.nullish(v.array(v.string())),
});

/** Only what is asked for: the rest of a container has secrets. */
const FORMATS: Readonly<Record<ObjectName["kind"], string>> = {
    container: `{"name":{{json .Name}},"id":{{json .Id}},"created":{{json .Created}},"status":{{json .State.Status}},"restart":{{json .HostConfig.RestartPolicy.Name}},"labels":{{json .Config.Labels}}}`,
    volume: `{"name":{{json .Name}},"id":{{json .Name}},"created":{{json .CreatedAt}},"labels":{{json .Labels}}}`,
    network: `{"name":{{json .Name}},"id":{{json .Id}},"created":{{json .Created}},"labels":{{json .Labels}}}`,
};

/**
 * Asks it before an `up`. Before a preview only where there is something to find out, names that the state does not know or CPUs that
 * the containers do not have yet: it must not wait for long, and often has no engine.
 * @param names of all that the stack makes there
 */
export async function lookAtEngine(
    settings: Settings,
    { deployment, description, inventory }: History,
    names: readonly ObjectName[],
): Promise<Engine | undefined> {
    if (pulumi.runtime.isDryRun()) {
        const known = names.every(({ kind, name }) => inventory?.objects.has(`${kind} ${name}`) === true);
        const sized = withCpus(settings, defaultCpus(deployment, undefined));
        if (known && !otherCpus(sized, description instanceof Unreadable ? undefined : description))
            return undefined;
        const engine = await askEngine(settings.dockerHost, names, 5);
        return typeof engine === "string" ? undefined : engine;
    }
    const engine = await askEngine(settings.dockerHost, names, 30);
    if (typeof engine === "string") {
        void pulumi.log.warn(
            `The docker command does not reach the engine here: whether its CPUs are enough, and whether other stacks have the names of this one, is not known. It says: ${engine}`,
        );
        return undefined;
    }
    const note = mappedUsers(engine.security, settings.repositories);
    if (note !== undefined) void pulumi.log.warn(note);
    return engine;
}

/** Where the uid of the containers is another one on the host, a directory there cannot be given to it by that number. */
export function mappedUsers(
    security: readonly string[],
    repositories: Settings["repositories"],
): string | undefined {
    const mapping = ["rootless", "userns"].find((name) =>
        security.some((option) => option === `name=${name}`),
    );
    const paths = storesOf(repositories).flatMap((store) =>
        "hostPath" in store && store.hostPath !== undefined ? [store.hostPath] : [],
    );
    return mapping === undefined || paths.length === 0
        ? undefined
        : `The Docker engine ${mapping === "userns" ? "remaps users (userns-remap)" : "is rootless"}: uid 999 of the containers is another one on the host. Give ${paths.join(" and ")} to it from inside, not with chown on the host: docker run --rm --user 0 -v ${paths[0] ?? ""}:/d debian:trixie-slim chown -R 999:999 /d`;
}

/**
 * Asks the engine how many CPUs it has, and which of these objects. Says why when it does not answer within `seconds`, refuses this docker
 * command as too old, or there is none: Pulumi's own plugin is the one to complain about that.
 */
export async function askEngine(
    dockerHost: string | undefined,
    names: readonly ObjectName[],
    seconds: number,
): Promise<Engine | string> {
    const docker = (args: readonly string[]): Promise<{ ok: boolean; stdout: string; stderr: string }> =>
        new Promise((resolve, reject) => {
            execFile(
                "docker",
                [...(dockerHost === undefined ? [] : ["--host", dockerHost]), ...args],
                { encoding: "utf8", timeout: seconds * 1000, killSignal: "SIGKILL" },
                (error, stdout, stderr) => {
                    if (error?.killed === true) reject(new Error(`no answer within ${seconds} s`));
                    else resolve({ ok: error === null, stdout, stderr: stderr || (error?.message ?? "") });
                },
            );
        });
    // It prints those that are there, and fails when one is missing.
    const found = async (kind: ObjectName["kind"]): Promise<EngineObject[]> => {
        const wanted = names.filter((one) => one.kind === kind).map(({ name }) => name);
        if (wanted.length === 0) return [];
        const { stdout } = await docker([kind, "inspect", "--format", FORMATS[kind], ...wanted]);
        return stdout.split("\n").flatMap((line) => {
            const found = fromJson(object, line);
            if (found === undefined) return [];
            const { name, labels } = found;
            return [{ ...found, kind, name: name.replace(/^\//, ""), labels: labels ?? {} }];
        });
    };
    try {
        const [info, ...objects] = await Promise.all([
            docker(["info", "--format", '{"cpus":{{.NCPU}},"security":{{json .SecurityOptions}}}']),
            found("container"),
            found("volume"),
            found("network"),
        ]);
        const told = fromJson(Info, info.stdout);
        return info.ok && told !== undefined
            ? { cpus: told.cpus, security: told.security ?? [], objects: objects.flat() }
            : (info.stderr.trim().split("\n").at(-1) ?? "");
    } catch (error) {
        return error instanceof Error ? error.message : String(error);
    }
}
