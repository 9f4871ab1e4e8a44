import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { consequences } from "../../components/review/consequences";
import { cloud, described, made } from "../support/descriptions";
import { GOES_ON, NOW, option, told, tells } from "../support/told";

describe("consequences for the backups", () => {
    tells([
        [
            "shorter retention",
            [],
            option("repo1-retention-full", 4),
            [
                /^danger repository local keeps 4 full backups instead of 8 full backups\. Up to 4 full backups can expire after the next backup, with the diff and incr .*: for good\. Point-in-time recovery reaches back 49 to 56 days now and 21 to 28 days then\.$/,
                GOES_ON,
            ],
        ],
        [
            "longer retention",
            [],
            option("repo1-retention-full", 10),
            [
                /^note repository local keeps 10 full .* does not come back\. .* 49 to 56 days now and 63 to 70 days then: .* in 14 days\.$/,
                GOES_ON,
            ],
        ],
        [
            "retention by time",
            [],
            [{ options: { global: { "repo1-retention-full": 20, "repo1-retention-full-type": "time" } } }],
            [
                /^danger .* the full backups of 20 days and one older instead of 8 full .*Up to 5 full backups.* 20 to 27 days then/,
                GOES_ON,
            ],
        ],
        [
            "full backups more often, with the same retention",
            [],
            [{ schedules: { full: "30 1 * * *", diff: "off" } }],
            [
                /^danger repository local keeps 8 full backups as before, taken at other times\..* 49 to 56 days now and 7 to 8 days then/,
                /^warning the diff backup does not run any more \(it ran at "30 1 \* \* 1-6" UTC\)/,
                /^note the full backup runs at "30 1 \* \* \*" UTC instead of "30 1 \* \* 0"/,
                GOES_ON,
            ],
        ],
        [
            "fewer diff backups",
            [],
            option("repo1-retention-diff", 6),
            [
                /^warning repository local keeps 6 diff backups instead of 14 .*Up to 8 diff backups .* replays more WAL/,
                GOES_ON,
            ],
        ],
        [
            "less WAL",
            [],
            option("repo1-retention-archive", 2),
            [
                /^danger .* 8 full backups with the WAL since the 2\. newest full one instead of .*WAL does: .* 7 to 14 days then/,
                GOES_ON,
            ],
        ],
        [
            "compression",
            [],
            option("compress-type", "zst"),
            [
                /^note new backups and WAL are compressed with zst level 3 instead of lz4 level 3; .* 2\.27 and newer/,
                GOES_ON,
            ],
        ],
        [
            "bundle and block",
            [],
            [{ options: { global: { "repo1-bundle": true, "repo1-block": true } } }],
            [
                /^note bundle is switched on .* 2\.39/,
                /^note block is switched on .*new backups only, and saves .* 2\.46/,
                GOES_ON,
            ],
        ],
        [
            "a smaller queue",
            [],
            option("archive-push-queue-max", "1GiB"),
            [/^danger WAL is dropped when 1GiB of it waits .*16GiB until now/, GOES_ON],
        ],
        [
            "another option",
            [],
            option("process-max", 1),
            [/^note options of pgBackRest change .*\[global\] process-max from 2 to 1\.$/, GOES_ON],
        ],
        [
            "none",
            [],
            [{ repositories: [] }],
            [
                /^danger the database is unprotected from now on: .* The old backups stay in volume salespider-pgbackrest-repo/,
                /^note salespider-postgres goes on, no connection ends; salespider-backup goes on, but ends a backup that runs to the old place/,
            ],
        ],
        [
            "a first repository",
            [{ repositories: [] }],
            [],
            [
                /^note backups begin in volume .* a full one is taken at once/,
                /^note salespider-postgres goes on/,
            ],
        ],
        [
            "another place",
            [],
            [{}, [cloud]],
            [
                /^danger backups go to s3 bucket backups at .*, path \/salespider\/prod, encrypted, instead of volume .* starts empty.*The old backups stay in volume/,
                /^note salespider-postgres goes on/,
            ],
        ],
        [
            "another path",
            [{}, [cloud]],
            [{}, [{ ...cloud, path: "/x" }]],
            [/^danger backups go to .* path \/x/, /^note/],
        ],
        [
            "another endpoint",
            [{}, [cloud]],
            [{}, [{ ...cloud, endpoint: "s3.example.com" }]],
            [/^danger backups go to .*s3\.example\.com/, /^note/],
        ],
        [
            "another mount of the same volume",
            [],
            [{ repositories: [{ name: "local", type: "posix", path: "/srv/repo" }] }],
            [
                /^warning salespider-postgres restarts once \(what it has mounted/,
                /^note salespider-backup is replaced/,
                /^note salespider-setup/,
            ],
        ],
        [
            "credentials",
            [{}, [cloud]],
            [
                {},
                [
                    {
                        ...cloud,
                        credentials: {
                            keyType: "shared",
                            key: "AKIA2",
                            keySecret: "secret-2",
                            token: undefined,
                        },
                    },
                ],
            ],
            [/^warning the credentials of repository offsite change: setup proves/, GOES_ON],
        ],
    ]);

    it("tell what becomes of the key of a bucket that the stack made", () => {
        const another = { ...made, credentials: { keyType: "made", generation: 2 } as const };
        const [text = ""] = told([{}, [made]], [{}, [another]]);
        assert.match(text, /^warning the credentials of .*The old key is deleted when `up` has ended well/);
    });

    it("tell what becomes of a bucket that the stack made", () => {
        const [text = ""] = told([{}, [made]], []);
        assert.match(
            text,
            /^danger backups go to volume .*The bucket of repository offsite was made by this stack, which deletes it now.*Their passphrase stays in the output passphrases\.$/,
        );
    });

    it("tell what containers get and lose for a repository", () => {
        const token = {
            ...cloud,
            credentials: { keyType: "web-id", role: "backup", tokenFile: "/run/token" },
        } as const;
        const [, warning = ""] = told([{}, [cloud]], [{}, [token]]);
        assert.match(
            warning,
            /restarts once \(what it has mounted for repositories: token \/run\/token for role backup\)/,
        );
        const [, back = ""] = told([{}, [token]], [{}, [cloud]]);
        assert.match(back, /repositories: no more token \/run\/token for role backup\)/);
    });

    it("tell of another stanza", () => {
        const before = described();
        const lines = consequences(before, { ...before, stanza: "second" }, NOW);
        assert.match(
            lines[0]?.text ?? "",
            /^the stanza is called second instead of main: a new backup history/,
        );
    });
});
