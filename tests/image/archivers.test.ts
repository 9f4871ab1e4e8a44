import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { following } from "../../components/protection/wal";
import { PATIENCE } from "../support/containers";
import { eventually } from "../support/docker";
import { directory, SEGMENT, TwoRepositories } from "../support/twoRepositories";

const QUEUE = 12;

describe("two repositories, one of which refuses a WAL segment", function () {
    this.timeout(PATIENCE);
    let two: TwoRepositories;
    let started: string;
    let first: string;
    const archive = "/var/lib/pgbackrest/offsite/archive/main/17-1/0000000100000000";

    before(async () => {
        two = await TwoRepositories.create();
        await two.start(directory("offsite"), QUEUE);
        started = await two.startTime();
    });
    after(() => two.remove());

    it("both get all of it while both are well", async () => {
        first = await two.write(1);
        const last = await two.write(3);
        for (const repository of ["local", "offsite"] as const) {
            await two.arrives(repository, last);
            assert.deepEqual(await two.missing(repository, [first, last]), []);
        }
    });

    it("the other gets what is ready behind it, and its name is in PostgreSQL's log", async () => {
        const next = await two.write(1);
        await two.arrives("offsite", next);
        const name = following(next, SEGMENT);
        await two.containers.shell(`touch ${archive}/${name}-${"a".repeat(40)}.lz4`);
        const last = await two.write(5);
        await two.arrives("local", last);
        assert.deepEqual(await two.missing("local", [first, last]), []);
        assert.ok(!(await two.archived("offsite")).includes(last));
        assert.equal(await two.containers.query("select last_archived_wal from pg_stat_archiver"), next);
        await two.containers.logged("postgres", /repository offsite: .*\[045\]/);
        await two.containers.logged(
            "postgres",
            `repository offsite: the WAL segment ${name} has not arrived`,
        );
    });

    it("past the limit what waits is dropped for that one alone", async () => {
        let last = "";
        await eventually("PostgreSQL goes on", async () => {
            last = await two.write(2);
            await two.arrives("local", last);
            return (await two.waiting()) < QUEUE / 2;
        });
        assert.deepEqual(await two.missing("local", [first, last]), []);
        assert.notDeepEqual(await two.missing("offsite", [first, last]), []);
        const log = await two.containers.logs("postgres");
        assert.match(log, /repository offsite: .*dropped WAL file/);
        assert.doesNotMatch(log, /repository local: .*(?:dropped|not arrived)/);
        await two.arrives("offsite", await two.write(1));
    });

    it("PostgreSQL was not restarted, and nothing of it stays", async () => {
        assert.equal(await two.startTime(), started);
        await eventually("all archivers have ended", async () => {
            const { archivers, zombies } = await two.processes();
            return archivers === 0 && zombies === 0;
        });
    });
});
