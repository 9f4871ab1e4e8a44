import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { hashDirectory } from "../../components/docker/image";

describe("hashDirectory", () => {
    let directory = "";
    const inside = (...path: string[]): string => join(directory, ...path);
    beforeEach(() => {
        directory = mkdtempSync(join(tmpdir(), "pgbt-"));
        mkdirSync(inside("lib"));
        writeFileSync(inside("Dockerfile"), "FROM scratch\n");
        writeFileSync(inside("lib", "a.sh"), "echo a\n");
        writeFileSync(inside("lib", "b.sh"), "echo b\n");
    });
    afterEach(() => {
        rmSync(directory, { recursive: true });
    });

    it("is short, and the same while nothing changes but times and places", () => {
        const hash = hashDirectory(directory);
        assert.match(hash, /^[0-9a-f]{12}$/);
        utimesSync(inside("Dockerfile"), 1, 1);
        mkdirSync(inside("empty"));
        assert.equal(hashDirectory(directory), hash);
        const elsewhere = `${directory}-moved`;
        renameSync(directory, elsewhere);
        directory = elsewhere;
        assert.equal(hashDirectory(directory), hash);
    });

    const changes: Record<string, () => void> = {
        "a content": () => {
            writeFileSync(inside("lib", "a.sh"), "echo A\n");
        },
        "a name": () => {
            renameSync(inside("lib", "a.sh"), inside("lib", "c.sh"));
        },
        "a directory": () => {
            renameSync(inside("lib"), inside("bin"));
        },
        "a new file": () => {
            writeFileSync(inside("lib", "c.sh"), "");
        },
        "a file gone": () => {
            rmSync(inside("lib", "b.sh"));
        },
        "the mode of a program": () => {
            chmodSync(inside("lib", "a.sh"), 0o755);
        },
        "a line that moves from one file to the next": () => {
            writeFileSync(inside("lib", "a.sh"), "echo a\necho b\n");
            writeFileSync(inside("lib", "b.sh"), "");
        },
    };
    for (const [what, change] of Object.entries(changes))
        it(`changes with ${what}`, () => {
            const hash = hashDirectory(directory);
            change();
            assert.notEqual(hashDirectory(directory), hash);
        });
});
