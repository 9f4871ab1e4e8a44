import assert from "node:assert/strict";
import * as v from "valibot";
import type { Impossible } from "../../../components/restore/facts";
import { type Plan, readPlan } from "../../../components/restore/plan";
import type { Wish } from "../../../components/restore/wish";
import { Containers, READ_ONLY } from "../containers";
import { docker, eventually, mustDocker, type Result } from "../docker";
import { Ledger } from "./ledger";

/** What is wanted of a restore, with what it is without being said. */
export interface Wanted {
    readonly at: string;
    readonly inclusive?: boolean;
    readonly repository?: string;
    readonly timeline?: number;
    readonly backup?: string;
    readonly pause?: boolean;
    readonly acceptDamage?: boolean;
}

const DATA = "/var/lib/postgresql/data";
const REPOSITORY = "/var/lib/pgbackrest";
/** Arguments of the server behind a restore: it has more connections than the ledger's had. */
const SETTINGS = ["-c", "max_connections=110"];

function wishOf(name: string, wanted: Wanted): Wish {
    return { name, inclusive: true, pause: false, acceptDamage: false, ...wanted };
}

function wish(name: string, wanted: Wanted): string[] {
    return ["--env", `RESTORE=${JSON.stringify(wishOf(name, wanted))}`];
}

/** All that says how far a restore is. */
const Record = v.looseObject({ phase: v.string(), backup: v.string(), timeline: v.number() });

/** What there is besides. */
interface More {
    readonly setup?: Parameters<Containers["setup"]>[0];
    /** Arguments of PostgreSQL, and of every restore. */
    readonly settings?: readonly string[];
    /** Options of docker run for both. */
    readonly options?: (containers: Containers) => readonly string[];
    /** Options of docker run for the network of all. */
    readonly network?: readonly string[];
    /** Where the files of the repository are, if not in the volume. */
    readonly repository?: { readonly container: string; readonly directory: string };
}

export interface Snapshot {
    readonly database: string;
    readonly backups: readonly string[];
    readonly wal: readonly string[];
}

/** A copy of the ledger whose database runs, and restores from its repository, each into a volume of its own. */
export class Restores {
    private constructor(
        readonly containers: Containers,
        readonly ledger: Ledger,
        private readonly settings: readonly string[],
        private readonly more: readonly string[],
        private readonly repository: NonNullable<More["repository"]>,
    ) {}

    static async create(more: More = {}): Promise<Restores> {
        const containers = await Containers.create(undefined, more.network);
        const ledger = await Ledger.copyTo(containers);
        const { ok, output } = await containers.setup(more.setup);
        if (!ok) throw new Error(output);
        const restores = new Restores(
            containers,
            ledger,
            more.settings ?? [],
            more.options?.(containers) ?? [],
            more.repository ?? { container: containers.name("postgres"), directory: REPOSITORY },
        );
        await containers.postgres(restores.settings, restores.more);
        await containers.ready();
        return restores;
    }

    /** Restores to its end. */
    run(name: string, wanted: Wanted): Promise<Result> {
        return docker(["run", "--rm", ...this.arguments(name, wanted)]);
    }

    /** The same where nothing else than success makes sense; gives what it said. */
    async mustRun(name: string, wanted: Wanted): Promise<string> {
        const { ok, output } = await this.run(name, wanted);
        assert.ok(ok, output);
        return output;
    }

    /** Begins a restore, in the container `restore`. */
    async begin(name: string, wanted: Wanted): Promise<void> {
        await docker(["rm", "--force", this.containers.name("restore")]);
        await mustDocker([
            ...["run", "--detach", "--name", this.containers.name("restore")],
            ...this.arguments(name, wanted),
        ]);
    }

    /** A container like that of a restore, `stay`, which waits for what it is told. */
    async stay(name: string): Promise<void> {
        await mustDocker([
            ...["run", "--detach", "--name", this.containers.name("stay"), ...this.options(name)],
            ...["sleep", "infinity"],
        ]);
    }

    /** Restores in that container. */
    tell(name: string, wanted: Wanted): Promise<Result> {
        return docker(["exec", ...wish(name, wanted), this.containers.name("stay"), ...this.command("run")]);
    }

    /** What that container would do, or why it cannot. */
    async plan(name: string, wanted: Wanted): Promise<Plan | Impossible | undefined> {
        const plan = ["exec", "--interactive", this.containers.name("stay"), "restore-database.sh", "plan"];
        return readPlan((await docker(plan, { input: JSON.stringify(wishOf(name, wanted)) })).stdout);
    }

    /** Shows one that is paused, in the container `look`. */
    async look(name: string, wanted: Wanted): Promise<void> {
        await docker(["rm", "--force", this.containers.name("look")]);
        await mustDocker([
            ...["run", "--detach", "--name", this.containers.name("look"), ...wish(name, wanted)],
            ...[...this.containers.hardened, ...READ_ONLY, ...this.mounts(name), ...this.more],
            ...[
                "--tmpfs",
                "/var/run/postgresql:uid=999,gid=999",
                this.containers.image,
                ...this.command("look"),
            ],
        ]);
        await this.containers.logged("look", "can be read");
    }

    private arguments(name: string, wanted: Wanted): string[] {
        return [...wish(name, wanted), ...this.options(name), ...this.command("run")];
    }

    private command(what: string): string[] {
        return ["restore-database.sh", what, ...SETTINGS, ...this.settings];
    }

    private options(name: string): string[] {
        return [
            ...[...this.containers.hardened, ...READ_ONLY, ...this.mounts(name), ...this.more],
            ...this.containers.mount("run", "/var/run/postgresql"),
            ...this.containers.mount("state", "/var/lib/pgbackrest-state", "ro"),
            this.containers.image,
        ];
    }

    private mounts(name?: string): string[] {
        const end = name === undefined ? "" : `-${name}`;
        return [
            ...this.containers.mount(`data${end}`, DATA),
            ...this.containers.mount(`spool${end}`, "/var/spool/pgbackrest"),
            ...this.containers.mount("config", "/etc/pgbackrest", "ro"),
            ...this.containers.mount("repo", REPOSITORY),
        ];
    }

    /** Moves the database: PostgreSQL ends, and starts on the volume of a restore, or on the first one. */
    async move(name?: string): Promise<void> {
        await mustDocker(["stop", this.containers.name("postgres")]);
        await this.containers.postgres(this.settings, this.more, name === undefined ? "" : `-${name}`);
        await eventually(
            "the database takes what is written",
            async () =>
                (await this.containers.exec("postgres", "psql", "-XAtqc", "select pg_is_in_recovery()"))
                    .stdout === "f\n",
        );
    }

    /** A transaction of the database that runs, and what is there after it; all of it is archived. */
    async write(moment: string): Promise<{ readonly time: string; readonly rows: readonly string[] }> {
        const { containers } = this;
        await containers.query(`insert into entries (moment) values ('${moment}')`);
        const time = await containers.query("select clock_timestamp()");
        const rows = await containers.query("select line from ledger");
        const last = await containers.query("select pg_walfile_name(pg_switch_wal())");
        await eventually(
            "it is archived",
            async () => (await containers.query("select last_archived_wal from pg_stat_archiver")) >= last,
        );
        return { time, rows: rows.split("\n") };
    }

    /** A backup of the database that runs, on the volume of a restore or on the first one. */
    async backup(type: string, name?: string): Promise<void> {
        await mustDocker([
            ...["run", "--rm", ...this.containers.hardened, ...READ_ONLY],
            ...this.mounts(name),
            ...this.containers.mount("run", "/var/run/postgresql"),
            ...this.containers.mount("state", "/var/lib/pgbackrest-state"),
            ...[this.containers.image, "pgbackrest", "--stanza=main", `--type=${type}`, "backup"],
        ]);
    }

    /** Labels of all backups of the first repository, oldest first. */
    async labels(): Promise<readonly string[]> {
        const script = "pgbackrest --stanza=main --output=json info | jq -r '.[0].backup[].label'";
        const postgres = this.containers.name("postgres");
        return (await mustDocker(["exec", postgres, "sh", "-euc", script])).split("\n");
    }

    /** What is on the volume of a restore, asked of a server of its own that archives nothing. */
    async rows(name: string, query = "select line from ledger"): Promise<string[]> {
        const options = ["archive_mode=off", "listen_addresses=", "unix_socket_directories=/tmp"];
        const script = `pg_ctl start --silent --wait --log /tmp/log --options "${options.map((one) => `-c ${one}`).join(" ")}" || { cat /tmp/log; exit 1; }
            until [ "$(psql -XAtq -h /tmp -c 'select pg_is_in_recovery()')" = f ]; do sleep 0.1; done
            psql -XAtq -h /tmp -c '${query}'
            pg_ctl stop --silent --wait`;
        return (await this.inVolume(name, script)).split("\n");
    }

    /** How far the volume says that its restore is. */
    async record(name: string): Promise<v.InferOutput<typeof Record>> {
        return v.parse(Record, JSON.parse(await this.inVolume(name, "cat $PGDATA/restore.json")));
    }

    /** What a shell script prints in a container that has the volume of a restore, and the repository. */
    inVolume(name: string, script: string): Promise<string> {
        return mustDocker([
            ...["run", "--rm", ...this.containers.network, "--env", `PGDATA=${DATA}`, ...this.mounts(name)],
            ...[this.containers.image, "bash", "-euc", script],
        ]);
    }

    /** All that no restore may change, as it is now: the database that runs, backups, and WAL that is archived. */
    async snapshot(): Promise<Snapshot> {
        const { containers } = this;
        const { container, directory } = this.repository;
        const sums = async (part: string) => {
            const files = `find . -path '*/${part}/main/*' -type f -print0`;
            const script = `cd ${directory} && ${files} | sort -z | xargs -0 sha1sum`;
            return (await mustDocker(["exec", container, "sh", "-c", script])).split("\n");
        };
        const [database, backups, wal] = await Promise.all([
            containers.query(
                `select string_agg(line, ' ') from ledger; select pg_postmaster_start_time(), pg_is_in_recovery(),
                    (select system_identifier from pg_control_system()), (select timeline_id from pg_control_checkpoint())`,
            ),
            sums("backup"),
            sums("archive"),
        ]);
        return { database, backups, wal };
    }

    /** Fails where something of that is not as it was; WAL may have come. */
    async assertAsItWas(was: Snapshot): Promise<void> {
        const now = await this.snapshot();
        assert.deepEqual([now.database, now.backups], [was.database, was.backups]);
        const wal = new Set(now.wal);
        assert.deepEqual(
            was.wal.filter((line) => !wal.has(line)),
            [],
        );
    }

    async remove(): Promise<void> {
        await this.containers.remove();
    }
}
