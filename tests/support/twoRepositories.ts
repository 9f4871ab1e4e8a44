import assert from "node:assert/strict";
import { renderRepo } from "../../components/pgbackrest/repository";
import { renderRepositories } from "../../components/protection/state";
import { following } from "../../components/protection/wal";
import { fileEnvironment } from "../../components/publication/publication";
import { Containers } from "./containers";
import { eventually, mustDocker } from "./docker";
import { FILES } from "./inputs";

export const SEGMENT = 2 ** 20;

type Options = Readonly<Record<string, string>>;

/** The repositories of a database with small segments and a short queue: `local` is a directory, and `offsite` is what it is told to be. */
export class TwoRepositories {
    private constructor(readonly containers: Containers) {}

    static async create(network?: readonly string[]): Promise<TwoRepositories> {
        return new TwoRepositories(await Containers.create(undefined, network));
    }

    /** With these options of `offsite` and of all, and files that they name; so many segments may wait for a repository. */
    async start(offsite: Options, queue: number, options = "", files: Options = {}): Promise<void> {
        const { containers } = this;
        const repositories = [
            { number: 1, options: new Map(Object.entries(directory("local"))) },
            { number: 2, options: new Map(Object.entries(offsite)) },
        ];
        const published = [
            { name: "local", number: 1, place: "posix:local" },
            { name: "offsite", number: 2, place: "elsewhere" },
        ];
        const environment = fileEnvironment([
            { name: "conf.d/repo.conf", content: renderRepo(repositories) },
            { name: "repositories.json", content: renderRepositories(published) },
            ...Object.entries(files).map(([name, content]) => ({ name, content })),
        ]);
        const conf = FILES["pgbackrest.conf"]
            .replace("queue-max=4GiB", `queue-max=${queue}MiB`)
            .replace("[main]", `repo2-retention-full=8\narchive-timeout=5\n${options}[main]`);
        const setup = await containers.setup({ environment, files: { ...FILES, "pgbackrest.conf": conf } });
        assert.ok(setup.ok, setup.output);
        const made = await containers.shell(
            `initdb --set huge_pages=off --username postgres --auth peer --wal-segsize ${SEGMENT >> 20} --no-sync --pgdata /var/lib/postgresql/data`,
        );
        assert.ok(made.ok, made.output);
        await containers.postgres();
        await containers.ready();
        const create = ["--stanza=main", "--no-online", "--lock-path=/tmp/test", "stanza-create"];
        const created = await containers.exec("postgres", "pgbackrest", ...create);
        assert.ok(created.ok, created.output);
    }

    /** Writes WAL and gives the last segment of it. */
    async write(segments: number): Promise<string> {
        const one =
            "select pg_walfile_name(pg_switch_wal()) from pg_logical_emit_message(false, 'test', 'x')";
        const names = await this.containers.query(Array.from({ length: segments }, () => one).join(";"));
        return names.split("\n").at(-1) ?? "";
    }

    /** What a repository has got of the WAL, in its order. */
    async archived(repository: "local" | "offsite"): Promise<readonly string[]> {
        const number = repository === "local" ? 1 : 2;
        const listed = await this.containers.exec(
            "postgres",
            ...["pgbackrest", `--config=/etc/pgbackrest/current/archivers/${number}/pgbackrest.conf`],
            ...["--stanza=main", "repo-ls", "--recurse", "archive/main"],
        );
        return Array.from(listed.stdout.matchAll(/\/([0-9A-F]{24})-[0-9a-f]{40}/g), ([, name]) => name ?? "");
    }

    async arrives(repository: "local" | "offsite", segment: string): Promise<void> {
        await eventually(`${repository} has ${segment}`, async () =>
            (await this.archived(repository)).includes(segment),
        );
    }

    /** When the server itself was started. */
    startTime(): Promise<string> {
        return this.containers.query("select pg_postmaster_start_time()");
    }

    /** Of the WAL from one segment to another. */
    async missing(
        repository: "local" | "offsite",
        [first, last]: readonly [string, string],
    ): Promise<readonly string[]> {
        const there = new Set(await this.archived(repository));
        const wanted = [first];
        for (let one = first; one < last;) wanted.push((one = following(one, SEGMENT)));
        return wanted.filter((name) => !there.has(name));
    }

    /** How many segments PostgreSQL waits with. */
    async waiting(): Promise<number> {
        return Number(
            await this.containers.query(
                "select count(*) from pg_ls_archive_statusdir() where name like '%.ready'",
            ),
        );
    }

    /** Processes of pgBackRest, and those that are dead and that nobody has taken notice of. */
    async processes(): Promise<{ readonly archivers: number; readonly zombies: number }> {
        const script =
            "grep -l '^Name:.pgbackrest$' /proc/[0-9]*/status | wc -l; grep -l '^State:.Z' /proc/[0-9]*/status | wc -l";
        const name = this.containers.name("postgres");
        const counted = await mustDocker(["exec", name, "sh", "-c", `(${script}) 2>/dev/null`]);
        const [archivers = NaN, zombies = NaN] = counted.split("\n").map(Number);
        return { archivers, zombies };
    }

    remove(): Promise<void> {
        return this.containers.remove();
    }
}

export function directory(name: string): Options {
    return { type: "posix", path: `/var/lib/pgbackrest/${name}` };
}
