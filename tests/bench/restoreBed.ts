import { readPlan } from "../../components/restore/plan";
import { Containers, HARDENED, READ_ONLY } from "../support/containers";
import { docker, eventually, mustDocker, type Result } from "../support/docker";
import { extended } from "../support/inputs";

const DATA = "/var/lib/postgresql/data";
/** A place that the image gives to postgres: what is mounted there can be written. */
const SPARE = "/pgbackrest-config";
/** Pairs of volumes: data and spool. */
const DATABASE = ["data", "spool"] as const;
const RESTORED = ["data-restored", "spool-restored"] as const;
/** As the program gives them to the container of a restore on two CPUs. */
const LIMITS = ["--memory", "1024m", "--memory-swap", "1024m", "--cpus", "2"];

/** A server with these replays the WAL that `keepOthers` has kept. */
export const COPIED_WAL = ["-c", `restore_command=cp ${SPARE}/%f "%p"`];

/** What a restore took, in seconds. */
export interface Taken {
    /** From `docker run` to its end. */
    readonly all: number;
    /** Until the files of the backup are there. */
    readonly files: number;
    /** From then on to its target, and on to a timeline of its own. */
    readonly replay: number;
    readonly segments: number;
}

/** A database of which a part compresses well, a full backup of it, and WAL behind that; all else is idle. */
export class RestoreBed {
    #megabytes = 0;
    /** Where the WAL ends. */
    #end = "";

    private constructor(private readonly containers: Containers) {}

    static async create(): Promise<RestoreBed> {
        const containers = await Containers.create();
        try {
            await must(containers.setup({ files: extended("pg_hba.conf", "local replication all peer") }));
            // All WAL stays where another command takes it from, too.
            await containers.postgres(["-c", "wal_keep_size=100GB", "-c", "max_wal_size=16GB"]);
            await containers.backup();
            await must(containers.apply());
            await containers.query("create extension pgcrypto; create table noise (bytes bytea)", "app");
            return new RestoreBed(containers);
        } catch (error) {
            await containers.remove();
            throw error;
        }
    }

    get megabytes(): number {
        return this.#megabytes;
    }

    /** @param scale of pgbench: 15 MB each, and 5 MB that do not compress; @param segments of WAL behind its backup */
    async fill(scale: number, segments: number): Promise<void> {
        const { containers } = this;
        await must(pgbench(containers, "--initialize", "--quiet", "--scale", String(scale)));
        const noise = `select gen_random_bytes(1000) from generate_series(1, ${scale * 5000})`;
        await containers.query(`truncate noise; insert into noise ${noise}`, "app");
        await containers.query("vacuum", "app");
        await mustDocker(["start", containers.name("backup")]);
        await must(containers.exec("backup", "pgbackrest", "--stanza=main", "--type=full", "backup"));
        await mustDocker(["stop", containers.name("backup")]);
        const size = "select sum(pg_database_size(oid)) / 1e6 from pg_database";
        this.#megabytes = Number(await containers.query(size));
        this.#end = await writeWal(containers, segments);
    }

    remove(): Promise<void> {
        return this.containers.remove();
    }

    /** By the product, to the end of the WAL. @param server more arguments of the server that replays */
    async restore(server: readonly string[] = []): Promise<Taken> {
        const { containers } = this;
        await this.forget(RESTORED);
        const name = containers.name("restore");
        const begun = performance.now();
        const { ok, output } = await docker([
            ...[
                "run",
                "--name",
                name,
                ...LIMITS,
                ...this.options(RESTORED),
                "--env",
                `RESTORE=${this.wish()}`,
            ],
            ...containers.mount("wal", SPARE, "ro"),
            ...[containers.image, "restore-database.sh", "run", ...server],
        ]);
        const all = (performance.now() - begun) / 1000;
        if (!ok) throw new Error(output);
        const log = await mustDocker(["logs", "--timestamps", name]);
        await mustDocker(["rm", name]);
        return { all, ...phases(log) };
    }

    /** How long the product says that this takes, where it knows a backup only, or the last restore. */
    async estimate(from: "backup" | "restore"): Promise<number> {
        const { containers } = this;
        const options = this.options(from === "restore" ? RESTORED : DATABASE);
        const command = [containers.image, "restore-database.sh", "plan"];
        const asked = ["run", "--rm", "--interactive", ...options, ...command];
        const json = await mustDocker(asked, { input: this.wish() });
        const plan = readPlan(json);
        if (plan === undefined || "why" in plan || plan.duration?.from !== from) throw new Error(json);
        return plan.duration.restore + (plan.duration.replay ?? 0);
    }

    private options([data, spool]: readonly [string, string]): string[] {
        const { containers } = this;
        return [
            ...[...HARDENED, ...READ_ONLY],
            ...containers.mount(data, DATA),
            ...containers.mount(spool, "/var/spool/pgbackrest"),
            ...containers.mount("config", "/etc/pgbackrest", "ro"),
            ...containers.mount("repo", "/var/lib/pgbackrest"),
            ...containers.mount("run", "/var/run/postgresql"),
            ...containers.mount("state", "/var/lib/pgbackrest-state", "ro"),
        ];
    }

    /** The directory of the database, file by file, until it is on the disk; gives the seconds. */
    copy(): Promise<number> {
        return this.timed(["data", "copy"], "cp -a /data/. /copy/; sync --file-system /copy");
    }

    /** pg_basebackup's archive, unpacked, until it is on the disk. */
    unpack(): Promise<number> {
        return this.timed(
            ["base", "copy"],
            "tar --extract --file /base/base.tar --directory /copy; sync --file-system /copy",
        );
    }

    private async timed(volumes: readonly string[], script: string): Promise<number> {
        const mounts = volumes.flatMap((volume) => this.containers.mount(volume, `/${volume}`));
        const begun = performance.now();
        await this.inContainer([...mounts, "--user", "0:0"], script);
        const taken = (performance.now() - begun) / 1000;
        await this.forget(["copy"]);
        return taken;
    }

    private wish(): string {
        const how = { inclusive: true, pause: false, acceptDamage: false };
        return JSON.stringify({ name: "restored", at: this.#end, ...how });
    }

    /** For the comparisons: the WAL as it was written, and a backup by PostgreSQL's own means. */
    async keepOthers(): Promise<void> {
        const { containers } = this;
        await this.inContainer(
            [...containers.mount("data", DATA, "ro"), ...containers.mount("wal", SPARE)],
            `cd ${DATA}/pg_wal
            for done in archive_status/*.done; do
                file=$(basename "$done" .done); [ ! -e "$file" ] || cp "$file" ${SPARE}
            done`,
        );
        await this.inContainer(
            [...containers.mount("run", "/var/run/postgresql"), ...containers.mount("base", SPARE)],
            `pg_basebackup --pgdata=${SPARE} --format=tar --wal-method=none --checkpoint=fast --no-sync --username=postgres`,
        );
    }

    private async inContainer(mounts: readonly string[], script: string): Promise<void> {
        const shell = [this.containers.image, "bash", "-euc", script];
        await mustDocker(["run", "--rm", "--network", "none", ...mounts, ...shell]);
    }

    private async forget(volumes: readonly string[]): Promise<void> {
        await mustDocker([
            "volume",
            "rm",
            "--force",
            ...volumes.map((volume) => this.containers.name(volume)),
        ]);
    }
}

async function must(result: Promise<Result>): Promise<void> {
    const { ok, output } = await result;
    if (!ok) throw new Error(output);
}

/** WAL of as many segments, of transactions, all of it archived. @returns where it ends */
async function writeWal(containers: Containers, segments: number): Promise<string> {
    const begun = await containers.query("select pg_current_wal_lsn()");
    const written = `select pg_current_wal_lsn() - '${begun}' >= ${segments} * 16777216::numeric`;
    while ((await containers.query(written)) === "f")
        await must(pgbench(containers, "--no-vacuum", "--client=4", "--jobs=2", "--time=3"));
    const end = await containers.query("select pg_current_wal_lsn()");
    await containers.query("checkpoint");
    const last = await containers.query("select pg_walfile_name(pg_switch_wal())");
    const archived = `select last_archived_wal >= '${last}' from pg_stat_archiver`;
    await eventually("all is archived", async () => (await containers.query(archived)) === "t", 900);
    return end;
}

function pgbench(containers: Containers, ...args: readonly string[]): Promise<Result> {
    return containers.exec("postgres", "pgbench", ...args, "app");
}

/** @param log with Docker's times */
function phases(log: string): Omit<Taken, "all"> {
    const line = (text: RegExp): readonly [number, RegExpExecArray] => {
        for (const one of log.split("\n")) {
            const found = text.exec(one);
            if (found !== null) return [Date.parse(one.slice(0, one.indexOf(" "))) / 1000, found];
        }
        throw new Error(`${String(text)} is not in what the restore has said:\n${log}`);
    };
    const [planned] = line(/restore: the database is away/);
    const [restored] = line(/ is restored, in /);
    const [ended, [, segments = ""]] = line(/: (\d+) WAL segments? replayed in /);
    return { files: restored - planned, replay: ended - restored, segments: Number(segments) };
}
