import assert from "node:assert/strict";
import type { CloudStack } from "./cloudStack";

/** What every repository must be able to do: archive under load, diff, a second full, expire, verify, and give everything back. */
export async function cycle(cloud: CloudStack): Promise<void> {
    const loaded = cloud.load(6);
    await cloud.pgbackrest("--type=diff", "backup");
    await loaded;
    await cloud.pgbackrest("--type=full", "backup");
    const before = await cloud.backups();
    assert.equal(before.length, 3, before.join(" "));
    // A repository that was one of several has kept its number.
    const [number = 1] = (await cloud.numbers()).values();
    await cloud.pgbackrest(`--repo${number}-retention-full=1`, "expire");
    assert.deepEqual(await cloud.backups(), before.slice(-1));
    await cloud.load(2);
    await cloud.archived();
    const verified = await cloud.pgbackrest("--output=text", "--verbose", "verify");
    assert.match(verified, /^ *status: ok/m);
    assert.equal(await cloud.restoredChecksum(), await cloud.checksum());
}
