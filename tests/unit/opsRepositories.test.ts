import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import type { Status } from "../../toolchain/operations/operation";
import {
    chosenOf,
    type Repository,
    statusOfActs,
    statusOfQuestions,
    together,
} from "../../toolchain/operations/repositories";

const named = (name: string, number = 1): Repository => ({
    ...{ name, number, place: `posix:${name}`, timetable: undefined },
});
const ALL = [named("local"), named("offsite", 2), named("nas", 3)];

describe("an operation in one of several repositories, or in each", () => {
    it("is in all, in their order, or in the one that is named", () => {
        assert.deepEqual(chosenOf(ALL, { options: {} }), ALL);
        assert.deepEqual(chosenOf(ALL, { options: { repository: "offsite" } }), [ALL[1]]);
    });

    it("is in none where there is none, or none has that name", () => {
        assert.equal(chosenOf([], { options: {} }), "there is no repository");
        assert.equal(
            chosenOf(ALL, { options: { repository: "repo1" } }),
            "there is no repository repo1, but local, offsite, nas",
        );
    });

    const answer = (status: Status, line: string) => ({ status, lines: [line, "more"], data: { line } });
    const ofEach = (...statuses: readonly Status[]) =>
        statuses.map((status, index) => ({
            repository: ALL[index] ?? named("none"),
            answer: answer(status, `line ${index}`),
        }));

    it("answers as it is where there is only one, and with names where there are several", () => {
        const [one] = ofEach(0);
        assert.ok(one !== undefined);
        assert.deepEqual(together([one], [named("local")], statusOfActs), one.answer);
        assert.deepEqual(together(ofEach(0, 1), ALL, statusOfActs), {
            status: 1,
            lines: ["repository local: line 0", "more", "repository offsite: line 1", "more"],
            data: {
                repositories: [
                    { name: "local", status: 0, line: "line 0" },
                    { name: "offsite", status: 1, line: "line 1" },
                ],
            },
        });
        // The one that was named, of several.
        assert.deepEqual(together([one], ALL, statusOfActs).lines, ["repository local: line 0", "more"]);
    });

    const statuses = fc.array(fc.constantFrom<Status>(0, 1, 2), { minLength: 1, maxLength: 8 });
    it("is well only where it was well in each", () => {
        fc.assert(
            fc.property(statuses, (some) => {
                const isWell = some.every((status) => status === 0);
                assert.equal(statusOfActs(some) === 0, isWell);
                assert.equal(statusOfQuestions(some) === 0, isWell);
                // What was tried in none was not tried; what is bad anywhere counts before what cannot be told.
                assert.equal(
                    statusOfActs(some) === 2,
                    some.every((status) => status === 2),
                );
                assert.equal(statusOfQuestions(some) === 1, some.includes(1));
            }),
        );
    });
});
