import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { STABLE } from "../../components/docker/release";
import { consequences } from "../../components/review/consequences";
import { described } from "../support/descriptions";
import { APPLIES, GOES_ON, NOW, tells } from "../support/told";

describe("consequences for what runs", () => {
    tells([
        [
            "a reload",
            [],
            [{ settings: { work_mem: "16MB" } }],
            [/^note PostgreSQL takes over while it runs: work_mem to 16MB\.$/, GOES_ON],
        ],
        [
            "a restart",
            [],
            [{ settings: { max_connections: 200 } }],
            [
                /^warning salespider-postgres restarts once \(only a restart changes max_connections to 200\)/,
                /^note salespider-backup goes on, a backup that runs is finished; salespider-setup and/,
            ],
        ],
        [
            "a port",
            [],
            [{ port: 5432 }],
            [
                /^warning salespider-postgres restarts once \(published at 127\.0\.0\.1:5432 instead of no port\)/,
                /^note salespider-backup goes on/,
            ],
        ],
        [
            "memory with its buffers",
            [],
            [{ memory: 2048 }],
            [
                /^warning .*shared_buffers from 256MB to 512MB/,
                /^note PostgreSQL takes over.*effective_cache_size/,
                /^note the memory limit of salespider-postgres is 2048 MiB instead of 1024 MiB, changed while it runs/,
                /^note salespider-backup goes on/,
            ],
        ],
        [
            "memory of the backup",
            [],
            [{ backupMemory: 1024 }],
            [/^note the memory limit of salespider-backup/, /goes on, a backup that runs is finished\.$/],
        ],
        [
            "an image",
            [],
            [{}, undefined, "image-2"],
            [
                /^warning salespider-postgres restarts once \(another image\)/,
                /^note salespider-backup is replaced/,
                /^note salespider-setup and salespider-apply/,
            ],
        ],
        [
            "Debian stable's pgBackRest",
            [],
            [{}, undefined, `image-1${STABLE}`],
            [
                /^warning pgBackRest becomes Debian stable's 2\.55\.1\. Lost: archive-push-queue-max holds while/,
                /^warning salespider-postgres restarts once \(another image with Debian stable's pgBackRest\)/,
                /^note salespider-backup is replaced/,
                /^note salespider-setup and salespider-apply/,
            ],
        ],
        [
            "the newest pgBackRest",
            [{}, undefined, `image-1${STABLE}`],
            [],
            [
                /^warning salespider-postgres restarts once \(another image with the newest pgBackRest\)/,
                /^note salespider-backup is replaced/,
                /^note salespider-setup and salespider-apply/,
            ],
        ],
        [
            "a generated password",
            [{}],
            [{ passwordGeneration: 2 }],
            [/^warning the password of app changes without a restart/, APPLIES],
        ],
        [
            "a password",
            [{ password: "one-password" }],
            [{ password: "another-one" }],
            [/^warning the password of app changes without a restart/, APPLIES],
        ],
        [
            "protection",
            [],
            [{ protect: true }],
            [
                /^note drills are on: /,
                /^note from now on the volumes .* cannot be deleted/,
                /^note salespider-backup serves metrics: /,
                /^note salespider-postgres goes on/,
            ],
        ],
        [
            "protection that goes",
            [{ protect: true }],
            [],
            [
                /^warning nothing proves any more that backups restore/,
                /^warning from now on `destroy` deletes the volumes/,
                /^warning salespider-backup serves no metrics any more/,
                /^note salespider-postgres goes on/,
            ],
        ],
        [
            "another database",
            [],
            [{ database: "shop" }],
            [/^warning the application's database is shop instead of app: .* app stays as it is/, APPLIES],
        ],
        [
            "another role",
            [],
            [{ role: "clerk" }],
            [/^warning the application's role is clerk instead of app, which stays/, APPLIES],
        ],
        [
            "another wait",
            [],
            [{ waitFor: "archiving", waitTimeout: 5 }],
            [/^note a green `up` waits for archiving, at most 5 minutes/, APPLIES],
        ],
        [
            "the data of another set-up in place of the own",
            [],
            [{ dataVolume: "old_pgdata", password: "p" }],
            [
                /^danger the database is the one in volume old_pgdata\. The volume salespider-postgres-data with the data until now is DELETED/,
                /^warning the password/,
                /^warning salespider-postgres restarts once \(another data volume\): .* starts again on the other data/,
                /^note salespider-backup is replaced \(another data volume\)/,
                /^note salespider-apply runs again and ends/,
            ],
        ],
        [
            "a database that begins anew in place of an adopted one",
            [{ dataVolume: "old_pgdata", password: "p" }],
            [{ password: "p" }],
            [
                /^danger the database begins anew, empty, in volume salespider-postgres-data\. Volume old_pgdata stays as it is/,
                /^warning salespider-postgres restarts once/,
                /^note salespider-backup is replaced/,
                /^note salespider-apply runs again and ends/,
            ],
        ],
        [
            "another name",
            [],
            [{ name: "other" }],
            [/^danger the name changes from salespider to other: .* DELETED/],
        ],
    ]);

    it("tell of the time for a clean end, which an earlier release did not set", () => {
        const after = described();
        const before = {
            ...after,
            postgres: { ...after.postgres, stopTimeout: 10 },
            backup: { ...after.backup, stopTimeout: 10 },
        };
        const lines = consequences(before, after, NOW).map(({ text }) => text);
        assert.match(
            lines[0] ?? "",
            /-postgres restarts once \(120 s for a clean end at docker stop instead of 10 s\)/,
        );
        assert.match(
            lines[1] ?? "",
            /-backup is replaced \(60 s for a clean end at docker stop instead of 10 s\)/,
        );
        // Apply waits for the new container.
        assert.match(lines[2] ?? "", /^salespider-apply runs again and ends/);
        assert.equal(lines.length, 3);
    });
});
