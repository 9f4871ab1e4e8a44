import { execa } from "execa";
import { docker, mustDocker, removeAll } from "../support/docker";
import type { TestStack } from "../support/stack";

const HARDENED = ["--security-opt", "no-new-privileges", "--cap-drop", "ALL", "--log-driver", "json-file"];
const READ_ONLY = ["--read-only", "--tmpfs", "/tmp:rw,nosuid,nodev,size=64m"];

/** What the stack gave to its containers: the same goes to those that are started by hand. */
export interface Inputs {
    readonly image: string;
    /** Tar archive of the files in setup's /setup/input. */
    readonly files: Buffer;
    readonly setup: Container;
    readonly postgres: Container;
    readonly backup: Container;
    readonly apply: Container;
}

interface Container {
    readonly environment: readonly string[];
    readonly command: readonly string[];
}

export async function inputsOf(stack: TestStack, image: string): Promise<Inputs> {
    const archive = await execa("docker", ["cp", `${stack.name}-setup:/setup/input`, "-"], {
        encoding: "buffer",
    });
    const [setup, postgres, backup, apply] = [
        await inspect(`${stack.name}-setup`),
        await inspect(`${stack.name}-postgres`),
        await inspect(`${stack.name}-backup`),
        await inspect(`${stack.name}-apply`),
    ];
    return { image, files: Buffer.from(archive.stdout), setup, postgres, backup, apply };
}

async function inspect(name: string): Promise<Container> {
    const lines = async (field: string): Promise<string[]> => {
        const format = `{{range .Config.${field}}}{{println .}}{{end}}`;
        return (await mustDocker(["inspect", "--format", format, name]))
            .split("\n")
            .filter((line) => line !== "");
    };
    return { environment: await lines("Env"), command: await lines("Cmd") };
}

/**
 * What the program does, as a script of docker commands: network, setup, then postgres and backup, then apply, which ends when the
 * first full backup is in the repository. The volumes are made by the mounts.
 */
export async function startByHand(name: string, inputs: Inputs): Promise<void> {
    const mount = (volume: string, target: string, mode = ""): string[] => [
        "--mount",
        `type=volume,source=${name}-${volume},target=${target}${mode}`,
    ];
    const common = (part: string): string[] => ["--name", `${name}-${part}`, ...HARDENED];
    const variables = ({ environment }: Container): string[] =>
        environment.flatMap((entry) => ["--env", entry]);
    const configuration = mount("pgbackrest-config", "/etc/pgbackrest", ",readonly");
    const repository = mount("pgbackrest-repo", "/var/lib/pgbackrest");
    const data = "/var/lib/postgresql/data";
    const sockets = mount("postgres-run", "/var/run/postgresql");
    const state = "/var/lib/pgbackrest-state";

    await mustDocker(["network", "create", name]);
    await mustDocker([
        ...["create", ...common("setup"), "--network", name, ...variables(inputs.setup)],
        ...[...mount("pgbackrest-config", "/pgbackrest-config"), ...configuration, ...repository],
        ...[inputs.image, ...inputs.setup.command],
    ]);
    await mustDocker(["cp", "-", `${name}-setup:/setup`], { input: inputs.files });
    await mustDocker(["start", "--attach", `${name}-setup`]);
    await mustDocker([
        ...["run", "--detach", ...common("postgres"), "--network", name, ...READ_ONLY, "--shm-size", "256m"],
        ...["--memory", "1024m", "--memory-swap", "1024m", "--cpus", "2"],
        ...[
            ...mount("postgres-data", data),
            ...sockets,
            ...mount("pgbackrest-spool", "/var/spool/pgbackrest"),
        ],
        ...[...configuration, ...repository, inputs.image, ...inputs.postgres.command],
    ]);
    await mustDocker([
        ...["run", "--detach", ...common("backup"), "--network", name, ...READ_ONLY],
        ...["--memory", "512m", "--memory-swap", "512m", "--cpus", "2"],
        ...[...mount("postgres-data", data, ",readonly"), ...sockets, ...mount("backup-state", state)],
        ...[...configuration, ...repository, inputs.image, ...inputs.backup.command],
    ]);
    await mustDocker([
        ...["run", ...common("apply"), "--network", "none", ...READ_ONLY, ...variables(inputs.apply)],
        ...[...configuration, ...sockets, ...mount("backup-state", state, ",readonly")],
        ...[inputs.image, ...inputs.apply.command],
    ]);
}

/** When the first full backup was complete, by Docker's clock, in milliseconds since the epoch. */
export async function firstBackup(name: string): Promise<number> {
    const { output } = await docker(["logs", "--timestamps", `${name}-backup`]);
    const end = output
        .split("\n")
        .find((line) => line.includes("backup command end: completed successfully"));
    if (end === undefined) throw new Error(`${name}-backup has taken no backup:\n${output}`);
    return Date.parse(end.slice(0, end.indexOf(" ")));
}

export async function removeByHand(name: string): Promise<void> {
    await removeAll(name);
}
