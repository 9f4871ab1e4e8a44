import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { consequences } from "../../components/review/consequences";
import { refusals } from "../../components/review/refusals";
import { reviewRestore } from "../../components/review/restore";
import { described } from "../support/descriptions";

const restoring = (wish: Readonly<Record<string, unknown>>, more: Readonly<Record<string, unknown>> = {}) =>
    described({ restore: { name: "friday", ...wish }, ...more });
const NONE = described();
const GUARD = { accept: [], floor: { full: 0, days: 0 } } as const;
const FEWER = { settings: { max_connections: 50 } };
const PLAN = {
    ...{ name: "friday", target: "latest", at: "latest", inclusive: true, pause: false, repository: "local" },
    ...{
        backup: { label: "20261127-013000F", type: "full", ended: 1795742000 },
        timeline: 1,
        candidates: [],
    },
    ...{ bytes: 1e9, segments: 7, away: "switch and rest", slots: [], warnings: [] },
};

describe("a preview of a restore", () => {
    it("shows the plan, asked of the running backup service", () => {
        const asked: (readonly string[])[] = [];
        const { told, problems } = reviewRestore(NONE, restoring({}, FEWER), (args, input) => {
            asked.push([...args, input]);
            return JSON.stringify(PLAN);
        });
        assert.deepEqual(problems, []);
        assert.match(
            told[0]?.text ?? "",
            /^What restore friday will do:\n {2}restore friday: to the end of the WAL/,
        );
        const [command] = asked;
        assert.ok(command !== undefined);
        assert.deepEqual(command.slice(0, -1), [
            ...["exec", "--interactive", "salespider-backup", "restore-database.sh", "plan"],
            ...["-c", "max_connections=50", "-c", "max_worker_processes=8", "-c", "max_wal_senders=10"],
            ...["-c", "max_prepared_transactions=0", "-c", "max_locks_per_transaction=64"],
        ]);
        assert.match(command.at(-1) ?? "", /"name":"friday"/);
    });

    it("refuses what cannot be, with what can", () => {
        const answer = JSON.stringify({ why: "there is no backup", instead: ["at: latest"] });
        const { problems } = reviewRestore(NONE, restoring({}), () => answer);
        assert.deepEqual(problems, ["pgbackrest:restore: there is no backup. Possible: at: latest"]);
    });

    it("says that it cannot tell where nobody answers, or something else", () => {
        const failing = () => {
            throw new Error("no such container");
        };
        for (const docker of [failing, () => "sh: not found"])
            assert.match(
                reviewRestore(NONE, restoring({}), docker).told[0]?.text ?? "",
                /cannot be told: salespider-backup does not answer/,
            );
    });

    it("of one that has paused asks where it waits whether it goes on", () => {
        const paused = restoring({ pause: true });
        const earlier = restoring({ pause: true, at: "2026-11-27 06:00Z" });
        const why = "restore friday is paused: it went to latest. What is earlier needs a new restore";
        const asked: (readonly string[])[] = [];
        const { problems } = reviewRestore(paused, earlier, (args) => {
            asked.push(args);
            return JSON.stringify({ why, instead: [] });
        });
        assert.deepEqual(problems, [`pgbackrest:restore: ${why}`]);
        assert.deepEqual(asked, [
            ["exec", "--interactive", "salespider-postgres-friday", "restore-database.sh", "later"],
        ]);
        const failing = () => {
            throw new Error("no such container");
        };
        for (const docker of [() => "null", failing])
            assert.match(
                reviewRestore(paused, restoring({}), docker).told[0]?.text ?? "",
                /goes on from where it waits: PostgreSQL moves to it/,
            );
    });

    it("asks nobody where nothing is to be done", () => {
        const never = () => assert.fail("nobody is to be asked");
        assert.deepEqual(reviewRestore(restoring({}), restoring({}), never).told, []);
        assert.deepEqual(reviewRestore(restoring({}), NONE, never).told, []);
        assert.deepEqual(reviewRestore(undefined, restoring({}), never).told, []);
    });
});

describe("a change of a restore", () => {
    const refused = (before: typeof NONE, after: typeof NONE, volume?: string) =>
        refusals(before, after, { ...GUARD, restoreVolume: volume }, []).join("\n");

    it("is refused when it is done, under the same name", () => {
        assert.match(
            refused(restoring({}), restoring({ at: "immediate" })),
            /restore friday is done.*another name/,
        );
        assert.equal(refused(restoring({ pause: true }), restoring({ at: "immediate" })), "");
        assert.equal(refused(restoring({}), described({ restore: { name: "monday" } })), "");
    });

    it("that goes back is DANGER, and in a protected stack wants the volume's name", () => {
        const protect = { protect: true };
        const first = "salespider-postgres-data";
        const back = described({ ...protect, restore: { volume: first } });
        assert.match(
            refused(restoring({}, protect), described(protect)),
            /would go back from volume salespider-postgres-data-friday to salespider-postgres-data,.*restore\.volume salespider-postgres-data$/,
        );
        assert.equal(refused(restoring({}, protect), back, first), "");
        const lines = consequences(restoring({}, protect), back, new Date());
        const [heaviest] = lines;
        assert.equal(heaviest?.severity, "danger");
        assert.match(
            heaviest.text,
            /moves from the data in volume salespider-postgres-data-friday to those in salespider-postgres-data\./,
        );
    });

    it("that takes out one that has only paused leaves nothing behind, also where PostgreSQL is on an earlier one", () => {
        for (const data of ["", "salespider-postgres-data-monday"]) {
            const before = { ...restoring({ pause: true }, { protect: true }), data };
            const after = { ...described({ protect: true }), data };
            assert.equal(refused(before, after), "");
            const all = consequences(before, after, new Date()).map(({ severity }) => severity);
            assert.ok(!all.includes("danger"));
            const [told] = reviewRestore(before, after, () => assert.fail("nobody is to be asked")).told;
            assert.match(
                told?.text ?? "",
                new RegExp(
                    `^Restore friday is given up\\. PostgreSQL never moved to it and stays on the data in volume ${data || "salespider-postgres-data"}: nothing is left`,
                ),
            );
            assert.equal(told?.text.includes("restore.volume"), data !== "");
        }
    });

    it("that only looks moves nothing", () => {
        const texts = consequences(NONE, restoring({ pause: true }), new Date()).map(({ text }) => text);
        assert.doesNotMatch(texts.join("\n"), /restarts once|moves from/);
    });
});
