import { spawn, type ChildProcess } from "node:child_process";
import { docker, eventually, mustDocker } from "../support/docker";

const DATA = "/var/lib/postgresql/data";
const REPOSITORY = "/var/lib/pgbackrest";
const AS_POSTGRES = "setpriv --reuid 999 --regid 999 --clear-groups";

/** What each service of the old set-up does at its start: it makes its own configuration from its environment. */
const GENERATE = `
    printf '%s\\n' '[global]' "repo1-path=$PGBACKREST_REPO1_PATH" log-level-file=off start-fast=y '[demo]' \\
        pg1-path=${DATA} pg1-user=legacy pg1-database=shop >/etc/pgbackrest.conf
    chown 999:999 /var/run/postgresql /var/lib/pgbackrest`;

/** Like the official image's first start: a superuser of another name, its database, its locale, no checksums. */
const INITIALIZE = `
    [ -e ${DATA}/PG_VERSION ] || {
        chown 999:999 ${DATA}
        echo old-password >/tmp/password
        ${AS_POSTGRES} initdb -D ${DATA} -U legacy --locale=en_US.utf8 --encoding=UTF8 --pwfile=/tmp/password
        echo 'host all all all scram-sha-256' >>${DATA}/pg_hba.conf
        echo 'work_mem = 5MB' >>${DATA}/postgresql.conf
    } >/dev/null 2>&1`;

/** A PostgreSQL and its backups as people run them from docker-compose: two services, each with a configuration of its own. */
export class OldSetup {
    readonly data: string;
    readonly repository: string;
    private client: ChildProcess | undefined;
    private acknowledged = "";

    /** @param prefix of all names, so that what removes them finds them */
    constructor(
        private readonly prefix: string,
        private readonly image: string,
    ) {
        this.data = `${prefix}-old_pgdata`;
        this.repository = `${prefix}-old_backups`;
    }

    container(service: "postgres" | "backup"): string {
        return `${this.prefix}-old-${service}`;
    }

    async start(): Promise<void> {
        await mustDocker(["network", "create", `${this.prefix}-old`]);
        for (const volume of [this.data, this.repository])
            // As docker-compose labels its volumes.
            await mustDocker(["volume", "create", "--label", "com.docker.compose.project=old", volume]);
        const command = `${GENERATE}${INITIALIZE}
            exec ${AS_POSTGRES} postgres -D ${DATA} -c listen_addresses='*' -c archive_mode=on -c archive_timeout=60`;
        await this.service("postgres", command);
        await this.service("backup", `${GENERATE}\nexec ${AS_POSTGRES} sleep infinity`);
        await this.answers();
    }

    private async service(service: "postgres" | "backup", command: string): Promise<void> {
        await mustDocker([
            ...["run", "--detach", "--name", this.container(service), "--user", "0"],
            ...["--network", `${this.prefix}-old`],
            ...["--env", `PGBACKREST_REPO1_PATH=${REPOSITORY}`, "--env", "PGBACKREST_STANZA=demo"],
            ...["--volume", `${this.data}:${DATA}`, "--volume", `${this.repository}:${REPOSITORY}`],
            ...["--volume", `${this.prefix}-old_run:/var/run/postgresql`],
            ...[this.image, "bash", "-euc", command],
        ]);
    }

    /** The old containers again, as they were left. */
    async startAgain(): Promise<void> {
        await mustDocker(["start", this.container("postgres"), this.container("backup")]);
        await this.answers();
    }

    async stop(): Promise<void> {
        await mustDocker(["stop", "--time", "120", this.container("postgres"), this.container("backup")]);
    }

    private async answers(): Promise<void> {
        await eventually(
            "the old PostgreSQL answers",
            async () => (await docker(["exec", this.container("postgres"), "pg_isready", "-q"])).ok,
            120,
        );
    }

    sql(query: string, database = "shop"): Promise<string> {
        const psql = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-U", "legacy", "-d", database];
        return mustDocker(["exec", this.container("postgres"), ...psql, "-c", query]);
    }

    pgbackrest(...args: readonly string[]): Promise<string> {
        return mustDocker(["exec", "--user", "999", this.container("backup"), "pgbackrest", ...args]);
    }

    /** A client that writes all the time, each row with enough in it that WAL flows, until its connection ends. */
    async write(): Promise<void> {
        const psql = ["psql", "-XAtq", "-U", "legacy", "-d", "shop"];
        const child = spawn("docker", ["exec", "--interactive", this.container("postgres"), ...psql], {
            stdio: ["pipe", "pipe", "ignore"],
        });
        child.stdout.on("data", (data) => (this.acknowledged += String(data)));
        child.stdin.on("error", () => undefined);
        const text = "(select string_agg(md5(random()::text), '') from generate_series(1, 1000))";
        child.stdin.write(`insert into ticks (text) values (${text}) returning id \\watch i=0.05\n`);
        this.client = child;
        await eventually("the client writes", async () => Promise.resolve(this.lastTick() > 3));
    }

    writes(): boolean {
        return this.client?.exitCode === null;
    }

    /** The last row of which the server has said that it is there. */
    lastTick(): number {
        return Number(this.acknowledged.split("\n").at(-2) ?? 0);
    }

    end(): void {
        this.client?.kill();
    }
}
