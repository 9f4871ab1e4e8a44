import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import { root } from "../../toolchain/paths";
import { pictures } from "../support/pictures";

describe("the pictures of the pages", () => {
    it("are what the code draws now, and their pages have them", async () => {
        for (const [file, svg] of Object.entries(await pictures())) {
            const again = "npx tsx tests/support/writePictures.ts";
            assert.ok(readFileSync(join(root, "docs", file), "utf8") === svg, `${file}: ${again}`);
            const page = readFileSync(join(root, "docs", file.replace(/svg$/, "md")), "utf8");
            assert.match(page, new RegExp(`!\\[[^\\]]{20,}\\]\\(${file}\\)`));
        }
    });
});
