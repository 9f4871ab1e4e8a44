import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { noRoom, noRoomAnyMore, roomOf, tooSlow, whyFailed, withRecord } from "../../components/drill/found";
import type { Step } from "../../components/drill/record";
import { drill } from "../support/drills";

const GIB = 2 ** 30;
const MIB = 2 ** 20;

describe("what a drill has found", () => {
    it("needs room for the database and its WAL, of which PostgreSQL keeps no more than it wants", () => {
        assert.equal(roomOf(3 * GIB, 10, 16 * MIB), 3 * GIB + 160 * MIB);
        assert.equal(roomOf(3 * GIB, 10_000, 16 * MIB), 5 * GIB);
    });

    it("leaves 1 GiB free, and says how much lacks, rounded up", () => {
        assert.equal(noRoom(3 * GIB, 4 * GIB), undefined);
        assert.match(noRoom(3 * GIB, 4 * GIB - 1) ?? "", /^no room: 0\.1 GiB lack .* say drill: off$/);
        assert.match(
            noRoom(3 * GIB, 1.25 * GIB) ?? "",
            /^no room: 2\.8 GiB lack .* needs 3\.0 GiB, .* there are 1\.3 GiB/,
        );
        assert.match(noRoomAnyMore(GIB - 1), /^no room: 0\.1 GiB lack/);
        assert.match(noRoomAnyMore(0), /^no room: 1\.0 GiB lack/);
        // It may have come back meanwhile.
        assert.match(noRoomAnyMore(2 * GIB), /^no room: 0\.1 GiB lack/);
    });

    it("is too slow or too old only where the stack says so and it was measured", () => {
        const measured = { recoveryTime: 240, recoveryPoint: 40 };
        assert.deepEqual(tooSlow(measured, {}), []);
        assert.deepEqual(tooSlow(measured, { rto: 240, rpo: 40 }), []);
        assert.deepEqual(tooSlow({}, { rto: 0, rpo: 0 }), []);
        assert.deepEqual(tooSlow(measured, { rto: 239, rpo: 39 }), [
            "the database took queries 240 s after the restore began, and rto is 239 s",
            "the newest commit was 40 s old when the drill began, and rpo is 39 s",
        ]);
    });

    it("fails for what has failed, not for what could not be tested", () => {
        const step = (name: Step["name"], result: Step["result"]): Step => ({
            name,
            result,
            seconds: 1,
            text: name,
        });
        assert.equal(whyFailed([step("restore", "passed"), step("amcheck", "skipped")], []), "");
        assert.equal(
            whyFailed(
                [step("amcheck", "failed"), step("queries", "passed"), step("checksums", "failed")],
                ["slow"],
            ),
            "amcheck: amcheck; checksums: checksums; slow",
        );
    });

    it("is kept in its order, the oldest not for ever, and counts of rows in the last two", () => {
        const records = [1, 2, 3].map((began) => drill({ began, counts: { t: began } }));
        const all = withRecord(records, drill({ began: 4, counts: { t: 4 } }), 3);
        assert.deepEqual(
            all.map(({ began, counts }) => [began, counts]),
            [
                [2, {}],
                [3, { t: 3 }],
                [4, { t: 4 }],
            ],
        );
    });
});
