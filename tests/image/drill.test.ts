import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { STEPS } from "../../components/drill/record";
import { PATIENCE } from "../support/containers";
import { Drills } from "../support/drilling";

describe("drill", function () {
    this.timeout(PATIENCE);
    let drills: Drills;

    before(async () => {
        drills = await Drills.create();
    });
    after(() => drills.remove());

    it("restores the newest state, tries it, and tells what it has found and what it has not looked at", async () => {
        const { rows } = drills.ledger.at("b4");
        const ledger = {
            database: "postgres",
            sql: "select line from ledger",
            expect: `\n${rows.join("\n")} `,
        };
        const nothingElse = {
            database: "postgres",
            sql: "select count(*) from pg_stat_activity where backend_type ~ 'worker|launcher|archiver'",
            expect: "0",
        };
        await drills.start({ queries: { ledger, nothingElse }, rto: 3600, rpo: 365 * 86_400 });
        const record = await drills.record();
        assert.deepEqual(
            [record.result, record.why, record.by, record.timeline],
            ["passed", "", "hand", 2],
            JSON.stringify(record),
        );
        assert.deepEqual(
            record.steps.map(({ name, result }) => [name, result]),
            STEPS.map((name) => [name, "passed"]),
        );
        assert.deepEqual(record.counts, {
            "postgres.public.bulk": Number(/bulk: (\d+) rows/.exec(rows.join("\n"))?.[1]),
            "postgres.public.entries": rows.filter((row) => row.startsWith("entry")).length,
        });
        assert.ok(record.bytes > 2 ** 20 && record.segments > 0 && (record.recoveryTime ?? 0) > 0);
        const commit = Date.parse(drills.ledger.at("b4").commit.time) / 1000;
        assert.equal(record.recoveryPoint, record.began - Math.floor(commit));
        assert.match(record.notTested.join("\n"), /4 other backups of repo1/);
        assert.equal(await drills.left(), "");
    });
});
