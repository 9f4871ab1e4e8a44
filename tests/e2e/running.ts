import { execa } from "execa";
import { docker, eventually, mustDocker, type Result } from "../support/docker";
import { type Launched, TestStack } from "../support/stack";

export type Role = "setup" | "postgres" | "backup" | "apply" | "restore";
export const SERVICES: readonly Role[] = ["postgres", "backup"];

/** What a stack of the tests has running, seen through the Docker command line. */
export class Running {
    constructor(
        readonly stack: TestStack,
        /** Another engine than the usual one. */
        private readonly host?: string,
    ) {}

    name(role: Role): string {
        return `${this.stack.name}-${role}`;
    }

    /** What `docker inspect --format` makes of a container. */
    inspect(role: Role, format: string): Promise<string> {
        return mustDocker(["inspect", "--format", format, this.name(role)], { host: this.host });
    }

    id(role: Role): Promise<string> {
        return this.inspect(role, "{{.Id}}");
    }

    /** Ids and starts of the two services: the same as before when nothing was replaced or restarted. */
    async services(): Promise<readonly string[]> {
        return Promise.all(
            SERVICES.map((role) => this.inspect(role, "{{.Name}} {{.Id}} {{.State.StartedAt}}")),
        );
    }

    exec(role: Role, ...command: readonly string[]): Promise<Result> {
        return docker(["exec", this.name(role), ...command], { host: this.host });
    }

    async mustExec(role: Role, ...command: readonly string[]): Promise<string> {
        return mustDocker(["exec", this.name(role), ...command], { host: this.host });
    }

    /** What a query gives the superuser. */
    sql(query: string, database = "postgres"): Promise<string> {
        return this.mustExec(
            "postgres",
            "psql",
            "-XAtq",
            "-v",
            "ON_ERROR_STOP=1",
            "-d",
            database,
            "-c",
            query,
        );
    }

    /** When the server itself was started: another one after a crash, though the container goes on. */
    startTime(): Promise<string> {
        return this.sql("select pg_postmaster_start_time()");
    }

    /** Directory name of the published revision. */
    async revision(): Promise<string> {
        const path = await this.mustExec("postgres", "readlink", "/etc/pgbackrest/current");
        return path.replace("revisions/", "");
    }

    /** A file of the published configuration, as a service sees it. */
    configuration(role: Role, file: string): Promise<string> {
        return this.mustExec(role, "cat", `/etc/pgbackrest/${file}`);
    }

    pgbackrest(...args: readonly string[]): Promise<string> {
        return this.mustExec("backup", "pgbackrest", "--stanza=main", "--log-level-console=off", ...args);
    }

    /** Labels of the full backups in the repository. */
    async fullBackups(): Promise<readonly string[]> {
        const info = await this.pgbackrest("info");
        return [...info.matchAll(/full backup: (\S+)/g)].map((match) => match[1] ?? "");
    }

    /** The WAL segments of the repository, without their checksums and compression. */
    async archivedSegments(): Promise<ReadonlySet<string>> {
        const list = await this.pgbackrest("repo-ls", "--recurse", "archive/main");
        return new Set([...list.matchAll(/\/([0-9A-F]{24})-[0-9a-f]{40}/g)].map((match) => match[1] ?? ""));
    }

    /** Ends the current WAL segment and says which one that was. */
    switchWal(): Promise<string> {
        return this.sql(
            "select pg_logical_emit_message(false, 'test', 'x'); select pg_walfile_name(pg_switch_wal())",
        ).then((lines) => lines.split("\n").at(-1) ?? "");
    }

    async segmentArrives(segment: string, seconds = 60): Promise<void> {
        await eventually(
            `${segment} is in the repository`,
            async () => (await this.archivedSegments()).has(segment),
            seconds,
        );
    }

    /** The service's own check, at once: the engine's is some seconds behind. */
    healthCheck(): Promise<Result> {
        return this.exec("backup", "healthcheck-pgbackrest.sh");
    }

    async becomesHealthy(seconds = 90): Promise<void> {
        for (const role of SERVICES) {
            await eventually(
                `${this.name(role)} is healthy`,
                async () =>
                    (
                        await docker(
                            [
                                "inspect",
                                "--format",
                                "{{.State.Running}} {{.State.Health.Status}}",
                                this.name(role),
                            ],
                            { host: this.host },
                        )
                    ).stdout.trim() === "true healthy",
                seconds,
            );
        }
    }

    /** Waits until an `up` has made a container and it runs. */
    async runsIn(role: Role, up: Launched): Promise<void> {
        const made = new RegExp(`Container \\S+-${role} creating`);
        const filter = `name=^/${this.name(role)}$`;
        const runs = async (): Promise<boolean> =>
            (await docker(["ps", "--quiet", "--filter", filter], { host: this.host })).stdout !== "" &&
            made.test(up.output());
        await Promise.race([
            eventually(`${role} runs`, runs, 120),
            up.ended.then((result) => {
                throw new Error(`up ended before ${role} ran:\n${result.output}`);
            }),
        ]);
    }

    /**
     * Keeps apply from its end, as somebody's session does that has changed the application's role and not committed yet. What it gives
     * lets go.
     */
    async holdApply(): Promise<() => Promise<void>> {
        const psql = ["exec", "--interactive", this.name("postgres"), "psql", "-XAtq"];
        const session = execa("docker", psql, { env: { DOCKER_HOST: this.host } });
        session.stdin.write("begin; alter role app connection limit -1;\n");
        await eventually(
            "the role is locked",
            async () =>
                (await this.sql(
                    "select count(*) from pg_stat_activity where state = 'idle in transaction'",
                )) === "1",
        );
        return async () => {
            session.stdin.end();
            await session;
        };
    }

    /**
     * Keeps WAL from being archived, and so a restore from its work: it waits for the last of the running database. What it gives lets go.
     */
    async holdArchiver(): Promise<() => Promise<void>> {
        const pid = await this.sql("select pid from pg_stat_activity where backend_type = 'archiver'");
        const signal = (name: string) => this.mustExec("postgres", "bash", "-c", `kill -${name} ${pid}`);
        await signal("STOP");
        return async () => {
            await signal("CONT");
        };
    }

    async answers(seconds = 60): Promise<void> {
        await eventually(
            "PostgreSQL answers",
            async () => (await this.exec("postgres", "pg_isready", "-q", "-h", "/var/run/postgresql")).ok,
            seconds,
        );
    }

    async logs(role: Role): Promise<string> {
        return (await docker(["logs", this.name(role)], { host: this.host })).output;
    }
}
