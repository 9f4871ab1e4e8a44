import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import type { StoreOf } from "../../components/repository/kinds";
import type { MadeBucket } from "../../components/repository/s3/madeBucket";
import { type Description, NO_DRILL, NO_MONITORING, VERSION } from "../../components/state/description";
import { readDescription, Unreadable } from "../../components/state/readDescription";
import { consequences } from "../../components/review/consequences";
import { UNKNOWN } from "../../components/state/fromFirstVersion";
import { type Recorded, recorded } from "../../components/state/recorded";
import { anySettings, BUCKET, cloud, described, made } from "../support/descriptions";
import { NOW } from "../support/told";

/** As release 0.1.0 would have written it. */
function first({ version, dataVolume, settings, ...description }: Description): Record<string, unknown> {
    assert.deepEqual([version, typeof dataVolume, settings], [VERSION, "string", {}]);
    return {
        ...description,
        repositories: description.repositories.map(({ access, retention, ...repository }) => ({
            ...Object.fromEntries(
                Object.entries(repository).filter(([key]) => !["bucket", "local", "made"].includes(key)),
            ),
            access: Object.entries(access)
                .filter(([key]) => !["kmsKeyId", "userProject"].includes(key))
                .map(([key, value]) => `${key}=${value}`)
                .join(" "),
            retention: { ...retention, archive: retention.archiveType === "diff" ? 0 : retention.archive },
        })),
    };
}

/** What that says: Docker's own 10 s for a clean end were in force. */
function asItWas(description: Description): Description {
    const { postgres, backup } = description;
    return {
        ...description,
        postgres: { ...postgres, stopTimeout: 10 },
        backup: { ...backup, stopTimeout: 10, drills: false },
        drill: NO_DRILL,
        monitoring: NO_MONITORING,
    };
}

type Resources = Readonly<Record<string, readonly [type: string, outputs: Record<string, unknown>]>>;

/** What is beside a description in the state. */
function state(resources: Resources = {}, data = "salespider-postgres-data"): Recorded[] {
    const all: Resources = {
        "pgbackrest-dev": ["pulumi:pulumi:Stack", { volumes: { data } }],
        "salespider-setup": ["docker:index/container:Container", { envs: ["STANZA=main"] }],
        ...resources,
    };
    return recorded(
        Object.fromEntries(
            Object.entries(all).map(([name, [type, outputs]]) => [
                `urn:pulumi:dev::pgbackrest::${type}::${name}`,
                { type, outputs },
            ]),
        ),
    );
}

const KEY = "arn:aws:kms:eu-central-1:123456789012:key/1";
const encryption = (kmsMasterKeyId?: string): Resources => ({
    "salespider-offsite-encryption": [
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        { rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId } }] },
    ],
});
const lifecycle = (noncurrentDays?: number): Resources => ({
    "salespider-offsite-lifecycle": [
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        {
            rules: [
                { id: "abort-unfinished-uploads" },
                ...(noncurrentDays === undefined
                    ? []
                    : [{ id: "remove-deleted-versions", noncurrentVersionExpiration: { noncurrentDays } }]),
            ],
        },
    ],
});
const versioning: Resources = {
    "salespider-offsite-versioning": ["aws:s3/bucketVersioning:BucketVersioning", {}],
};
const user: Resources = { "salespider-offsite-user": ["aws:iam/user:User", {}] };
const bucket = (change: Partial<MadeBucket>): StoreOf<"s3"> => ({
    ...made,
    bucket: { ...BUCKET, ...change },
});

describe("the first version of a description", () => {
    it("is read as what it means today", () => {
        fc.assert(
            fc.property(anySettings, (stack) => {
                assert.deepEqual(readDescription(first(stack), state()), asItWas(stack));
            }),
            { numRuns: 40 },
        );
    });

    const cases: readonly (readonly [string, Description, Recorded[]])[] = [
        ["a data volume of another set-up", described({ dataVolume: "old" }), state({}, "old")],
        [
            "WAL by diff backups",
            described({ options: { global: { "repo1-retention-archive-type": "diff" } } }),
            state(),
        ],
        [
            "a key for each object",
            described({}, [{ ...cloud, kmsKeyId: KEY }]),
            state({
                "salespider-setup": [
                    "docker:index/container:Container",
                    { envs: ["PGBACKREST_REPO1_S3_BUCKET=b", `PGBACKREST_REPO1_S3_KMS_KEY_ID=${KEY}`] },
                ],
            }),
        ],
        [
            "a made bucket",
            described({}, [made]),
            state({ ...user, ...encryption(), ...lifecycle(30), ...versioning }),
        ],
        [
            "a made bucket without versions",
            described({}, [bucket({ versioning: false })]),
            state({ ...user, ...encryption(), ...lifecycle() }),
        ],
        [
            "a made bucket with a given key and other days",
            described({}, [bucket({ kms: KEY, noncurrentDays: 5 })]),
            state({ ...user, ...encryption(KEY), ...lifecycle(5), ...versioning }),
        ],
        [
            "a made bucket with a made key and a lock",
            described({}, [bucket({ kms: true, lock: { mode: "governance", days: 14 } })]),
            state({
                ...user,
                ...encryption(KEY),
                ...lifecycle(30),
                ...versioning,
                "salespider-offsite-kms": ["aws:kms/key:Key", {}],
                "salespider-offsite-lock": [
                    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
                    { rule: { defaultRetention: { mode: "GOVERNANCE", days: 14 } } },
                ],
            }),
        ],
    ];
    for (const [what, description, resources] of cases)
        it(`has from the state beside it ${what}`, () => {
            assert.deepEqual(readDescription(first(description), resources), asItWas(description));
        });

    it("says of a bucket what it does not know, and that is neither a change nor safe", () => {
        const read = readDescription(first(described({}, [made])), state({ ...versioning }));
        assert.ok(!(read instanceof Unreadable));
        assert.equal(read.repositories[0]?.bucket["kms"], UNKNOWN);
        const lines = consequences(read, described({}, [made]), NOW).map(
            ({ severity, text }) => `${severity} ${text}`,
        );
        assert.match(
            lines.join("\n"),
            /^warning .* encrypted with keys of S3; what it was encrypted with before is not known/,
        );
        assert.match(
            lines.join("\n"),
            /^warning deleted versions .* 30 days; after how many they went before is not known/m,
        );
    });
});

describe("a description of this version from before it said local and made", () => {
    it("is read as what its words mean", () => {
        for (const stack of [described(), described({}, [cloud]), described({}, [made])]) {
            const repositories = stack.repositories.map((repository) =>
                Object.fromEntries(
                    Object.entries(repository).filter(([key]) => key !== "local" && key !== "made"),
                ),
            );
            assert.deepEqual(readDescription({ ...stack, repositories }, state()), stack);
        }
    });
});

describe("a description that cannot be read", () => {
    const why = (output: unknown, resources = state()): Unreadable => {
        const read = readDescription(output, resources);
        assert.ok(read instanceof Unreadable);
        return read;
    };

    it("is one of a newer version, which says what to use", () => {
        const newer = { ...described(), version: VERSION + 1 };
        assert.match(why(newer).why, /a newer version of this program .* reads up to \d+\): use that one$/);
        assert.equal(why({ version: VERSION + 1, protect: true, all: "else" }).protect, true);
    });

    it("is one that is damaged or away, whatever its version", () => {
        const { schedules, ...some } = described({ protect: true });
        assert.ok(schedules.full !== "");
        const damaged = [
            undefined,
            null,
            "text",
            [],
            {},
            some,
            first(described())["repositories"],
            { version: "2" },
        ];
        for (const output of [...damaged, { ...described(), version: 0 }, { ...described(), version: 1.5 }])
            assert.match(why(output).why, /missing or damaged$/);
        assert.equal(why(some).protect, true);
        assert.match(why(first(described()), recorded({})).why, /missing or damaged$/);
    });
});
