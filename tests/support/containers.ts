import { randomBytes } from "node:crypto";
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { scramVerifier } from "../../components/postgresql/scram";
import { docker, eventually, mustDocker, removeAll, type Result } from "./docker";

const IMAGE_SOURCES = resolve(import.meta.dirname, "../../image");
/** Nothing here needs a network, so none is made: faster, and nothing of the machine's can disturb. */
const OFFLINE = ["--network", "none"];
const hardened = (network: readonly string[] = OFFLINE): string[] => [
    ...network,
    ...["--security-opt", "no-new-privileges", "--cap-drop", "ALL"],
];
const HARDENED = hardened();
const READ_ONLY = ["--read-only", "--tmpfs", "/tmp:mode=1777"];

/** What PostgreSQL keeps of the password `secret`. */
export const VERIFIER = scramVerifier("app", "secret");

/** The plain input files of setup, small but of the form that the program renders. */
export const FILES = {
    "pgbackrest.conf": `[global]
log-level-console=info
log-level-file=off
log-level-stderr=off
log-path=/tmp/pgbackrest/log
lock-path=/tmp/pgbackrest
spool-path=/var/spool/pgbackrest
archive-async=y
archive-push-queue-max=4GiB
process-max=2
compress-type=lz4
compress-level=3
start-fast=y
repo1-retention-full=8
repo1-retention-diff=14

[main]
pg1-path=/var/lib/postgresql/data
pg1-socket-path=/var/run/postgresql
pg1-database=postgres
pg1-user=pgbackrest
`,
    "postgresql.conf": `listen_addresses = '*'
unix_socket_directories = '/var/run/postgresql'
password_encryption = 'scram-sha-256'
archive_mode = on
archive_command = 'archive-push-pgbackrest "%p"'
archive_timeout = 60s
`,
    "pg_hba.conf": `local all postgres peer
local postgres pgbackrest peer map=pgbackrest
local all all scram-sha-256
host all postgres,pgbackrest all reject
host all all all scram-sha-256
`,
    "pg_ident.conf": "pgbackrest postgres pgbackrest\n",
    schedules: "full 30 1 * * 0\ndiff 30 1 * * 1-6\ntimezone UTC\n",
};

export type Files = Readonly<Record<string, string>>;

export const POSIX = { PGBACKREST_REPO1_TYPE: "posix", PGBACKREST_REPO1_PATH: "/var/lib/pgbackrest" };

/** The base files with a text replaced in one of them; fails when the text is not there. */
export function edited(file: keyof typeof FILES, from: string, to: string): Files {
    if (!FILES[file].includes(from)) throw new Error(`${file} does not hold ${from}`);
    return { ...FILES, [file]: FILES[file].replace(from, () => to) };
}

/** The base files with lines at the end of one of them. */
export function extended(file: keyof typeof FILES, lines: string): Files {
    return { ...FILES, [file]: `${FILES[file]}${lines}\n` };
}

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

/** Builds the image once in a test run (the layers of the packages are cached by the engine). */
export function builtImage(): Promise<string> {
    image ??= mustDocker(["build", "--quiet", IMAGE_SOURCES]);
    return image;
}

export interface Setup {
    readonly files?: Files;
    /** Environment beside STANZA, REVISION and the like; the default is a posix repository. */
    readonly environment?: Readonly<Record<string, string>>;
    readonly repositories?: string;
    readonly revision?: string;
    /** Arguments for PostgreSQL's command line. */
    readonly settings?: readonly string[];
    /** Options of docker create in place of the mount of the repository. */
    readonly mounts?: readonly string[];
    /** Options of docker create for the container's network; it has none without them. */
    readonly network?: readonly string[];
}

/** The four containers of the image and their volumes under names of their own, started as the program starts them. */
export class Containers {
    readonly prefix = `pgbt-${randomBytes(4).toString("hex")}`;
    private revision = 0;
    private wanted = "";

    private constructor(readonly image: string) {}

    static async create(): Promise<Containers> {
        return new Containers(await builtImage());
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
            REPOSITORIES: setup.repositories ?? JSON.stringify(setup.environment ?? POSIX),
            ...(setup.environment ?? POSIX),
        };
        await docker(["rm", "--force", this.name("setup")]);
        await mustDocker([
            "create",
            ...["--name", this.name("setup"), ...hardened(setup.network)],
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
        mkdirSync(join(directory, "input"));
        for (const [file, content] of Object.entries(files))
            writeFileSync(join(directory, "input", file), content);
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

    /** Starts PostgreSQL; `options` are more options of docker run. */
    async postgres(settings: readonly string[] = [], options: readonly string[] = []): Promise<void> {
        await docker(["rm", "--force", this.name("postgres")]);
        await mustDocker([
            ...["run", "--detach", "--name", this.name("postgres"), ...HARDENED, ...READ_ONLY],
            ...["--shm-size", "128m", "--stop-timeout", "60", ...options],
            ...this.mount("data", "/var/lib/postgresql/data"),
            ...this.mount("config", "/etc/pgbackrest", "ro"),
            ...this.mount("run", "/var/run/postgresql"),
            ...this.mount("spool", "/var/spool/pgbackrest"),
            ...this.mount("repo", "/var/lib/pgbackrest"),
            ...[this.image, "install-pgbackrest.sh", "-c", "fsync=off", ...settings],
        ]);
    }

    async backup(environment: readonly string[] = []): Promise<void> {
        await docker(["rm", "--force", this.name("backup")]);
        await mustDocker([
            ...["run", "--detach", "--name", this.name("backup"), ...HARDENED, ...READ_ONLY],
            ...environment.flatMap((variable) => ["--env", variable]),
            ...this.mount("data", "/var/lib/postgresql/data", "ro"),
            ...this.mount("config", "/etc/pgbackrest", "ro"),
            ...this.mount("run", "/var/run/postgresql"),
            ...this.mount("repo", "/var/lib/pgbackrest"),
            ...this.mount("state", "/var/lib/pgbackrest-state"),
            ...[this.image, "start-pgbackrest.sh"],
        ]);
    }

    async apply(environment: Readonly<Record<string, string>> = {}): Promise<Result> {
        const all = {
            ...{
                REVISION: this.wanted,
                ATTEMPT: "1",
                POSTGRES_ID: "1",
                WAIT_FOR: "backup",
                WAIT_TIMEOUT: "60",
            },
            ...{ DATABASE: "app", ROLE: "app", ROLE_VERIFIER: VERIFIER, ...environment },
        };
        return docker([
            ...["run", "--rm", "--name", this.name("apply"), ...HARDENED, ...READ_ONLY],
            ...Object.entries(all).flatMap(([key, value]) => ["--env", `${key}=${value}`]),
            ...this.mount("config", "/etc/pgbackrest", "ro"),
            ...this.mount("run", "/var/run/postgresql"),
            ...this.mount("state", "/var/lib/pgbackrest-state", "ro"),
            ...[this.image, "apply-configuration.sh"],
        ]);
    }

    /** A command in a running container. */
    exec(part: string, ...command: readonly string[]): Promise<Result> {
        return docker(["exec", this.name(part), ...command]);
    }

    /** A shell script in a container of its own that has every volume, writable. */
    shell(script: string, options: readonly string[] = []): Promise<Result> {
        return docker([
            ...["run", "--rm", "--interactive", ...OFFLINE, ...options],
            ...this.mount("config", "/etc/pgbackrest"),
            ...this.mount("data", "/var/lib/postgresql/data"),
            ...this.mount("repo", "/var/lib/pgbackrest"),
            ...this.mount("state", "/var/lib/pgbackrest-state"),
            ...[this.image, "bash", "-euc", script],
        ]);
    }

    /** What a query gives the superuser. */
    async query(sql: string, database = "postgres"): Promise<string> {
        return mustDocker(["exec", this.name("postgres"), "psql", "-XAtq", "-d", database, "-c", sql]);
    }

    async logs(part: string): Promise<string> {
        return (await docker(["logs", this.name(part)])).output;
    }

    /** Waits for a text in a container's log. */
    async logged(part: string, text: string | RegExp, seconds = 60): Promise<void> {
        const found = (log: string) => (typeof text === "string" ? log.includes(text) : text.test(log));
        await eventually(
            `${part} says ${String(text)}; it said: ${(await this.logs(part)).slice(-1500)}`,
            async () => found(await this.logs(part)),
            seconds,
        );
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
