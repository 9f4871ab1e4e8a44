import assert from "node:assert/strict";
import { Containers } from "../support/containers";
import { docker, eventually } from "../support/docker";
import { edited } from "../support/inputs";

/** Room for five segments. */
const SMALL_QUEUE = edited("pgbackrest.conf", "queue-max=4GiB", "queue-max=80MiB");
const LOOKING_OFTEN = ["LOOK_EVERY=2"];

/** A protected PostgreSQL that has gone on after its data was copied, and can be set back to the copy. */
export class OlderCopy {
    private constructor(readonly containers: Containers) {}

    static async create(): Promise<OlderCopy> {
        const containers = await Containers.create();
        const { ok, output } = await containers.setup({ files: SMALL_QUEUE });
        assert.ok(ok, output);
        await containers.postgres();
        await containers.backup(LOOKING_OFTEN);
        await containers.ready();
        const applied = await containers.apply();
        assert.match(applied.output, /in force, protected/);
        await containers.query("create table noise (n double precision)");
        const older = new OlderCopy(containers);
        await older.arrived(await older.write(1));
        await docker(["stop", containers.name("postgres")]);
        for (const volume of ["data", "spool"]) await older.copy(volume, `${volume}-before`);
        await docker(["start", containers.name("postgres")]);
        await containers.ready();
        await older.arrived(await older.write(3));
        return older;
    }

    async health(): Promise<string> {
        return (await this.containers.exec("backup", "healthcheck-pgbackrest.sh")).output;
    }

    healthSays(text: RegExp): Promise<boolean> {
        return eventually(`health says ${String(text)}`, async () => text.test(await this.health()));
    }

    /** So many segments more: gives the last. */
    async write(segments: number): Promise<string> {
        let last = "";
        for (let written = 0; written < segments; written++)
            last = await this.containers.query(
                "insert into noise select random(); select pg_walfile_name(pg_switch_wal())",
            );
        return last;
    }

    async setBack(): Promise<void> {
        const { containers } = this;
        await docker(["kill", containers.name("postgres")]);
        await docker(["stop", containers.name("backup")]);
        for (const volume of ["data", "spool"]) await this.copy(`${volume}-before`, volume);
        await containers.postgres();
        await containers.ready();
        await this.write(1);
        await containers.logged("postgres", "[045]");
        // Its check is content with the segment of that name that is there.
        await containers.backup(LOOKING_OFTEN);
    }

    private arrived(segment: string): Promise<boolean> {
        return eventually(
            `${segment} has arrived`,
            async () =>
                (await this.containers.query("select last_archived_wal from pg_stat_archiver")) >= segment,
        );
    }

    /** As a snapshot does it: the data and the archiver's spool together. */
    private async copy(from: string, to: string): Promise<void> {
        const volumes = ["data", "spool", "data-before", "spool-before"];
        const mounts = volumes.flatMap((volume) => this.containers.mount(volume, `/copies/${volume}`));
        const script = `rm -rf /copies/${to}/*; cp -a /copies/${from}/. /copies/${to}/`;
        const { ok, output } = await this.containers.shell(script, ["--user", "0", ...mounts]);
        assert.ok(ok, output);
    }
}
