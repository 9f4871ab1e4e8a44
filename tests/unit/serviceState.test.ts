import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { cksum } from "../../components/protection/cksum";
import {
    newState,
    readRepositories,
    readState,
    rememberPlaces,
    takeOver,
} from "../../components/protection/state";
import { memory, NOW } from "../support/repositoryMemory";

const LOCAL = { name: "local", number: 1, place: "posix:volume x" };

describe("what the service remembers", () => {
    it("is read as it was written, and nothing else is", () => {
        const state = { ...newState("host", NOW), begun: true, repositories: { local: memory() } };
        assert.deepEqual(readState(JSON.stringify(state)), state);
        for (const text of ["", "{}", "null", JSON.stringify({ ...state, version: 2 })])
            assert.equal(readState(text), undefined);
        fc.assert(fc.property(fc.string(), (text) => readState(text) === undefined));
    });

    it("has the checksums of the command cksum", () => {
        assert.equal(cksum(Buffer.from("main\nposix:volume x\n")), "2328560725 20");
        assert.equal(cksum(Buffer.from("")), "4294967295 0");
        assert.equal(cksum(Buffer.from("123456789")), "930766865 9");
    });

    const former = (changes: Record<string, string> = {}) =>
        takeOver(
            new Map(
                Object.entries({
                    ...{
                        place: cksum(Buffer.from("main\nposix:volume x\n")),
                        since: "1700000000",
                        verified: "1750000000",
                    },
                    ...{
                        damage: "verify found",
                        expired: "1F",
                        archiving: "1-abc",
                        protected: "1-abc",
                        error: "old",
                    },
                    ...changes,
                }),
            ),
            "host",
            NOW,
        );

    it("is taken over from the files of the shell script, but not what was true then", () => {
        const state = former();
        assert.equal(state.error, "");
        const repository = state.repositories["repo1"];
        assert.deepEqual(
            [repository?.since, repository?.verified, repository?.damage, repository?.expired],
            [1_700_000_000, 1_750_000_000, "verify found", "1F"],
        );
        assert.deepEqual([repository?.archiving, repository?.protected], ["", ""]);
    });

    for (const [what, place] of [
        ["the service before", "main\nposix:volume x\n"],
        ["release 0.1.0", "posix:volume x\n"],
    ] as const)
        it(`knows the place that ${what} knew, under its new name: no second full backup`, () => {
            const state = former({ place: cksum(Buffer.from(place)) });
            const { local } = rememberPlaces(state, [LOCAL], "main", NOW);
            assert.equal(local?.since, 1_700_000_000);
            assert.equal(local.place, "main\nposix:volume x");
        });

    it("knows a container of Azure by the words of before, too", () => {
        const path = "at blob.core.windows.net, path /x";
        const azure = { name: "offsite", number: 1, place: `azure:container c of account a ${path}` };
        const before = cksum(Buffer.from(`main\nazure:container c of a ${path}\n`));
        const memory = rememberPlaces(former({ place: before }), [azure], "main", NOW)["offsite"];
        assert.equal(memory?.since, 1_700_000_000);
    });

    it("counts a repository that is new from now, but believes what is there before anything is known", () => {
        const other = { ...LOCAL, place: "s3:bucket" };
        assert.equal(rememberPlaces(former(), [other], "main", NOW)["local"]?.since, NOW);
        assert.equal(rememberPlaces(former(), [LOCAL], "second", NOW)["local"]?.since, NOW);
        assert.equal(rememberPlaces(newState("host", NOW), [LOCAL], "main", NOW)["local"]?.since, 0);
        // None, too, is a place.
        assert.equal(rememberPlaces(former({ place: "none" }), [LOCAL], "main", NOW)["local"]?.since, NOW);
        const gone = { begun: true, repositories: {} };
        assert.equal(rememberPlaces(gone, [LOCAL], "main", NOW)["local"]?.since, NOW);
        assert.equal(takeOver(new Map(), "host", NOW).begun, false);
    });

    it("knows a repository by its place, whatever its name", () => {
        const before = { begun: true, repositories: { local: memory({ since: 5, expired: "1F" }) } };
        const after = rememberPlaces(before, [{ ...LOCAL, name: "nas" }], "main", NOW);
        assert.deepEqual(Object.keys(after), ["nas"]);
        assert.equal(after["nas"]?.expired, "1F");
    });

    it("reads the published repositories, with names and without", () => {
        assert.deepEqual(readRepositories(JSON.stringify([LOCAL]), false), [LOCAL]);
        assert.deepEqual(readRepositories("posix:volume x\n", false), [{ ...LOCAL, name: "repo1" }]);
        assert.deepEqual(readRepositories('{"PGBACKREST_REPO1_TYPE":"posix"}', false).length, 1);
        assert.deepEqual(readRepositories("none\n", true), []);
    });
});
