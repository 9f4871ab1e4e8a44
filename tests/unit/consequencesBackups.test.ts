import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { consequences } from "../../components/review/consequences";
import type { Description } from "../../components/state/description";
import type { LiveBackup } from "../../components/review/live";
import type { StoreOf } from "../../components/repository/kinds";
import { BUCKET, cloud, described, made } from "../support/descriptions";
import { GOES_ON, NOW, option, type Stack, told, tells } from "../support/told";

const repository = (change: Partial<StoreOf<"s3">>): Stack => [{}, [{ ...cloud, ...change }]];
const bucket = (change: Partial<typeof BUCKET> | Record<string, unknown>): Stack => [
    {},
    [{ ...made, bucket: { ...BUCKET, ...change } }],
];
const KEY = "arn:aws:kms:eu-central-1:123456789012:key/1";
const LOCK = { mode: "governance", days: 14 };

describe("consequences for what is kept", () => {
    tells([
        [
            "retention from for ever to a number",
            option("repo1-retention-full", 9999999),
            option("repo1-retention-full", 3),
            [
                /^danger .* keeps 3 full backups instead of 9999999 full backups\. Up to 9999996 full backups can expire/,
                GOES_ON,
            ],
        ],
        [
            "WAL for as long as diff backups only",
            [],
            option("repo1-retention-archive-type", "diff"),
            [
                /^danger .* with the WAL since the 14\. newest diff one instead of .*WAL does.* then\.$/,
                GOES_ON,
            ],
        ],
        [
            "WAL by incr backups, which pgBackRest does not expire",
            [],
            option("repo1-retention-archive-type", "incr"),
            [GOES_ON],
        ],
    ]);

    it("tell of a line that was taken out of the template", () => {
        const old = described();
        const text = (before: Description, after: Description): string =>
            consequences(before, after, NOW)[0]?.text ?? "";
        const [repository] = old.repositories;
        assert.ok(repository !== undefined);
        const all = {
            ...old,
            repositories: [{ ...repository, retention: { ...repository.retention, diff: 0 } }],
        };
        assert.match(text(all, old), /keeps 14 diff backups instead of all .*All older ones can expire/);
        assert.match(text(old, all), /keeps all diff backups .*What has expired does not come back/);
        const unbounded = { ...old, archiving: { ...old.archiving, queueMax: "" } };
        assert.match(text(old, unbounded), /^nothing bounds how much WAL waits any more \(it was 16GiB\)/);
    });

    it("have the figures of the live repository, with what WAL allows", () => {
        const full = (day: number): LiveBackup => {
            const stop = Date.UTC(2026, 10, day) / 1000;
            const bytes = { added: 0, size: 0 };
            return {
                label: `${day}F`,
                type: "full",
                needs: [],
                repository: 1,
                start: stop - 60,
                stop,
                ...bytes,
            };
        };
        const live = [full(1), full(8), full(15)];
        const [line] = consequences(
            described(),
            described(...option("repo1-retention-archive", 2)),
            NOW,
            live,
        );
        assert.match(
            line?.text ?? "",
            /no backup in it expires at once; recovery reaches back to 2026-11-01 00:00 UTC now and to 2026-11-08 00:00 UTC then\.$/,
        );
        const [moved] = consequences(described(), described({}, [cloud]), NOW, live);
        assert.match(moved?.text ?? "", /until it ends \(the last one took 60 s\)/);
    });
});

describe("consequences for the way to the repository", () => {
    tells([
        [
            "a repository that is reached in another way",
            repository({}),
            repository({ uriStyle: "path" }),
            [/^note repository offsite is reached in another way \(uriStyle from host to path\)/, GOES_ON],
        ],
        [
            "a key of KMS for each object",
            repository({}),
            repository({ kmsKeyId: "arn:aws:kms:x:1:key/2" }),
            [/^note repository offsite is reached in another way \(kmsKeyId to arn:aws:kms/, GOES_ON],
        ],
        [
            "a bucket without versions",
            bucket({}),
            bucket({ versioning: false }),
            [/^danger the bucket of repository offsite keeps no versions any more/, GOES_ON],
        ],
        [
            "a bucket with versions",
            bucket({ versioning: false }),
            bucket({}),
            [/^note the bucket of repository offsite keeps what is deleted/, GOES_ON],
        ],
        [
            "deleted versions that go sooner",
            bucket({ noncurrentDays: 20 }),
            bucket({ noncurrentDays: 5 }),
            [
                /^danger deleted versions in the bucket of repository offsite go after 5 days instead of 20: older ones within a day/,
                GOES_ON,
            ],
        ],
        [
            "a reader who comes, and one who goes",
            bucket({ readers: ["drills"] }),
            bucket({ readers: ["clones"] }),
            [
                /^warning reader drills of repository offsite goes: its user and key are deleted.*Nothing in the repository changes\.$/,
                /^note reader clones of repository offsite is made: a user whose key can read it and nothing else/,
                GOES_ON,
            ],
        ],
        [
            "a key of KMS",
            bucket({}),
            bucket({ kms: true }),
            [
                /^note what is written to the bucket of repository offsite from now on is encrypted with a key of its own instead of keys of S3\.$/,
                GOES_ON,
            ],
        ],
        [
            "no more key of KMS",
            bucket({ kms: true }),
            bucket({}),
            [
                /^warning .* is encrypted with keys of S3 instead of a key of its own, which stays .* all backups until now need it\.$/,
                GOES_ON,
            ],
        ],
        [
            "another key of KMS",
            bucket({ kms: KEY }),
            bucket({ kms: true }),
            [
                /^danger .* lose the right to use that key: no backup until now, and no WAL, can be read/,
                GOES_ON,
            ],
        ],
        [
            "deleted versions that stay longer",
            bucket({ noncurrentDays: 5 }),
            bucket({}),
            [/^note deleted versions in .* go after 30 days instead of 5\./, GOES_ON],
        ],
        [
            "deleted versions that go sooner because backups do",
            [{}, [{ ...made }]],
            [{ options: { global: { "repo1-retention-full": 2 } } }, [{ ...made }]],
            [
                /^danger deleted versions in .* go after 14 days instead of 30/,
                /^danger repository offsite keeps 2 full backups/,
                GOES_ON,
            ],
        ],
        [
            "a lock",
            bucket({}),
            bucket({ lock: LOCK }),
            [
                /^note the bucket .*mode of the lock from none to governance/,
                /^note what is written .* for 14 days \(now 0\)/,
                GOES_ON,
            ],
        ],
        [
            "a shorter lock",
            bucket({ lock: LOCK }),
            bucket({ lock: { ...LOCK, days: 7 } }),
            [/^warning what is written .* for 7 days \(now 14\)/, GOES_ON],
        ],
        [
            "a lock that nobody can take back",
            bucket({ lock: LOCK }),
            bucket({ lock: { ...LOCK, mode: "compliance" } }),
            [/^warning .* locked in compliance mode.* nobody can take that back/, GOES_ON],
        ],
    ]);

    it("tell of a repository beside another, and of one that goes", () => {
        const second = { ...cloud, name: "second", path: "/second" };
        assert.match(
            told([{}, [cloud]], [{}, [cloud, second]])[0] ?? "",
            /^note repository second is new: .* starts empty and gets a full backup at once/,
        );
        assert.match(
            told([{}, [cloud, second]], [{}, [cloud]])[0] ?? "",
            /^danger repository second gets no more backups\. The old backups stay in s3 bucket backups/,
        );
    });

    it("tell of another stanza: what is empty, what a backup that runs becomes, and that it may come with another place", () => {
        const before = described();
        const after = { ...before, stanza: "second" };
        const lines = consequences(before, after, NOW).map(({ text }) => text);
        assert.match(
            lines.join("\n"),
            /salespider-backup goes on, but ends a backup that runs to the old place/,
        );
        const moved = { ...described({}, [cloud]), stanza: "second" };
        assert.match(
            consequences(before, moved, NOW)
                .map(({ text }) => text)
                .join("\n"),
            /the stanza is called second instead of main: backups and WAL are filed under that name/,
        );
    });
});

describe("consequences for archiving and schedules", () => {
    tells([
        [
            "archiving one by one",
            [],
            option("archive-async", false),
            [/^warning WAL is archived one segment at a time/, GOES_ON],
        ],
        [
            "archiving ahead",
            option("archive-async", false),
            [],
            [/^note WAL is archived by several processes/, GOES_ON],
        ],
        [
            "a larger queue",
            [],
            option("archive-push-queue-max", "32GiB"),
            [/^note WAL is dropped when 32GiB .*the data volume needs so much free space/, GOES_ON],
        ],
        [
            "an option that goes back to its default",
            option("buffer-size", "2MiB"),
            [],
            [/^note options of pgBackRest change .*buffer-size from 2MiB to its default/, GOES_ON],
        ],
        [
            "compression on the way",
            [],
            option("compress-level-network", 5),
            [/^note options of pgBackRest change .*compress-level-network/, GOES_ON],
        ],
        [
            "a time zone",
            [],
            [{ schedules: { timezone: "Europe/Berlin" } }],
            [/^note all schedules are in Europe\/Berlin instead of UTC/, GOES_ON],
        ],
        [
            "incr backups, and the shorter time between two backups",
            [],
            [{ schedules: { incr: "0 */6 * * *" } }],
            [
                /^note the incr backup runs at .*it did not run before/,
                /^note the longest time between two backups is 6 hours instead of 24 hours/,
                GOES_ON,
            ],
        ],
        [
            "a longer time between two backups",
            [],
            [{ schedules: { diff: "30 1 * * 3" } }],
            [
                /^warning the longest time between two backups is \d+ .* instead of 24 hours/,
                /^note the diff backup runs at/,
                GOES_ON,
            ],
        ],
    ]);
});
