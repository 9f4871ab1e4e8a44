// npx tsx tests/support/writePictures.ts: makes the pictures of docs/monitoring.md, alerts.md and notifications.md anew.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../toolchain/paths";

// Observable Plot draws half a pixel elsewhere where there is Mocha's word, and the pictures are compared in a test.
Object.assign(globalThis, { it: "drawn as in a test" });
const { pictures } = await import("./pictures");
for (const [file, svg] of Object.entries(await pictures())) writeFileSync(join(root, "docs", file), svg);
