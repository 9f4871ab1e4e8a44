import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { GoCaches } from "../../toolchain/closedNetwork/goBuild";
import { parts, sourceDirectory } from "../../toolchain/closedNetwork/parts";
import { findOnPath } from "../../toolchain/paths";
import { attempt } from "../../toolchain/run";

describe("the closed-network provider", () => {
    it("passes its own Go tests: names are changed both ways, what is unknown is refused", async function () {
        this.timeout(180_000);
        if (findOnPath("go") === undefined) this.skip();
        const { environment } = await GoCaches.openKept();
        const result = await attempt("go", ["test", "./..."], {
            cwd: sourceDirectory(parts.proxy),
            environment,
        });
        assert.ok(result.ok, result.all);
    });
});
