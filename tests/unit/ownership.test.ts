import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { EngineObject } from "../../components/ownership/engine";
import { inventory } from "../../components/state/inventory";
import { MARK_LABEL, OWNER_LABEL } from "../../components/docker/names";
import { claim } from "../../components/ownership/ownership";
import { ownObjects } from "../../components/protectedPostgres";
import { checkCpus, defaultCpus, otherCpus, withCpus } from "../../components/review/sizes";
import { recorded } from "../../components/state/recorded";
import { takeOverLines } from "../../components/ownership/takeOver";
import { described } from "../support/descriptions";
import { POSIX } from "../support/mocks";
import { settingsOf } from "../support/settings";

const OURS = "m0a1b2c3d";
const THEIRS = "mfeedbeef";
const marked = (mark: string): Record<string, string> => ({
    [MARK_LABEL]: mark,
    [OWNER_LABEL]: "stack dev in /home/eve/clone on db1",
});
const created = "2026-11-20T10:00:00Z";
const volume = (name: string, labels: Record<string, string> = {}): EngineObject => ({
    ...{ kind: "volume", name: `salespider-${name}`, id: name, created, status: "", restart: "", labels },
});
const container = (name: string, status = "running"): EngineObject => ({
    ...{
        kind: "container",
        name: `salespider-${name}`,
        id: name,
        created,
        status,
        restart: "always",
        labels: {},
    },
});
const state = (...objects: readonly string[]): { objects: ReadonlySet<string>; mark: string } => ({
    objects: new Set(objects),
    mark: OURS,
});
const settings = (takeOver?: string): { name: string; takeOver: string | undefined } => ({
    name: "salespider",
    takeOver,
});
const ids = (objects: readonly EngineObject[]): string[] => objects.map(({ id }) => id);

describe("what has a name of ours on the engine", () => {
    const found = [
        container("postgres"),
        volume("postgres-data", marked(THEIRS)),
        volume("postgres-run", marked(THEIRS)),
    ];

    it("is nobody's where nothing is", () => {
        assert.deepEqual(claim(settings(), [], state()), { taken: [], leftOver: [], problems: [] });
    });

    it("is ours where the state knows it, marked or not", () => {
        const known = state(
            "container salespider-postgres",
            "volume salespider-postgres-data",
            "volume salespider-postgres-run",
        );
        for (const objects of [found, found.map((one) => ({ ...one, labels: {} }))])
            assert.deepEqual(claim(settings(), objects, known).problems, []);
    });

    it("is ours with our mark: an interrupted up has left it", () => {
        const left = [volume("postgres-data", marked(OURS)), container("postgres")];
        assert.deepEqual(claim(settings(), left, state()), { taken: [], leftOver: [], problems: [] });
    });

    it("is somebody's otherwise, and it is said whose, and what to do", () => {
        const { problems } = claim(settings(), found, state());
        assert.equal(problems.length, 1);
        assert.match(
            problems[0] ?? "",
            /^pgbackrest:name: salespider is in use on this Docker host, and not by this stack: its state does not know container salespider-postgres, volumes salespider-postgres-data, salespider-postgres-run\. They are of stack dev in \/home\/eve\/clone on db1, since 2026-11-20; mark mfeedbeef\. Give this stack another pgbackrest:name\..*set pgbackrest:takeOver to mfeedbeef/,
        );
    });

    it("has a mark also where it has no label: one of its own that stays", () => {
        const old = [volume("postgres-data"), volume("postgres-run"), container("postgres")];
        const [problem = ""] = claim(settings(), old, state()).problems;
        const [, mark = ""] = /takeOver to (m[0-9a-f]{8}) /.exec(problem) ?? [];
        assert.match(problem, /somebody who left no word, since 2026-11-20/);
        // Whatever became of the rest.
        for (const rest of [old, old.slice(0, 2), old.slice(0, 1)]) {
            assert.deepEqual(claim(settings(mark), rest, state()).problems, []);
            assert.deepEqual(ids(claim(settings(mark), rest, state()).taken), ids(rest));
        }
        const compose = { "com.docker.compose.project": "shop" };
        assert.match(
            claim(settings(), [volume("postgres-data", compose)], state()).problems.join(""),
            /docker-compose project shop/,
        );
    });

    it("is taken over by its mark alone", () => {
        assert.deepEqual(ids(claim(settings(THEIRS), found, state()).taken), ids(found));
        assert.equal(claim(settings("m00000000"), found, state()).problems.length, 1);
        const mixed = [...found, volume("backup-state", marked("m12345678"))];
        assert.match(
            claim(settings(THEIRS), mixed, state()).problems.join(""),
            /does not know volume salespider-backup-state\./,
        );
    });

    it("goes when Docker made it and would not start it, unless it is somebody's", () => {
        const stillborn = container("port-proof", "created");
        const known = state("container salespider-port-proof");
        assert.deepEqual(ids(claim(settings(), [stillborn], known).leftOver), ["port-proof"]);
        assert.deepEqual(claim(settings(), [stillborn], state()).leftOver, []);
    });

    it("goes when Docker went away while it did its one thing, so that the state does not know it", () => {
        const ours = volume("postgres-data", marked(OURS));
        const restore = { ...container("restore", "exited"), restart: "no" };
        const leftOver = (one: EngineObject, known = state("volume salespider-postgres-data")): string[] =>
            ids(claim(settings(), [ours, one], known).leftOver);
        assert.deepEqual(leftOver(restore), ["restore"]);
        assert.deepEqual(leftOver({ ...restore, status: "running" }), []);
        assert.deepEqual(leftOver({ ...restore, restart: "always" }), []);
        assert.deepEqual(leftOver(restore, state("container salespider-restore")), []);
        const theirs = [volume("postgres-data", marked(THEIRS)), restore];
        assert.deepEqual(claim(settings(), theirs, state()).leftOver, []);
    });

    it("is not what is taken over of another set-up", () => {
        const names = ownObjects(
            settingsOf({
                dataVolume: "shop_data",
                repositories: [{ name: "old", type: "posix", volume: "shop_repo" }],
            }),
            {},
        ).map(({ name }) => name);
        for (const name of ["shop_data", "shop_repo", "salespider-postgres-data"])
            assert.ok(!names.includes(name), name);
        for (const name of [
            "salespider-adopt",
            "salespider-adopted",
            "salespider-pgbackrest-spool-shop_data",
        ])
            assert.ok(names.includes(name), name);
    });
});

describe("taking over", () => {
    it("says what becomes of everything, and of what went with the state", () => {
        const taken = [container("postgres"), volume("postgres-data")];
        const all = { ...settingsOf({ takeOver: THEIRS }), repositories: [] };
        assert.deepEqual(takeOverLines(all, []), []);
        assert.match(
            takeOverLines(all, taken).join("\n"),
            /^Taking over what has the mark mfeedbeef:\n {2}Volumes salespider-postgres-data: used as they are.*\n {2}Containers salespider-postgres: made anew.*stopped cleanly.*\n {2}The generated password of app went with the state/,
        );
    });

    it("asks for the passphrase of a repository that has one", () => {
        const repository = {
            ...{ name: "offsite", type: "s3", region: "eu-central-1", bucket: "backups" },
            ...{ key: "AKIA1", keySecret: "secret-1" },
        };
        const lines = (more: Record<string, unknown>): string =>
            takeOverLines(
                settingsOf({ repositories: [{ ...repository, ...more }], takeOver: THEIRS }, [
                    "repositories",
                ]),
                [volume("postgres-data")],
            ).join("\n");
        assert.match(lines({}), /Repository offsite: its generated passphrase went with the state/);
        assert.doesNotMatch(lines({ passphrase: "a passphrase that is long enough" }), /passphrase/);
        assert.doesNotMatch(lines({ encryption: false }), /passphrase/);
    });
});

describe("inventory", () => {
    it("is empty where there is no state", () => {
        for (const nothing of [undefined, null, "x", {}])
            assert.deepEqual(inventory(recorded(nothing)), {
                objects: new Set(),
                published: {
                    postgres: { now: undefined, proven: undefined },
                    metrics: { now: undefined, proven: undefined },
                },
                mark: undefined,
            });
    });

    it("knows the mark", () => {
        const state = {
            "urn::random::salespider-mark": {
                type: "random:index/randomId:RandomId",
                outputs: { hex: "0a1b2c3d" },
            },
        };
        assert.equal(inventory(recorded(state)).mark, OURS);
    });
});

describe("CPUs", () => {
    it("are two, or what a smaller host has, chosen once", () => {
        for (const [deployment, cores, expected] of [
            [undefined, 1, 1],
            [undefined, 2, 2],
            [undefined, 64, 2],
            [undefined, undefined, 2],
            [{ defaultCpus: 1 }, 64, 1],
            [{ defaultCpus: 2 }, 1, 2],
            [{}, 1, 2],
        ] as const)
            assert.equal(defaultCpus(deployment, cores), expected, JSON.stringify([deployment, cores]));
    });

    it("of the settings count, and only those left open are chosen", () => {
        const { cpus, backupCpus } = withCpus(settingsOf({ cpus: 4 }), 1);
        assert.deepEqual([cpus, backupCpus], [4, 1]);
        assert.deepEqual(withCpus(settingsOf({ cpus: 0 }), 1).cpus, 1);
    });

    it("beyond the host's are refused, each key for itself", () => {
        assert.deepEqual(checkCpus({ cpus: 2, backupCpus: 1, drill: undefined }, 2), []);
        const { drill } = settingsOf({ ...POSIX, drill: { schedule: "0 4 * * *", cpus: 8 } });
        assert.deepEqual(checkCpus({ cpus: 64, backupCpus: 3, drill }, 2), [
            "pgbackrest:cpus: 64: the Docker host has 2: give at most that many",
            "pgbackrest:backupCpus: 3: the Docker host has 2: give at most that many",
            "pgbackrest:drill.cpus: 8: the Docker host has 2: give at most that many",
        ]);
    });

    it("that the containers have already are not asked about", () => {
        assert.equal(otherCpus(settingsOf({}), described()), false);
        assert.equal(otherCpus(settingsOf({ cpus: 1 }), described()), true);
        assert.equal(otherCpus(settingsOf({ backupCpus: 1 }), described()), true);
        assert.equal(otherCpus(settingsOf({}), undefined), true);
        const drill = { schedule: "0 4 * * *" };
        assert.equal(otherCpus(settingsOf({ ...POSIX, drill }), described({ drill })), false);
        assert.equal(otherCpus(settingsOf({ ...POSIX, drill }), described()), true);
    });
});
