import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, it } from "mocha";
import { parse } from "yaml";
import { projectConfig, settingsTable } from "../../components/settings/documents";
import { configKeys, schema } from "../../components/settings/schema";
import { ENTRY } from "../support/descriptions";
import { problemsOf, settingsOf } from "../support/settings";

const local = { name: "local", type: "posix" };

describe("settings", () => {
    it("are complete without a single value", () => {
        const settings = settingsOf({});
        assert.equal(settings.name, "salespider");
        assert.deepEqual(settings.repositories, []);
        assert.equal(settings.port, undefined);
        assert.equal(settings.password, undefined);
        assert.deepEqual(settings.schedules, {
            full: "30 1 * * 0",
            diff: "30 1 * * 1-6",
            incr: undefined,
            verify: "0 5 * * 6",
            timezone: "UTC",
        });
    });

    it("mean the same when Pulumi hands over the defaults of Pulumi.yaml", () => {
        const defaults = Object.fromEntries(configKeys.map((key) => [key.name, key.default]));
        assert.deepEqual(settingsOf(defaults), settingsOf({}));
    });

    it("mean the same when numbers and booleans come as text", () => {
        assert.deepEqual(
            settingsOf({ memory: "2048", port: "5433", protect: "true", backupCpus: "1" }),
            settingsOf({ memory: 2048, port: 5433, protect: true, backupCpus: 1 }),
        );
        assert.equal(settingsOf({ port: "0" }).port, undefined);
    });

    it("are declared in Pulumi.yaml with type, description and default", () => {
        const project: unknown = parse(readFileSync("Pulumi.yaml", "utf8"));
        assert.ok(typeof project === "object" && project !== null && "config" in project);
        assert.deepEqual(
            project.config,
            projectConfig(),
            "run npx tsx components/settings/generate.ts, which writes what follows from the table of settings",
        );
        assert.deepEqual(
            Object.keys(project.config),
            Object.keys(schema.entries).map((name) => `pgbackrest:${name}`),
        );
    });

    it("have a table for the docs with one row each, and each field of a map", () => {
        const fields = configKeys.flatMap((key) => key.fields);
        assert.equal(settingsTable().trim().split("\n").length, configKeys.length + fields.length + 2);
    });

    it("fill what a posix repository does not say", () => {
        assert.deepEqual(settingsOf({ repositories: [local] }).repositories, [
            {
                ...{ name: "local", type: "posix", path: "/var/lib/pgbackrest", entry: ENTRY },
                ...{ hostPath: undefined, volume: undefined, usual: "salespider-pgbackrest-repo" },
            },
        ]);
        assert.deepEqual(settingsOf({ repositories: [{ type: "none" }] }).repositories, [
            { name: "none", type: "none" },
        ]);
    });

    it("take single schedules, and off", () => {
        const { schedules } = settingsOf({
            schedules: { diff: "off", incr: " 0  */6 * * * ", timezone: "Europe/Berlin" },
        });
        assert.deepEqual(schedules, {
            full: "30 1 * * 0",
            diff: undefined,
            incr: "0 */6 * * *",
            verify: "0 5 * * 6",
            timezone: "Europe/Berlin",
        });
    });

    it("hold the text of the init SQL", () => {
        assert.deepEqual(settingsOf({ initSql: "sql/init.sql" }).initSql, {
            path: "sql/init.sql",
            text: "create table t ();\n",
        });
    });

    const mistakes: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
        ["an unknown key", { memry: 1 }, /^pgbackrest:memry: no such setting; did you mean memory\?/],
        [
            "a release that is a version",
            { release: "2.60" },
            /^pgbackrest:release: "2\.60": one of newest, stable/,
        ],
        [
            "a release for an image that is not built",
            { release: "stable", image: "example.com/pgbackrest:1" },
            /^pgbackrest:release: is for the image that the program builds, and pgbackrest:image names another/,
        ],
        [
            "an unknown key in a map",
            { schedules: { ful: "x" } },
            /^pgbackrest:schedules\.ful: .*did you mean full\?/,
        ],
        [
            "an unknown key of the AWS provider",
            { aws: { regoin: "eu-central-1" } },
            /^pgbackrest:aws\.regoin: no such setting; did you mean region\? \(settings are region, profile, /,
        ],
        [
            "an unknown key of a map in a map",
            { aws: { assumeRole: { roleArn: "arn:aws:iam::123456789012:role/x", externalID: "x" } } },
            /^pgbackrest:aws\.assumeRole\.externalID: no such setting; did you mean externalId\?/,
        ],
        [
            "an unknown key of a repository",
            { repositories: [{ ...local, hostpath: "/x" }] },
            /repositories\[0\]\.hostpath: .*hostPath/,
        ],
        [
            "a key of another kind of repository",
            { repositories: [{ ...local, bucket: "b" }] },
            /repositories\[0\]\.bucket: belongs to type s3 and gcs, .*posix/,
        ],
        ["a wrong type", { memory: "much" }, /^pgbackrest:memory: "much": a whole number from 256/],
        ["a fraction", { cpus: 1.5 }, /^pgbackrest:cpus: 1.5: a whole number/],
        ["a number out of range", { memory: 64 }, /^pgbackrest:memory: 64: a whole number from 256 to .*MiB/],
        ["a port out of range", { port: 65536 }, /^pgbackrest:port: 65536: .*65535/],
        ["a list where a map belongs", { settings: ["x"] }, /^pgbackrest:settings: .*a map/],
        ["a map where a list belongs", { repositories: local }, /^pgbackrest:repositories: .*a list/],
        ["no boolean", { protect: "yes" }, /^pgbackrest:protect: "yes": true or false/],
        ["a bad name", { name: "Sales Spider" }, /^pgbackrest:name: "Sales Spider": lower case/],
        ["a stanza named global", { stanza: "global" }, /^pgbackrest:stanza: "global"/],
        ["a Docker host without a scheme", { dockerHost: "host" }, /^pgbackrest:dockerHost: "host": ssh:/],
        [
            "a repository without a type",
            { repositories: [{ name: "x" }] },
            /repositories\[0\]\.type: is missing/,
        ],
        [
            "an unknown type of repository",
            { repositories: [{ name: "x", type: "nfs" }] },
            /repositories\[0\]\.type: "nfs": one of none, posix, s3/,
        ],
        [
            "more than eight repositories",
            {
                repositories: [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => ({
                    ...{ name: `r${n}`, type: "posix", path: `/r${n}`, volume: `v${n}` },
                })),
            },
            /9 entries: at most 8/,
        ],
        [
            "two repositories on one path",
            { repositories: [local, { ...local, name: "b" }] },
            /repositories\[1\]\.path: .*is inside or around the path of/,
        ],
        [
            "two repositories with one name",
            { repositories: [local, { ...local, path: "/b" }] },
            /repositories\[1\]\.name: local is the name of/,
        ],
        [
            "a repository on a path that is taken",
            { repositories: [{ ...local, path: "/etc/pgbackrest" }] },
            /repositories\[0\]\.path: /,
        ],
        [
            "a relative path",
            { repositories: [{ ...local, hostPath: "backup" }] },
            /repositories\[0\]\.hostPath: "backup": an absolute path/,
        ],
        ["a path with ..", { repositories: [{ ...local, hostPath: "/a/../b" }] }, /hostPath/],
        ["too few cron fields", { schedules: { diff: "0 1 * *" } }, /schedules\.diff: .*4 fields, not five/],
        ["no full backup", { schedules: { full: "off" } }, /schedules\.full: cannot be off/],
        [
            "a cron field out of range",
            { schedules: { full: "0 24 * * *" } },
            /schedules\.full: .*hour: 0 to 23/,
        ],
        ["both days in cron", { schedules: { full: "0 0 1 * 1" } }, /both day of month and day of week/],
        [
            "an unknown time zone",
            { schedules: { timezone: "Europe/Berln" } },
            /timezone: .*did you mean Europe\/Berlin/,
        ],
        ["a published port beyond loopback", { address: "0.0.0.0" }, /^pgbackrest:address: .*TLS/],
        ["no address", { address: "localhost" }, /^pgbackrest:address: "localhost": an IP address/],
        ["a database of PostgreSQL's own", { database: "postgres" }, /^pgbackrest:database: /],
        ["a role that is a reserved word", { role: "public" }, /^pgbackrest:role: /],
        ["a role in PostgreSQL's name space", { role: "pg_app" }, /^pgbackrest:role: .*pg_/],
        ["an upper case role", { role: "App" }, /^pgbackrest:role: "App": lower case/],
        ["init SQL outside of the project", { initSql: "../x.sql" }, /^pgbackrest:initSql: /],
        [
            "init SQL that is not there",
            { initSql: "sql/none.sql" },
            /^pgbackrest:initSql: sql\/none.sql cannot be read/,
        ],
        ["an unknown choice", { waitFor: "all" }, /^pgbackrest:waitFor: "all": one of backup, archiving/],
        [
            "another generated password where none is generated",
            { password: "x", passwordGeneration: 2 },
            /^pgbackrest:passwordGeneration: is for a generated password/,
        ],
        ["more shared memory than memory", { shm: 2048 }, /^pgbackrest:shm: 2048/],
        [
            "an unknown option",
            { options: { global: { "proces-max": 2 } } },
            /options\.global\.proces-max: .*did you mean process-max/,
        ],
        [
            "an option of the program",
            { options: { global: { "repo1-path": "/x" } } },
            /options\.global\.repo1-path: .*is set by the program from pgbackrest:repositories/,
        ],
        ["a misspelt section", { options: { gloabl: {} } }, /options: \[gloabl\] .*did you mean global/],
        [
            "an unknown PostgreSQL setting",
            { settings: { shared_bufers: 1 } },
            /settings\.shared_bufers: .*did you mean shared_buffers/,
        ],
    ];
    for (const [name, raw, expected] of mistakes)
        it(`refuse ${name}`, () => {
            const problems = problemsOf(() => settingsOf(raw));
            assert.ok(
                problems.some((problem) => expected.test(problem)),
                problems.join("\n"),
            );
        });

    it("name several mistakes at once", () => {
        assert.equal(problemsOf(() => settingsOf({ memory: 1, cpus: -1, waitFor: "x" })).length, 3);
    });
});

describe("settings of any kind", () => {
    it("are accepted or refused with messages, never with another error", () => {
        fc.assert(
            fc.property(
                fc.dictionary(fc.constantFrom(...configKeys.map((key) => key.name), "other"), fc.jsonValue()),
                (raw) => {
                    for (const problem of problemsOf(() => settingsOf(raw)))
                        assert.match(problem, /^pgbackrest:/);
                },
            ),
            { numRuns: 300 },
        );
    });
});
