import { describe } from "mocha";
import { GOES_ON, tells } from "../support/told";

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
            "a generated password",
            [{}],
            [{ passwordGeneration: 2 }],
            [/^warning the password of app changes without a restart/, GOES_ON],
        ],
        [
            "a password",
            [{ password: "one-password" }],
            [{ password: "another-one" }],
            [/^warning the password of app changes without a restart/, GOES_ON],
        ],
        [
            "protection",
            [],
            [{ protect: true }],
            [/^note from now on the volumes .* cannot be deleted/, /^note salespider-postgres goes on/],
        ],
        [
            "another name",
            [],
            [{ name: "other" }],
            [/^danger the name changes from salespider to other: .* DELETED/],
        ],
        [
            "another host",
            [],
            [{ dockerHost: "ssh://a@b" }],
            [/^danger the Docker host is ssh:\/\/a@b/, /^note/],
        ],
    ]);
});
