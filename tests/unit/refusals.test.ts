import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { Description } from "../../components/state/description";
import type { MadeBucket } from "../../components/repository/s3/madeBucket";
import type { Repository } from "../../components/repository/kinds";
import type { Guard } from "../../components/settings/guard";
import { refusals } from "../../components/review/refusals";
import { BUCKET, cloud, described, ENTRY, made } from "../support/descriptions";
import { problemsOf, settingsOf } from "../support/settings";

const GUARD: Guard = { accept: [], floor: { full: 2, days: 7 } };
const refused = (
    after: Description,
    {
        before,
        guard = {},
        others = [],
    }: { before?: Description; guard?: Partial<Guard>; others?: readonly Description[] } = {},
): string =>
    refusals(
        before,
        after,
        { ...GUARD, ...guard },
        others.map((description) => ({ stack: "staging", description })),
    ).join("\n");

const GIVEN_KEY = "arn:aws:kms:eu-central-1:123456789012:key/1";
const protect = { protect: true };
const retention = (full: number, type = "count"): Record<string, unknown> => ({
    ...protect,
    options: { global: { "repo1-retention-full": full, "repo1-retention-full-type": type } },
});
const bare = { ...cloud, encryption: "none" } as const;

describe("refusals", () => {
    it("are none for what is good", () => {
        assert.equal(refused(described()), "");
        assert.equal(refused(described(protect)), "");
        assert.equal(refused(described(protect, [cloud]), { before: described() }), "");
        assert.equal(refused(described(retention(2))), "");
        assert.equal(refused(described(retention(7, "time"))), "");
        assert.equal(refused(described({}, [bare])), "");
    });

    it("name an unencrypted bucket in a protected stack, and the way to have it", () => {
        assert.match(
            refused(described(protect, [bare])),
            /offsite is not encrypted.*add unencrypted to pgbackrest:accept$/,
        );
        assert.equal(refused(described(protect, [bare]), { guard: { accept: ["unencrypted"] } }), "");
    });

    it("name a stack without repository", () => {
        const none = described({ ...protect, repositories: [] });
        assert.match(
            refused(none, { before: described(protect) }),
            /needs a repository.*two steps: set pgbackrest:protect to false, with no other change/,
        );
        assert.match(refused(none), /needs a repository/);
    });

    it("name a repository that is removed beside another", () => {
        const before = described(protect, [cloud, { ...cloud, name: "second", path: "/second" }]);
        assert.match(
            refused(described(protect, [cloud]), { before }),
            /^pgbackrest:repositories: 1 are left of 2.*two steps/,
        );
    });

    for (const [what, old, wanted, words] of [
        [
            "a data volume",
            [{}, BUCKET],
            [{ dataVolume: "other" }, BUCKET],
            /^pgbackrest:dataVolume: the database would be another one/,
        ],
        [
            "a key of KMS that was given",
            [{}, { ...BUCKET, kms: GIVEN_KEY }],
            [{}, BUCKET],
            /^pgbackrest:repositories: offsite would lose the right to use arn:.*no backup until now could be read/,
        ],
        [
            "versions",
            [{}, BUCKET],
            [{}, { ...BUCKET, versioning: false }],
            /^pgbackrest:repositories: the bucket of offsite would keep no versions/,
        ],
    ] as const)
        it(`name ${what} that would be lost, in a protected stack`, () => {
            const stack = (
                [settings, bucket]: readonly [Record<string, unknown>, MadeBucket],
                guarded: boolean,
            ): Description =>
                described({ ...settings, protect: guarded, password: "one-password" }, [{ ...made, bucket }]);
            const answer = refused(stack(wanted, true), { before: stack(old, true) });
            assert.match(answer, words);
            assert.match(answer, /pgbackrest:protect is set\. .*two steps/);
            assert.equal(refused(stack(wanted, false), { before: stack(old, false) }), "");
        });

    it("name a bucket that was made and would go, in a protected stack", () => {
        const of = (repository: Repository, settings: Record<string, unknown> = protect): Description =>
            described(settings, [repository]);
        const others: readonly Repository[] = [
            { ...cloud, path: "/elsewhere" },
            { ...made, name: "renamed" },
            { ...made, region: "eu-west-1" },
        ];
        for (const other of others) {
            const answer = refused(of(other), { before: of(made) });
            assert.match(
                answer,
                /the bucket that was made for \S+ would be deleted with all backups in it, and pgbackrest:protect is set\. .*two steps/,
            );
            assert.equal(refused(of(other, {}), { before: of(made, {}) }), "");
        }
        assert.equal(refused(of({ ...made, path: "/other" }), { before: of(made) }), "");
        // What is not ours stays.
        assert.equal(refused(of(made), { before: of(cloud) }), "");
        assert.equal(refused(of({ ...cloud, bucket: "others" }), { before: of(cloud) }), "");
    });

    it("name what was made beside a bucket and would go, in a protected stack", () => {
        const of = (
            wanted: Partial<MadeBucket>,
            credentials: (typeof made)["credentials"],
            settings: Record<string, unknown> = protect,
        ): Description => described(settings, [{ ...made, credentials, bucket: { ...BUCKET, ...wanted } }]);
        const user = { keyType: "made", generation: 1 } as const;
        const auto = { keyType: "auto", role: undefined } as const;
        const webId = { keyType: "web-id", role: undefined, tokenFile: "/run/jwt/token" } as const;
        const ec2 = { role: { for: "ec2" } } as const;
        const token = {
            role: {
                for: "web-id",
                provider: "arn:aws:iam::123456789012:oidc-provider/x",
                subject: "s",
                audience: "a",
            },
        } as const;
        const lock = { lock: { mode: "governance", days: 7 } } as const;
        const cases = [
            ["user", of({}, user), of({}, auto)],
            ["user", of({}, user), of(ec2, auto)],
            ["role", of(ec2, auto), of({}, auto)],
            ["role", of(token, webId), of({}, user)],
            ["instance profile", of(ec2, auto), of(token, webId)],
            ["lock", of(lock, user), of({}, user)],
        ] as const;
        for (const [what, before, after] of cases) {
            const answer = refused(after, { before });
            assert.match(answer, /^pgbackrest:repositories: the .* of offsite would be deleted, .*two steps/);
            assert.ok(answer.includes(`the ${what} that was made for the bucket`), answer);
            assert.ok(!answer.includes("\n"), answer);
            const bare = { protect: false };
            assert.equal(refused({ ...after, ...bare }, { before: { ...before, ...bare } }), "");
        }
        for (const [before, after] of [
            [of({}, auto), of(ec2, auto)],
            [of({}, auto), of({}, user)],
            [of(token, webId), of(ec2, auto)],
            [of({}, user), of(lock, { ...user, generation: 2 })],
        ] as const)
            assert.equal(refused(after, { before }), "");
    });

    it("name another name, which is another database, in a protected stack", () => {
        const named = { name: "other" };
        assert.match(
            refused(described({ ...protect, ...named }), { before: described(protect) }),
            /^pgbackrest:name: other would be another, empty database, .* named after salespider .*two steps/,
        );
        assert.equal(refused(described(named), { before: described() }), "");
    });

    it("name a retention below the floor, and where the floor is", () => {
        assert.match(
            refused(described(retention(1))),
            /keeps 1 full backup, and .* at least 2 .*\n.*reaches back 0 to 7 days.*at least 7 days/,
        );
        assert.match(
            refused(described(retention(6, "time"))),
            /reaches back 6 to 13 days.*lower pgbackrest:retentionFloor$/,
        );
        assert.match(
            refused(described({ ...retention(4), schedules: { full: "0 1 * * *" } })),
            /reaches back 3 to 4 days/,
        );
        assert.equal(refused(described(retention(1)), { guard: { floor: { full: 1, days: 0 } } }), "");
    });

    it("name protection that is switched off with something else, and let it alone through", () => {
        const before = described(protect);
        assert.equal(refused(described(), { before }), "");
        assert.match(
            refused(described({ port: 5432 }), { before }),
            /switched off together with other changes\. Take two steps/,
        );
        assert.match(refused(described({ repositories: [] }), { before }), /switched off together/);
        // The second step.
        assert.equal(refused(described({ repositories: [] }), { before: described() }), "");
    });

    for (const [what, before, after, words] of [
        ["off", cloud, bare, "switched off"],
        ["on", bare, cloud, "switched on"],
        [
            "another passphrase",
            cloud,
            { ...cloud, encryption: { passphrase: "another one that is long enough" } },
            "given another passphrase",
        ],
        ["a generated passphrase", cloud, { ...cloud, encryption: "generated" }, "given another passphrase"],
    ] as const)
        it(`name encryption that changes in place, in any stack: ${what}`, () => {
            const [old, wanted] = [described({}, [before]), described({}, [after])];
            assert.match(
                refused(wanted, { before: old }),
                new RegExp(`cannot be ${words} in place.*add a second repository`),
            );
            assert.equal(refused(described({}, [{ ...after, path: "/new" }]), { before: old }), "");
        });

    it("name a new name that would bring a new passphrase", () => {
        const generated = { ...cloud, encryption: "generated" } as const;
        const before = described({}, [generated]);
        assert.match(
            refused(described({}, [{ ...generated, name: "renamed" }]), { before }),
            /given another passphrase/,
        );
        assert.equal(
            refused(described({}, [{ ...cloud, name: "renamed" }]), { before: described({}, [cloud]) }),
            "",
        );
    });

    for (const [what, from, to, words] of [
        [
            "from the usual one",
            "",
            "ssh://ops@db2",
            "up on the engine of the docker command, .* moves to ssh://ops@db2",
        ],
        [
            "to the usual one",
            "ssh://ops@db1",
            "",
            "up on ssh://ops@db1, .* moves to the engine of the docker",
        ],
        [
            "to another",
            "tcp://db1:2376",
            "tcp://db2:2376",
            "up on tcp://db1:2376, .* moves to tcp://db2:2376",
        ],
    ] as const)
        for (const guarded of [true, false])
            it(`name another Docker host, ${what}, ${guarded ? "protected" : "not protected"}`, () => {
                const on = (dockerHost: string): Description =>
                    described({ ...(guarded ? protect : {}), dockerHost });
                assert.match(
                    refused(on(to), { before: on(from) }),
                    new RegExp(
                        `^pgbackrest:dockerHost: this stack is ${words}.*Set it back.*restore on the new host`,
                    ),
                );
                assert.equal(refused(on(to)), "");
                if (to !== "") assert.equal(refused(on(`${to}/`), { before: on(to) }), "");
            });

    it("name what is chosen once", () => {
        const before = described();
        assert.match(
            refused(described({ mtu: 1400 }), { before }),
            /^pgbackrest:mtu is 1400 instead of 0: it is chosen when the stack is made, .* Set it back$/,
        );
        assert.equal(refused(described({ mtu: 1400 })), "");
        assert.equal(refused(described({ mtu: 1400 }), { before: described({ mtu: 1400 }) }), "");
    });

    it("name the place of another stack", () => {
        const other = described({ name: "other" }, [cloud]);
        assert.match(
            refused(described({}, [cloud]), { others: [other] }),
            /where stack staging keeps its backups.*take it out of pgbackrest:otherStacks$/,
        );
        assert.equal(refused(described({}, [{ ...cloud, path: "/mine" }]), { others: [other] }), "");
        assert.equal(refused({ ...described({}, [cloud]), stanza: "mine" }, { others: [other] }), "");
        // What two stacks make is never the same, whatever the names.
        assert.equal(refused(described({}, [made]), { others: [described({ name: "other" }, [made])] }), "");
        // A directory on another host is another one.
        const local = [
            {
                ...{ name: "local", path: "/var/lib/pgbackrest", hostPath: "/srv/backup", entry: ENTRY },
                usual: "shop-pgbackrest-repo",
                type: "posix",
            },
        ] as const;
        assert.match(
            refused(described({ name: "one" }, local), { others: [described({}, local)] }),
            /directory \/srv\/backup/,
        );
        assert.equal(
            refused(described({ dockerHost: "ssh://elsewhere" }, local), { others: [described({}, local)] }),
            "",
        );
    });
});

describe("the settings of refusals", () => {
    it("have defaults, each alone", () => {
        const { retentionFloor, accept, otherStacks } = settingsOf({ retentionFloor: { days: 30 } });
        assert.deepEqual(
            { retentionFloor, accept, otherStacks },
            { retentionFloor: { full: 2, days: 30 }, accept: [], otherStacks: [] },
        );
    });

    for (const [raw, expected] of [
        [{ accept: ["everything"] }, /pgbackrest:accept\[0\]: "everything": one of unencrypted, undescribed/],
        [
            { retentionFloor: { fulls: 1 } },
            /pgbackrest:retentionFloor\.fulls: no such setting; did you mean full\?/,
        ],
        [{ retentionFloor: { full: 0 } }, /pgbackrest:retentionFloor\.full: 0: a whole number from 1/],
        [{ otherStacks: ["a/b"] }, /pgbackrest:otherStacks\[0\]: "a\/b": the name of a stack/],
    ] as const)
        it(`refuse ${JSON.stringify(raw)}`, () => {
            assert.match(problemsOf(() => settingsOf(raw)).join("\n"), expected);
        });
});
