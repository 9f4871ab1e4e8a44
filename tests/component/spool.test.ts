import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { type DatabaseVolumes, spoolVolumeName } from "../../components/docker/names";
import { deployed, POSIX } from "../support/mocks";

const OWN = { data: "shop-postgres-data", spool: "shop-pgbackrest-spool" };
/** As release 0.1.0 made it. */
const ADOPTED = { data: "old", spool: "shop-pgbackrest-spool" };

const cases: readonly (readonly [string, DatabaseVolumes | undefined, string | undefined, string])[] = [
    ["a new stack", undefined, undefined, "shop-pgbackrest-spool"],
    ["a new stack with the data of another", undefined, "old", "shop-pgbackrest-spool-old"],
    ["the same data", OWN, undefined, "shop-pgbackrest-spool"],
    ["the same data of another, from an earlier release", ADOPTED, "old", "shop-pgbackrest-spool"],
    ["other data", OWN, "old", "shop-pgbackrest-spool-old"],
    ["other data of another", ADOPTED, "older", "shop-pgbackrest-spool-older"],
    [
        "data of its own where the spool is another's",
        ADOPTED,
        undefined,
        "shop-pgbackrest-spool-shop-postgres-data",
    ],
];

describe("the spool belongs to the data", () => {
    for (const [title, until, wanted, expected] of cases)
        it(title, () => {
            assert.equal(spoolVolumeName("shop", wanted, until), expected);
        });

    it("is what the state says that they have", async () => {
        const history = { deployment: undefined, failed: false, volumes: ADOPTED };
        const raw = { ...POSIX, name: "shop", dataVolume: "old", password: "a-password" };
        const stack = await deployed(raw, { secret: ["password"], history });
        assert.ok(stack.names.includes("Volume shop-pgbackrest-spool"));
    });
});
