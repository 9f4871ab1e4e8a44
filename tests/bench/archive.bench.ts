// What an archiver for each repository costs: WAL segments that wait are delivered to one, two and three directories.
import { Containers } from "../support/containers";
import { eventually } from "../support/docker";
import { extended } from "../support/inputs";
import { amount, compared, median, ratio, runs, shown } from "./measure";

/** Of 16 MiB, most of which is text that compresses to a half. */
const SEGMENTS = amount(16, 2);
const COUNTS = compared([1, 2, 3]);
const RETENTION = COUNTS.slice(1).map((number) => `repo${number}-retention-full=8`);

interface Cost {
    readonly seconds: number;
    /** User and system time of all that runs beside PostgreSQL, and its own. */
    readonly cpu: number;
}

class Archiving {
    private constructor(private readonly containers: Containers) {}

    static async start(count: number): Promise<Archiving> {
        const containers = await Containers.create();
        const lines = ["[global]", ...RETENTION.slice(0, count - 1), "[global:archive-push]"];
        const variables = COUNTS.slice(0, count).map((number): [string, string] => [
            `PGBACKREST_REPO${number}_PATH`,
            `/var/lib/pgbackrest/${number}`,
        ]);
        const setup = await containers.setup({
            files: extended("pgbackrest.conf", [...lines, "log-level-console=warn"].join("\n")),
            environment: Object.fromEntries(variables),
        });
        if (!setup.ok) throw new Error(setup.output);
        await containers.postgres();
        await containers.ready();
        const create = ["--stanza=main", "--no-online", "--lock-path=/tmp/bench", "stanza-create"];
        const created = await containers.exec("postgres", "pgbackrest", ...create);
        if (!created.ok) throw new Error(created.output);
        await containers.query(
            "create table wal as select string_agg(md5(i::text), '') as text from generate_series(1, 500000) i",
        );
        return new Archiving(containers);
    }

    /** Lets WAL wait, and measures how it is delivered. */
    async deliver(): Promise<Cost> {
        await this.archive("set archive_command to ''");
        let last = "";
        for (let segment = 0; segment < SEGMENTS; segment++)
            last = await this.containers.query(
                "with written as (select pg_logical_emit_message(false, 'bench', text) as at from wal) select pg_walfile_name(pg_switch_wal()) from written where at is not null",
            );
        const before = await this.cpu();
        const begun = Date.now();
        await this.archive("reset archive_command");
        await eventually("all is delivered", async () => {
            const archived = await this.containers.query(
                "select coalesce(max(last_archived_wal), '') from pg_stat_archiver where last_archived_wal ~ '^[0-9A-F]{24}$'",
            );
            return archived >= last;
        });
        return { seconds: (Date.now() - begun) / 1000, cpu: (await this.cpu()) - before };
    }

    remove(): Promise<void> {
        return this.containers.remove();
    }

    private async archive(setting: string): Promise<void> {
        await this.containers.query(`alter system ${setting}`);
        await this.containers.query("select pg_reload_conf()");
    }

    /** Of all processes of the container so far, in cgroups of version 1 and 2. */
    private async cpu(): Promise<number> {
        const script =
            "if [ -e /sys/fs/cgroup/cpu.stat ]; then sed -n 's/usage_usec //p' /sys/fs/cgroup/cpu.stat; else echo $(($(cat /sys/fs/cgroup/cpuacct/cpuacct.usage) / 1000)); fi";
        return Number((await this.containers.exec("postgres", "sh", "-c", script)).stdout) / 1e6;
    }
}

export default async function (): Promise<void> {
    const all: Archiving[] = [];
    const costs = COUNTS.map((): Cost[] => []);
    try {
        for (const count of COUNTS) all.push(await Archiving.start(count));
        for (let run = 0; run < runs(3); run++)
            for (const [index, one] of all.entries()) costs[index]?.push(await one.deliver());
    } finally {
        for (const one of all) await one.remove();
    }
    const [base = [], ...others] = costs;
    const of = (some: readonly Cost[], key: keyof Cost) => some.map((cost) => cost[key]);
    const rate = SEGMENTS / median(of(base, "seconds"));
    console.log(
        `one repository: ${shown(rate)} WAL segments a second, ${shown(median(of(base, "cpu")))} CPU seconds for ${SEGMENTS}`,
    );
    for (const [index, some] of others.entries()) {
        const cpu = median(of(some, "cpu")) / median(of(base, "cpu"));
        console.log(
            `${index + 2} repositories against one: ${ratio(of(base, "seconds"), of(some, "seconds"))}, CPU ${cpu.toFixed(2)}x`,
        );
    }
}
