import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readRepositories } from "../../components/protection/state";
import { REPOSITORY_SECRETS } from "../../components/repository/kinds";
import { builtImage } from "../support/containers";
import { docker, eventually, mustDocker } from "../support/docker";
import type { Server } from "../support/servers/servers";
import { type CommandResult, TestStack } from "../support/stack";
import { Running } from "../e2e/running";

/** An entry of the setting `repositories`. */
export type Repository = Readonly<Record<string, unknown>>;

export const LOCAL: Repository = { name: "local", type: "posix" };

/** What must not change while repositories are switched under a live database. */
export interface Uninterrupted {
    readonly postmaster: string;
    readonly services: readonly string[];
}

/** A live stack whose repository is moved from server to server. */
export class CloudStack {
    private readonly joined: Server[] = [];

    private constructor(
        readonly stack: TestStack,
        readonly running: Running,
        readonly image: string,
    ) {}

    /** A stack with a repository on its own host, and a table with rows. */
    static async create(settings: Readonly<Record<string, unknown>> = {}): Promise<CloudStack> {
        const image = await builtImage();
        const stack = await TestStack.create({ image, repositories: [LOCAL], ...settings });
        const cloud = new CloudStack(stack, new Running(stack), image);
        await stack.mustUp();
        await cloud.running.sql("create table rows (id bigserial primary key, text text)", "app");
        return cloud;
    }

    /** Lets the containers of the stack reach a server, and the program know its authority. */
    async join(server: Server): Promise<void> {
        await server.join(this.stack.name);
        this.joined.push(server);
        this.file("ca.crt", server.ca);
    }

    /** A file in the project. */
    file(name: string, text: string): void {
        writeFileSync(join(this.stack.directory, name), text);
    }

    /** Few large objects from the next switch on, or one for each file, which is what the base template does. */
    bundle(on: boolean): void {
        this.stack.configure({ options: on ? { global: { "repo1-bundle": "y" } } : undefined });
    }

    /** Moves the backups; what has to be true afterwards is checked by `protectedBy`. */
    async switchTo(...repositories: readonly Repository[]): Promise<CommandResult> {
        await this.configure(...repositories);
        return this.stack.up();
    }

    /** Has these repositories in its settings. */
    async configure(...repositories: readonly Repository[]): Promise<void> {
        const isSecret = (field: string): boolean => REPOSITORY_SECRETS.includes(field);
        const plain = repositories.map((repository) =>
            Object.fromEntries(Object.entries(repository).filter(([field]) => !isSecret(field))),
        );
        this.stack.configure({ repositories: plain });
        for (const [index, repository] of repositories.entries())
            for (const field of Object.keys(repository).filter(isSecret)) {
                const key = `pgbackrest:repositories[${index}].${field}`;
                const set = await this.stack.pulumi(
                    ["config", "set", "--secret", "--path", key],
                    String(repository[field]),
                );
                assert.ok(set.ok, set.output);
            }
    }

    /** The switch ended well: stanza, archiving and a new full backup are there already. */
    async mustSwitchTo(repository: Repository): Promise<number> {
        const up = await this.switchTo(repository);
        assert.ok(up.ok, withoutOutputs(up.output));
        assert.equal((await this.running.fullBackups()).length, 1);
        return up.seconds;
    }

    async uninterrupted(): Promise<Uninterrupted> {
        const [postmaster, services] = await Promise.all([this.running.startTime(), this.running.services()]);
        return { postmaster, services };
    }

    /** Writes about 3 MB for each of `steps`, with a WAL segment of its own. */
    async load(steps: number): Promise<void> {
        for (let step = 0; step < steps; step++)
            await this.running.sql(
                "insert into rows (text) select repeat(md5(random()::text), 3) from generate_series(1, 20000); commit; select pg_switch_wal()",
                "app",
            );
    }

    /** Until everything that was committed is in the repository. */
    async archived(seconds = 60): Promise<void> {
        const segment = await this.running.switchWal();
        await eventually(
            `${segment} is archived`,
            async () => (await this.lastArchived()) >= segment,
            seconds,
        );
    }

    lastArchived(): Promise<string> {
        return this.running.sql("select coalesce(last_archived_wal, '') from pg_stat_archiver");
    }

    /** Segments that wait for the repository. */
    async backlog(): Promise<number> {
        const ready = "select count(*) from pg_ls_archive_statusdir() where name like '%.ready'";
        return Number(await this.running.sql(ready));
    }

    checksum(): Promise<string> {
        return this.running.sql(CHECKSUM, "app");
    }

    /** Of each repository that is published, by its name. */
    async numbers(): Promise<ReadonlyMap<string, number>> {
        const file = await this.running.configuration("backup", "current/repositories.json");
        return new Map(readRepositories(file, false).map(({ name, number }) => [name, number]));
    }

    /** A backup or another command in the backup container, as an administrator would type it. */
    async pgbackrest(...args: readonly string[]): Promise<string> {
        const result = await this.running.exec("backup", "pgbackrest", "--stanza=main", ...args);
        assert.ok(result.ok, result.output);
        return result.output;
    }

    /** The labels of all backups in the repository, oldest first. */
    async backups(): Promise<readonly string[]> {
        const info = await this.running.pgbackrest("info");
        return [...info.matchAll(/(?:full|diff|incr) backup: (\S+)/g)].map(([, label = ""]) => label);
    }

    /** Restores into a volume of its own, starts that, and gives the checksum of its rows. */
    async restoredChecksum(...options: readonly string[]): Promise<string> {
        const name = `${this.stack.name}-restored`;
        const common = [
            ...[
                "--network",
                this.stack.name,
                "--volume",
                `${this.stack.name}-pgbackrest-config:/etc/pgbackrest:ro`,
            ],
            ...["--volume", `${this.stack.name}-pgbackrest-repo:/var/lib/pgbackrest`],
            ...["--volume", `${name}:/var/lib/postgresql/data`, this.image],
        ];
        const command = [
            "pgbackrest",
            "--stanza=main",
            "--log-level-console=warn",
            "--archive-mode=off",
            ...options,
            "restore",
        ];
        try {
            await mustDocker(["run", "--rm", ...common, ...command]);
            const files = [
                "config_file=/etc/pgbackrest/postgresql.conf",
                "hba_file=/etc/pgbackrest/pg_hba.conf",
                "ident_file=/etc/pgbackrest/pg_ident.conf",
            ];
            const settings = files.flatMap((setting) => ["-c", setting]);
            await mustDocker([
                "run",
                "--detach",
                "--name",
                name,
                ...common,
                "postgres",
                "-D",
                "/var/lib/postgresql/data",
                ...settings,
            ]);
            const query = ["exec", name, "psql", "-XAtq", "-d", "app", "-c"];
            await eventually(
                "the restored database is open",
                async () => {
                    const { stdout } = await docker(["inspect", "--format", "{{.State.Running}}", name]);
                    if (stdout.trim() !== "true") throw new Error((await docker(["logs", name])).output);
                    return (await docker([...query, "select pg_is_in_recovery()"])).stdout.trim() === "f";
                },
                90,
            );
            return await mustDocker([...query, CHECKSUM]);
        } finally {
            await docker(["rm", "--force", "--volumes", name]);
            await docker(["volume", "rm", "--force", name]);
        }
    }

    async remove(): Promise<void> {
        for (const server of this.joined) await server.leave(this.stack.name);
        await this.stack.remove();
    }
}

export const CHECKSUM =
    "select count(*) || ' ' || coalesce(md5(string_agg(id || text, ',' order by id)), '') from rows";

/** What `pulumi up` said, without the list of the stack's outputs. */
function withoutOutputs(output: string): string {
    return output.replace(/^Outputs:$.*?(?=^Resources:)/ms, "");
}
