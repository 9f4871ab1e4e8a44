import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { hash, root } from "../../../toolchain/paths";
import type { Report } from "../../../toolchain/progress";
import { run } from "../../../toolchain/run";
import { mustDocker, removeAll } from "../docker";
import { productImage, type TestImage } from "../images";

/** Of the second repository. */
export const PASSPHRASE = "the-passphrase-of-the-ledger";

const SCRIPT = join(import.meta.dirname, "make-ledger.sh");

/**
 * A database with all that can become of it, and its backups: make-ledger.sh says what is in it. It is an image, so that it is kept as the
 * others are and no test can change it; who mounts empty volumes at its places has copies.
 */
export function ledgerImage(): TestImage {
    // Other scripts of the product make no other ledger, and an older one is to be restored too.
    const sources = [SCRIPT, join(root, "image/Dockerfile"), join(root, "image/packages/as-of")];
    return {
        name: `pgbackrest-of-the-tests-ledger:${hash(sources.map((file) => readFileSync(file)))}`,
        title: "Make the ledger",
        why: "a database with three timelines and its backups, for restores; kept for later runs",
        from: productImage(),
        build,
    };
}

async function build(this: TestImage, report: Report): Promise<void> {
    const container = `pgbt-${randomBytes(4).toString("hex")}-ledger`;
    try {
        const command = ["bash", "-c", readFileSync(SCRIPT, "utf8"), "make-ledger", PASSPHRASE];
        const options = ["--name", container, "--network", "none", productImage().name];
        await run("docker", ["run", ...options, ...command], { onLine: report });
        await mustDocker(["commit", "--change", 'CMD ["true"]', container, this.name]);
    } finally {
        await removeAll(container);
    }
}
