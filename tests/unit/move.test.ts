import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { stopOf } from "../../components/services/move";

/** Seconds of that day, as Docker writes a time. */
const at = (seconds: number): string => `${1_795_737_600 + seconds}500000000`;

describe("when PostgreSQL was told to stop", () => {
    const cases: readonly [what: string, events: readonly string[], seconds: number | undefined][] = [
        ["when Docker sent the signal, not when it ended", [`old ${at(1)}`, `old ${at(4)}`], 1.5],
        ["when it ended by itself", [`old ${at(4)}`], 4.5],
        [
            "of the last container before this one",
            [`older ${at(1)}`, `older ${at(2)}`, `old ${at(7)}`, `old ${at(9)}`],
            7.5,
        ],
        ["of none that came later", [`old ${at(1)}`, `new ${at(5)}`], 1.5],
        ["nothing where Docker no longer knows", [""], undefined],
        ["nothing of what is no event", ["Error response from daemon"], undefined],
    ];
    for (const [what, events, seconds] of cases)
        it(`is ${what}`, () => {
            const found = stopOf(events.join("\n"), "new");
            assert.equal(found === undefined ? undefined : found - 1_795_737_600, seconds);
        });
});
