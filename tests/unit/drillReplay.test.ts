import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { upTo } from "../../service/drill/recover";
import { attempt } from "../../toolchain/run";

const END = "00000002000000010000000A";
/** What recovery asks for, and whether the repository is asked. */
const ASKED: Readonly<Record<string, boolean>> = {
    "000000010000000100000009": true,
    "000000020000000100000009": true,
    [END]: true,
    "00000002000000010000000B": false,
    "000000020000000200000000": false,
    "00000002.history": true,
    "00000003.history": true,
};

describe("a drill's replay", () => {
    for (const [file, isAsked] of Object.entries(ASKED))
        it(`${isAsked ? "asks for" : "ends before"} ${file} where ${END} is the newest`, async () => {
            const command = upTo(END, "echo asked").replaceAll("%f", file);
            const { exitCode, stdout } = await attempt("sh", ["-c", command]);
            assert.deepEqual([exitCode, stdout], isAsked ? [0, "asked"] : [1, ""]);
        });
});
