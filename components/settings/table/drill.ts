import * as v from "valibot";
import { anyText, cronFields, field, fraction, integer, map, someText } from "../../fields";
import { duration } from "../../pgbackrest/duration";
import { GREATEST_MEMORY, part, setting } from "../setting";

/** YAML has numbers and booleans of its own, and psql prints the latter as t and f. */
const expected = field("a text, a number, or true or false", (input) => {
    if (typeof input === "boolean") return input ? "t" : "f";
    return typeof input === "string" || typeof input === "number" ? String(input).trim() : undefined;
});

const query = v.strictObject({
    sql: someText,
    expect: expected,
    database: v.optional(anyText, ""),
});

/** The word `off` in place of the map. */
export const OFF = { schedule: "off" } as const;

/** How it is proven that backups restore. */
export const drills = {
    drill: setting(
        v.pipe(
            v.strictObject({
                schedule: part(
                    cronFields("off"),
                    "",
                    "When each repository is drilled that has no schedule of its own (drill in its entry). Empty: weekly (30 3 * * 3) where protect is, otherwise never.",
                ),
                queries: part(
                    map(query),
                    {},
                    "Your own proofs: a map from a name to {sql, expect, database}. expect is what psql prints without a frame, columns parted by |; no database is the stack's own.",
                ),
                rto: part(
                    duration,
                    0,
                    "A drill that takes longer than this until the database takes queries is red. 0: any time is good.",
                ),
                rpo: part(
                    duration,
                    0,
                    "A drill that recovers nothing newer than this is red. 0: any age is good.",
                ),
                memory: part(
                    integer(256, GREATEST_MEMORY, "MiB"),
                    1024,
                    "Memory limit of NAME-drill in MiB.",
                ),
                cpus: part(
                    fraction(0, 1024, "CPUs"),
                    0,
                    "CPUs that it may use, such as 0.5. 0: as for cpus.",
                ),
            }),
            v.title("a map, or off"),
        ),
        {},
        {
            description:
                "Drills, which prove that backups restore: a map of schedule and more, or off: docs/drills.md. Each restores the newest backup of a repository and its WAL to a volume of its own, which needs the room of the database on the host, and reads all of it from the repository.",
            change: "drill",
            described: "at drill",
            off: OFF,
        },
    ),
};
