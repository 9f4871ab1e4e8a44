import { dataVolumeName } from "../../components/docker/names";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describeStack } from "../../components/review/describe";
import type { Description } from "../../components/state/description";
import { withNumbers } from "../../components/repository/number";
import type { Entry } from "../../components/repository/entry";
import type { Repository, StoreOf } from "../../components/repository/kinds";
import { renderFiles } from "../../components/publication/publication";
import { settingsOf } from "./settings";

const TEMPLATE = { file: "pgbackrest.conf", text: readFileSync("config/pgbackrest/pgbackrest.conf", "utf8") };

/** The description of a stack with these settings; a local repository when they name none. `repositories` may be of any kind. */
export function described(
    raw: Record<string, unknown> = {},
    repositories?: readonly Repository[],
    image = "image-1",
): Description {
    const settings = settingsOf({ repositories: [{ name: "local", type: "posix" }], ...raw }, [
        "password",
        "tlsKey",
    ]);
    const text = TEMPLATE.text.replace("[main]", `[${settings.stanza}]`);
    const rendered = renderFiles(settings, { ...TEMPLATE, text }, "dev");
    const images = { database: image, backup: image };
    const circumstances = {
        ...{ images, volume: `${settings.name}-pgbackrest-repo`, salt: "salt" },
        data: dataVolumeName(settings, undefined),
    };
    return describeStack(
        { ...settings, repositories: repositories ?? settings.repositories },
        rendered,
        circumstances,
    );
}

/** A repository in S3 as the settings have it. */
/** Of a repository that has nothing of its own. */
export const ENTRY: Entry = { number: 1, schedules: {}, options: [], firstBackup: "now", drill: {} };

export const cloud: StoreOf<"s3"> = {
    entry: ENTRY,
    name: "offsite",
    type: "s3",
    path: "/salespider/prod",
    endpoint: "s3.eu-central-1.amazonaws.com",
    region: "eu-central-1",
    uriStyle: "host",
    verifyTls: true,
    bucket: "backups",
    encryption: { passphrase: "a passphrase that is long enough" },
    credentials: { keyType: "shared", key: "AKIA1", keySecret: "secret-1", token: undefined },
    kmsKeyId: undefined,
    ca: undefined,
    plain: false,
};

/** A bucket that the stack makes, as the settings have it. */
export const BUCKET = {
    versioning: true,
    lock: undefined,
    kms: undefined,
    noncurrentDays: undefined,
    role: undefined,
    tags: {},
    readers: [],
};

/** A repository in it. */
export const made: StoreOf<"s3"> = {
    ...cloud,
    bucket: BUCKET,
    encryption: "generated",
    credentials: { keyType: "made", generation: 1 },
};

/** Settings of all kinds that go together. */
export const anySettings: fc.Arbitrary<Description> = fc
    .record({
        stanza: fc.constant("main"),
        image: fc.constantFrom("image-1", "image-2"),
        repositories: fc.subarray<Repository>(
            [
                {
                    ...{ name: "local", path: "/var/lib/pgbackrest", usual: "shop-pgbackrest-repo" },
                    ...{ type: "posix", entry: ENTRY },
                },

                cloud,
                { ...cloud, name: "other", path: "/other", entry: { ...ENTRY, number: 2 } },
            ],
            { maxLength: 2 },
        ),
        full: fc.integer({ min: 1, max: 20 }),
        type: fc.constantFrom("count", "time"),
        diff: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
        schedule: fc.constantFrom("30 1 * * 0", "0 2 * * *", "0 0 1 * *", "0 */6 * * *"),
        port: fc.constantFrom(0, 5432),
        memory: fc.constantFrom(512, 1024),
        work: fc.constantFrom("4MB", "16MB"),
        connections: fc.constantFrom(100, 200),
        protect: fc.boolean(),
        compress: fc.constantFrom("lz4", "zst"),
    })
    .map((some) =>
        described(
            {
                stanza: some.stanza,
                port: some.port,
                memory: some.memory,
                protect: some.protect,
                settings: { work_mem: some.work, max_connections: some.connections },
                schedules: { full: some.schedule, diff: "off" },
                options: {
                    global: {
                        "repo1-retention-full": some.full,
                        "repo1-retention-full-type": some.type,
                        ...(some.diff === undefined ? {} : { "repo1-retention-diff": some.diff }),
                        "compress-type": some.compress,
                    },
                },
            },
            withNumbers(some.repositories, []),
            some.image,
        ),
    );
