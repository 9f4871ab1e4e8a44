import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "mocha";
import { compile, PROGRAMS } from "../../service/bundle.mjs";
import { root } from "../../toolchain/paths";

describe("the programs of the image", () => {
    it("have the same bytes wherever they are made, also where node_modules is a link: another image restarts PostgreSQL", () => {
        const elsewhere = mkdtempSync(join(tmpdir(), "pgbackrest-bundle-"));
        try {
            for (const entry of readdirSync(root)) symlinkSync(join(root, entry), join(elsewhere, entry));
            for (const source of Object.values(PROGRAMS)) {
                const made = Buffer.from(compile(elsewhere, source));
                assert.ok(made.equals(Buffer.from(compile(root, source))), source);
                assert.ok(!made.includes(`${root.slice(1)}/`), source);
            }
        } finally {
            rmSync(elsewhere, { recursive: true });
        }
    });
});
