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

    it("one that does not end when it is asked to holds up nothing", async () => {
        const segments = [1, 2].map((number) => `00000001000000000000000${number}`);
        const spool = "/var/spool/pgbackrest/archivers/local/archive/main/out";
        const { ok, output } = await two.containers.shell(`
            cd /tmp; mkdir -p bin pg_wal/archive_status ${spool}
            for name in ${segments.join(" ")}; do touch pg_wal/$name pg_wal/archive_status/$name.ready; done
            cat >bin/pgbackrest <<'EOS'
#!/bin/bash
case "$*" in
*archivers/1/*${segments[1] ?? ""}) trap '' TERM && echo waits >/tmp/waits && exec sleep 100 ;;
*archivers/1/*) touch ${spool}/${segments[0] ?? ""}.ok ;;
*) exit 103 ;;
esac
EOS
            chmod +x bin/pgbackrest
            PATH=/tmp/bin:$PATH timeout --kill-after=1 30 archive-push-pgbackrest pg_wal/${segments[0] ?? ""} || echo "ended with $?"
            cat /tmp/waits`);
        assert.ok(ok, output);
        assert.match(output, /^ended with 103\nwaits\n$/m);
    });

    it("PostgreSQL was not restarted, and nothing of it stays", async () => {
        assert.equal(await two.startTime(), started);
        await eventually("all archivers have ended", async () => {
            const { archivers, zombies } = await two.processes();
            return archivers === 0 && zombies === 0;
        });
    });
});
