import { randomBytes } from "node:crypto";
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { readState, type RepositoryMemory, type State } from "../../components/protection/state";
import { docker, eventually, mustDocker, removeAll, type Result } from "./docker";
import { prepared, productImage } from "./images";
import { FILES, POSIX, VERIFIER, type Files } from "./inputs";

/** Nothing here needs a network, so none is made: faster, and nothing of the machine's can disturb. */
const OFFLINE: readonly string[] = ["--network", "none"];
const hardened = (network: readonly string[] = OFFLINE): string[] => [
    ...network,
    ...["--security-opt", "no-new-privileges", "--cap-drop", "ALL"],
];
/** Options of docker run that all containers of the product have; those with a root that nobody writes to. */
export const HARDENED = hardened();
export const READ_ONLY = ["--read-only", "--tmpfs", "/tmp:mode=1777"];

const STATE_FILE = "/var/lib/pgbackrest-state/state.json";

/** How long a test with containers may take (ms). */
export const PATIENCE = 600_000;

/** A command in a container of its own, with nothing but the image. */
export async function once(
    image: string,
    command: readonly string[],
    options: readonly string[] = [],
    input = "",
): Promise<Result> {
    return docker(["run", "--rm", "--interactive", ...OFFLINE, ...options, image, ...command], { input });
}

let image: Promise<string> | undefined;

/** The image that was built from the sources as they are, before the tests (prepare.ts). */
export function builtImage(): Promise<string> {
    image ??= prepared(productImage());
    return image;
}

export interface Setup {
    readonly files?: Files;
    /** Environment beside STANZA, REVISION and the like; the default is a posix repository. */
    readonly environment?: Readonly<Record<string, string>>;
    readonly revision?: string;
    /** Seconds that it may take. */
    readonly timeout?: number;
    /** Arguments for PostgreSQL's command line. */
    readonly settings?: readonly string[];
    /** Options of docker create in place of the mount of the repository. */
    readonly mounts?: readonly string[];
    /** Options of docker create for the container's network, where it is not that of all. */
    readonly network?: readonly string[];
}

/** The four containers of the image and their volumes under names of their own, started as the program starts them. */
export class Containers {
    readonly prefix = `pgbt-${randomBytes(4).toString("hex")}`;
    private revision = 0;
    private wanted = "";

    private constructor(
        readonly image: string,
        /** Options of docker run for the network that all of them have. */
        readonly network: readonly string[],
    ) {}

    static async create(image = builtImage(), network = OFFLINE): Promise<Containers> {
        return new Containers(await image, network);
    }

    get hardened(): readonly string[] {
        return hardened(this.network);
    }

    name(part: string): string {
        return `${this.prefix}-${part}`;
    }

    mount(volume: string, target: string, mode = "rw"): string[] {
        return ["--volume", `${this.name(volume)}:${target}:${mode}`];
    }

    /** Makes a setup container with its input and runs it. */
    async setup(setup: Setup = {}): Promise<Result> {
        this.wanted = setup.revision ?? (0xabc000 + ++this.revision).toString(16);
        const environment = {
            STANZA: "main",
            REVISION: this.wanted,
            ATTEMPT: "1",
            ...(setup.timeout === undefined ? {} : { WAIT_TIMEOUT: String(setup.timeout) }),
            ...(setup.environment ?? POSIX),
        };
        await docker(["rm", "--force", this.name("setup")]);
        await mustDocker([
            "create",
            ...["--name", this.name("setup"), ...hardened(setup.network ?? this.network)],
            ...Object.entries(environment).flatMap(([key, value]) => ["--env", `${key}=${value}`]),
            ...this.mount("config", "/pgbackrest-config"),
            ...this.mount("config", "/etc/pgbackrest", "ro"),
            ...(setup.mounts ?? this.mount("repo", "/var/lib/pgbackrest")),
            ...[this.image, "configure-pgbackrest.sh", ...(setup.settings ?? [])],
        ]);
        await this.upload(this.name("setup"), setup.files ?? FILES);
        return this.setupAgain();
    }

    /** The same setup container once more, as a user regenerates the configuration. */
    setupAgain(): Promise<Result> {
        return docker(["start", "--attach", this.name("setup")]);
    }

    private async upload(container: string, files: Files): Promise<void> {
        const directory = mkdtempSync(join(tmpdir(), "pgbt-"));
        for (const [file, content] of Object.entries(files)) {
            const path = join(directory, "input", file);
            mkdirSync(dirname(path), { recursive: true });
            writeFileSync(path, content);
        }
        const tar = [
            "--create",
            "--owner=0",
            "--group=0",
            "--mode=u=rwX,go=rX",
            "--directory",
            directory,
            "input",
        ];
        const { stdout } = await execa("tar", tar, { encoding: "buffer" });
        rmSync(directory, { recursive: true });
        await mustDocker(["cp", "-", `${container}:/setup`], { input: Buffer.from(stdout) });
    }

    /** Starts PostgreSQL; `options` are more options of docker run, and `volume` ends the names of its data volume and its spool. */
    async postgres(
        settings: readonly string[] = [],
        options: readonly string[] = [],
        volume = "",
    ): Promise<void> {
        await docker(["rm", "--force", this.name("postgres")]);
        await mustDocker([
            ...["run", "--detach", "--name", this.name("postgres"), ...this.hardened, ...READ_ONLY],
            ...["--shm-size", "128m", "--stop-timeout", "60", ...options],
            ...this.mount(`data${volume}`, "/var/lib/postgresql/data"),
            ...this.mount("config", "/etc/pgbackrest", "ro"),
            ...this.mount("run", "/var/run/postgresql"),
            ...this.mount(`spool${volume}`, "/var/spool/pgbackrest"),
            ...this.mount("repo", "/var/lib/pgbackrest"),
            ...[this.image, "install-pgbackrest.sh", "-c", "fsync=off", ...settings],
        ]);
    }

    /** Starts the backup service; `options` are more options of docker run. */
    async backup(environment: readonly string[] = [], options: readonly string[] = []): Promise<void> {
        await docker(["rm", "--force", this.name("backup")]);
        await mustDocker([
            ...["run", "--detach", "--name", this.name("backup"), ...this.hardened, ...READ_ONLY],
            ...environment.flatMap((variable) => ["--env", variable]),
            ...options,
            ...this.mount("data", "/var/lib/postgresql/data", "ro"),
            ...this.mount("config", "/etc/pgbackrest", "ro"),
            ...this.mount("run", "/var/run/postgresql"),
            ...this.mount("repo", "/var/lib/pgbackrest"),
            ...this.mount("state", "/var/lib/pgbackrest-state"),
            ...[this.image, "start-pgbackrest.sh"],
        ]);
        // Until then the state is what the last one has left.
        const host = await mustDocker(["inspect", "--format", "{{.Config.Hostname}}", this.name("backup")]);
        await eventually("the service has begun", async () => {
            const state = await this.exec("backup", "cat", STATE_FILE);
            return !state.ok || readState(state.stdout)?.service === host;
        });
    }

    async apply(environment: Readonly<Record<string, string>> = {}): Promise<Result> {
        const all = {
            ...{
                REVISION: this.wanted,
                ATTEMPT: "1",
                POSTGRES_ID: "1",
                WAIT_FOR: "backup",
                WAIT_TIMEOUT: "240",
            },
            ...{ DATABASE: "app", ROLE: "app", ROLE_VERIFIER: VERIFIER, ...environment },
        };
        return docker([
            ...["run", "--rm", "--name", this.name("apply"), ...this.hardened, ...READ_ONLY],
            ...Object.entries(all).flatMap(([key, value]) => ["--env", `${key}=${value}`]),
            ...this.mount("config", "/etc/pgbackrest", "ro"),
            ...this.mount("config", "/pgbackrest-config"),
            ...this.mount("run", "/var/run/postgresql"),
            ...this.mount("state", "/var/lib/pgbackrest-state", "ro"),
            ...[this.image, "apply-configuration.sh"],
        ]);
    }

    /** What the backup service says and remembers; nothing before it has begun. */
    async state(): Promise<State | undefined> {
        return readState((await this.exec("backup", "cat", STATE_FILE)).stdout);
    }

    /** What it remembers of its one repository; nothing before it has prepared one. */
    async memory(): Promise<RepositoryMemory | undefined> {
        return Object.values((await this.state())?.repositories ?? {})[0];
    }

    /** Changes the state with a filter of jq, while the service does not run. */
    async changeState(filter: string): Promise<void> {
        const script = `jq -c '${filter}' ${STATE_FILE} >/tmp/state && cat /tmp/state >${STATE_FILE}`;
        const { ok, output } = await this.shell(script);
        if (!ok) throw new Error(output);
    }

    /** As if the state volume were new. */
    async forgetState(): Promise<void> {
        const { ok, output } = await this.shell(`rm -f ${STATE_FILE}`);
        if (!ok) throw new Error(output);
    }

    /** A command in a running container. */
    exec(part: string, ...command: readonly string[]): Promise<Result> {
        return docker(["exec", this.name(part), ...command]);
    }

    /** A shell script in a container of its own that has every volume, writable. */
    shell(script: string, options: readonly string[] = [], input = ""): Promise<Result> {
        const args = [
            ...["run", "--rm", "--interactive", ...OFFLINE, ...options],
            ...this.mount("config", "/etc/pgbackrest"),
            ...this.mount("data", "/var/lib/postgresql/data"),
            ...this.mount("repo", "/var/lib/pgbackrest"),
            ...this.mount("state", "/var/lib/pgbackrest-state"),
            ...[this.image, "bash", "-euc", script],
        ];
        return docker(args, { input });
    }

    /** What a query gives the superuser. */
    async query(sql: string, database = "postgres"): Promise<string> {
        return mustDocker(["exec", this.name("postgres"), "psql", "-XAtq", "-d", database, "-c", sql]);
    }

    async logs(part: string): Promise<string> {
        return (await docker(["logs", this.name(part)])).output;
    }

    /** Waits for a text in a container's log. */
    async logged(part: string, text: string | RegExp, seconds = 240): Promise<void> {
        const found = (log: string) => (typeof text === "string" ? log.includes(text) : text.test(log));
        try {
            await eventually(
                `${part} says ${String(text)}`,
                async () => found(await this.logs(part)),
                seconds,
            );
        } catch (error) {
            throw new Error(`${part} said: ${(await this.logs(part)).slice(-1500)}`, { cause: error });
        }
    }

    ready(): Promise<boolean> {
        return eventually(
            "PostgreSQL answers",
            async () => (await this.exec("postgres", "pg_isready", "-q")).ok,
        );
    }

    async remove(): Promise<void> {
        await removeAll(this.prefix);
    }
}
