import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { choose } from "../../components/restore/choose";
import type { Facts } from "../../components/restore/facts";
import { declaredMinimums, enough } from "../../components/restore/minimums";
import { type Plan, planOf, planText, readPlan } from "../../components/restore/plan";
import { readTarget } from "../../components/restore/target";
import type { Wish } from "../../components/restore/wish";
import { factsOfRestore } from "../support/restoreFacts";

const GIB = 2 ** 30;

function plan(at: string, wish: Partial<Wish> = {}, facts: Partial<Facts> = {}): Plan {
    const all = { ...factsOfRestore(), ...facts };
    const asked = { name: "before-import", at, inclusive: true, pause: false, acceptDamage: false, ...wish };
    const target = readTarget(at, all.now);
    assert.ok(typeof target === "object", at);
    const choice = choose(asked, target, all);
    assert.ok("backup" in choice, "why" in choice ? choice.why : "");
    return planOf(choice, asked, target, all);
}

/** The line that begins so. */
function line(begin: string, ...of: Parameters<typeof plan>): string {
    return planText(plan(...of)).find((text) => text.startsWith(begin)) ?? "";
}

describe("the plan of a restore", () => {
    const speed = { bytesPerSecond: GIB / 10, segmentsPerSecond: 2, from: "restore" } as const;

    it("is told in the order in which somebody asks", () => {
        const facts = { speed, freeBytes: 5 * GIB };
        assert.deepEqual(planText(plan("2026-11-27T03:30+00", { timeline: 2 }, facts)), [
            "restore before-import: to 2026-11-27 03:30:00+00, along the history of timeline 2",
            "the backup is B (full, ended 2026-11-27 03:00:00+00) of the repository local; all that there are:",
            "  D of local: ended 2026-11-27 08:00:00+00, after the target",
            "  C of local: ended at 0/14000000 on timeline 1, which the history of timeline 2 had left at 0/10000000",
            "  B of local: chosen: the newest that ended before the target",
            "  A of local: older than the chosen one",
            "left behind: what was written from 2026-11-27 03:30:00+00 up to now, 2026-11-27 09:15:00+00: about 344MiB of WAL",
            "to do: 2.0GiB to restore and about 4 WAL segments to replay, in about 32 s (at the speed of the last restore)",
            "room: 2.0GiB needed, and WAL besides; there are 5.0GiB",
            "the database is away for one stop and one start, when all is replayed",
            "replication slots do not come back: replica",
            "WARNING: timeline 2 has left timeline 1 at 0/10000000: what was written on timeline 1 after that is no part of this. If that is wanted: timeline: 1",
        ]);
    });

    it("says with how many connections and the like it goes, now and then", () => {
        const now = declaredMinimums(["-c", "max_connections=200"]);
        const then = declaredMinimums(["-c", "max_connections=50", "-c", "max_wal_senders=12"]);
        const settings = (minimums: Facts["minimums"], pause = false) =>
            line("settings: ", "latest", { pause }, minimums === undefined ? {} : { minimums });
        assert.equal(settings({ now: undefined, then: undefined }), "");
        assert.equal(
            settings({ now, then }),
            "settings: max_connections 50 (now 200), max_worker_processes 8, max_wal_senders 12 (now 10), max_prepared_transactions 0, " +
                "max_locks_per_transaction 64; where more was there when the WAL was written, the restore takes as much until it is at its target",
        );
        assert.match(
            settings({ now }, true),
            /^settings: max_connections 200, .* the restore takes as much$/,
        );
        assert.match(settings({ then }), /^settings: max_connections 50, /);
        const { minimums } = plan("latest", {}, { minimums: { now, then } });
        assert.deepEqual(minimums.slice(0, 2), [
            { name: "max_connections", now: 200, then: 50 },
            { name: "max_worker_processes", now: 8, then: 8 },
        ]);
    });

    it("goes with as much of them as the control file says, where the server has less", () => {
        const control = new Map([
            ["max_connections setting", "200"],
            ["max_locks_per_xact setting", "32"],
        ]);
        const taken = enough(declaredMinimums(["max_connections=50", "max_connections=60"]), control);
        assert.deepEqual(Object.fromEntries(taken), {
            ...{ max_connections: 200, max_worker_processes: 8, max_wal_senders: 10 },
            ...{ max_prepared_transactions: 0, max_locks_per_transaction: 64 },
        });
    });

    it("says which target", () => {
        const first = (...of: Parameters<typeof plan>): string => line("restore ", ...of);
        assert.match(first("latest"), /: to the end of the WAL,/);
        assert.match(first("immediate"), /: to the end of the backup,/);
        assert.match(first("after"), /: to the restore point after,/);
        assert.match(
            first("0/21000000", { inclusive: false }),
            /: to 0\/21000000 in the WAL, without what begins there,/,
        );
        assert.match(
            first("2026-11-27 08:30:00+00", { inclusive: false }),
            /08:30:00\+00, without what was committed at that very moment,/,
        );
    });

    it("says how long it takes, as far as anybody knows", () => {
        const todo = (known: Facts["speed"], at = "latest"): string =>
            line("to do: ", at, {}, { speed: known });
        assert.match(todo(undefined), /which takes nobody knows how long before there was a restore$/);
        assert.match(
            todo(speed),
            / and 5 WAL segments to replay, in about 33 s \(at the speed of the last restore\)$/,
        );
        assert.match(todo(speed, "immediate"), / and 1 WAL segment to replay/);
        assert.match(
            todo({ bytesPerSecond: GIB / 3600, segmentsPerSecond: 5, from: "backup" }),
            /in about 2\.3 h \(at the speed of the last backup\)$/,
        );
        assert.match(todo({ ...speed, bytesPerSecond: GIB / 600 }), /in about 23 min \(/);
    });

    it("says how long the database is away, and what is left behind", () => {
        const of = (...given: Parameters<typeof plan>): string[] => [
            line("the database is away ", ...given).slice("the database is away ".length),
            line("left behind: ", ...given).slice("left behind: ".length),
        ];
        assert.deepEqual(of("latest"), [
            "for one stop, one start and the replay of what was written meanwhile",
            "nothing: what is written meanwhile follows",
        ]);
        assert.match(of("0/21000000", { pause: true })[0] ?? "", /^not at all: it serves on/);
        assert.match(
            of("0/21000000")[1] ?? "",
            /^what was written after that up to now, .*: about 56MiB of WAL$/,
        );
        assert.equal(of("of somebody")[1], "nobody can tell");
        assert.deepEqual(of("latest", {}, { running: undefined }), [
            "already, until this is done",
            "what was never archived; no database runs that could say how much",
        ]);
        assert.equal(line("replication slots", "latest", {}, { running: undefined }), "");
    });

    it("goes through JSON unchanged, and so does a refusal", () => {
        for (const one of [plan("latest"), plan("2026-11-27 03:30:00+00", {}, { speed, freeBytes: GIB * 3 })])
            assert.deepEqual(readPlan(JSON.stringify(one)), one);
        const refused = { why: "there is no repository", instead: [] };
        assert.deepEqual(readPlan(JSON.stringify(refused)), refused);
        assert.equal(readPlan("Error: No such container: salespider-backup"), undefined);
    });
});
