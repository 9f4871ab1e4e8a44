import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { describe, it } from "mocha";
import { ownObjects } from "../../components/protectedPostgres";
import type { Settings } from "../../components/settings/schema";
import { settingsOf } from "../support/settings";
import { declare, deployed, modes, POSIX, Recording } from "../support/mocks";
import { CERTIFICATE, PRIVATE_KEY } from "../e2e/certificate";

const EVERY_STACK = [
    "Backup salespider",
    "Configuration salespider",
    "Container salespider-apply",
    "Container salespider-backup",
    "Container salespider-backup-proof",
    "Container salespider-postgres",
    "Container salespider-postgres-proof",
    "Container salespider-setup",
    "Network salespider",
    "Postgres salespider",
    "ProtectedPostgres salespider",
    "RandomId salespider-mark",
    "RandomPassword salespider-revision-key",
    "RemoteImage salespider-image",
    "Volume salespider-backup-state",
    "Volume salespider-drill-state",
    "Volume salespider-pgbackrest-config",
    "Volume salespider-pgbackrest-repo",
    "Volume salespider-pgbackrest-spool",
    "Volume salespider-postgres-data",
    "Volume salespider-postgres-run",
    "Repositories salespider",
    "Storage salespider",
    "Apply salespider",
    "random salespider-random",
];
const PASSWORD = "RandomPassword salespider-password";
const BACKUP_IMAGE = "RemoteImage salespider-backup-image";
/** Of a stack that nothing special is asked of. */
const USUAL = [PASSWORD, BACKUP_IMAGE];

const DRILL = [
    "Drill salespider",
    "Container salespider-drill",
    "Volume salespider-drill-data",
    "Volume salespider-drill-spool",
];

/** Settings, which of them are secret, and what they need beside what every stack has. */
const stacks: readonly (readonly [string, Record<string, unknown>, readonly string[], readonly string[]])[] =
    [
        ["a posix repository", POSIX, [], USUAL],
        ["no repository at all", {}, [], USUAL],
        ["type none", { repositories: [{ name: "local", type: "none" }] }, [], USUAL],
        [
            "a directory of the host",
            { repositories: [{ name: "disk", type: "posix", hostPath: "/srv/backup" }] },
            [],
            USUAL,
        ],
        ["a port", { ...POSIX, port: 5432 }, [], [...USUAL, "Container salespider-port-proof"]],
        [
            "a port of metrics",
            { ...POSIX, monitoring: { port: 9464 } },
            [],
            [...USUAL, "Container salespider-metrics-proof"],
        ],
        ["a given password", { ...POSIX, password: "a given password" }, ["password"], [BACKUP_IMAGE]],
        ["protection", { ...POSIX, protect: true }, [], [...USUAL, ...DRILL]],
        ["protection without drills", { ...POSIX, protect: true, drill: "off" }, [], USUAL],
        ["a drill", { ...POSIX, drill: { schedule: "0 4 * * *" } }, [], [...USUAL, ...DRILL]],
        ["TLS", { ...POSIX, tlsCertificate: CERTIFICATE, tlsKey: PRIVATE_KEY }, ["tlsKey"], USUAL],
        [
            "a Docker host",
            { ...POSIX, dockerHost: "tcp://db.example.com:2376" },
            [],
            [...USUAL, "docker salespider-docker"],
        ],
        ["a given image", { ...POSIX, image: "example.com/pgbackrest:1" }, [], [PASSWORD]],
    ];

/** What the engine is asked for beforehand. */
function ownNames(settings: Settings): string[] {
    const titled = ownObjects(settings, {}).map(
        ({ kind, name }) => `${kind.charAt(0).toUpperCase()}${kind.slice(1)} ${name}`,
    );
    return titled.sort();
}

describe("resources of a stack", () => {
    for (const [title, settings, secret, more] of stacks)
        for (const mode of modes)
            it(`with ${title}, ${mode}`, async () => {
                const { names } = await deployed(settings, { mode, secret });
                assert.deepEqual(names, [...EVERY_STACK, ...more].sort());
                const onEngine = names.filter((name) => /^(?:Container|Volume|Network) /.test(name));
                assert.deepEqual(ownNames(settingsOf(settings, secret)), onEngine);
            });

    it("all carry the name of the settings", async () => {
        const { names } = await deployed({ ...POSIX, name: "other" });
        assert.deepEqual(
            names,
            [...EVERY_STACK, ...USUAL].map((name) => name.replace("salespider", "other")).sort(),
        );
    });

    it("have their component as parent, whose parent is the whole", async () => {
        const { registrations } = await deployed(POSIX);
        const parents = registrations.map(({ type, name, parent }) => [`${type} ${name}`, parent]);
        assert.deepEqual(Object.fromEntries(parents), {
            "random salespider-random": "ProtectedPostgres salespider",
            "ProtectedPostgres salespider": "",
            "Repositories salespider": "ProtectedPostgres salespider",
            "Storage salespider": "ProtectedPostgres salespider",
            "Configuration salespider": "ProtectedPostgres salespider",
            "Postgres salespider": "ProtectedPostgres salespider",
            "Backup salespider": "ProtectedPostgres salespider",
            "Apply salespider": "ProtectedPostgres salespider",
            "Network salespider": "ProtectedPostgres salespider",
            "RemoteImage salespider-backup-image": "ProtectedPostgres salespider",
            "RemoteImage salespider-image": "ProtectedPostgres salespider",
            [PASSWORD]: "ProtectedPostgres salespider",
            "Volume salespider-pgbackrest-repo": "Repositories salespider",
            "Container salespider-apply": "Apply salespider",
            "Container salespider-setup": "Configuration salespider",
            "RandomPassword salespider-revision-key": "Configuration salespider",
            "Volume salespider-pgbackrest-config": "Configuration salespider",
            "Container salespider-postgres": "Postgres salespider",
            "Container salespider-postgres-proof": "Postgres salespider",
            "Volume salespider-pgbackrest-spool": "Storage salespider",
            "Volume salespider-postgres-data": "Storage salespider",
            "Volume salespider-postgres-run": "Storage salespider",
            "Container salespider-backup": "Backup salespider",
            "Container salespider-backup-proof": "Backup salespider",
            "RandomId salespider-mark": "ProtectedPostgres salespider",
            "Volume salespider-backup-state": "Backup salespider",
            "Volume salespider-drill-state": "Backup salespider",
        });
    });

    it("keep what they were called before they had these parents", async () => {
        const settings = {
            dataVolume: "old",
            dockerHost: "tcp://db.example.com:2376",
            repositories: [{ name: "cloud", type: "s3", region: "eu-central-1" }],
        };
        const { registrations } = await deployed(settings);
        const whole = "pgbackrest:index:ProtectedPostgres";
        const former = registrations.flatMap(({ type, name, aliases }) =>
            aliases.map((alias) => [`${type} ${name}`, alias]),
        );
        assert.deepEqual(Object.fromEntries(former), {
            "random salespider-random": "pulumi:providers:random::random",
            "docker salespider-docker": "pulumi:providers:docker::docker",
            "aws salespider-aws": `${whole}$pulumi:providers:aws::salespider-aws`,
            "S3Repository salespider-cloud": `${whole}$pgbackrest:index:S3Repository::salespider-cloud`,
            "RandomPassword salespider-cloud-passphrase": `${whole}$random:index/randomPassword:RandomPassword::salespider-cloud-passphrase`,
            "Volume salespider-pgbackrest-repo": `${whole}$docker:index/volume:Volume::salespider-pgbackrest-repo`,
            "Volume salespider-adopted": `${whole}$docker:index/volume:Volume::salespider-adopted`,
            "Volume salespider-postgres-run": `${whole}$pgbackrest:index:Postgres$docker:index/volume:Volume::salespider-postgres-run`,
            "Volume salespider-pgbackrest-spool-old": `${whole}$pgbackrest:index:Postgres$docker:index/volume:Volume::salespider-pgbackrest-spool-old`,
            "Container salespider-adopt": `${whole}$docker:index/container:Container::salespider-adopt`,
            "Container salespider-apply": `${whole}$docker:index/container:Container::salespider-apply`,
        });
        const own = (await deployed(POSIX)).get("Volume salespider-postgres-data");
        assert.deepEqual(own.aliases, [
            `${whole}$pgbackrest:index:Postgres$docker:index/volume:Volume::salespider-postgres-data`,
        ]);
    });

    it("hold the data before anything runs on them", async () => {
        const { registrations } = await deployed(POSIX);
        const volumes = registrations.filter(({ parent }) => parent === "Storage salespider");
        assert.equal(volumes.length, 3);
        for (const { name, dependencies } of volumes)
            assert.deepEqual(
                dependencies.filter((needed) => needed.startsWith("Container ")),
                [],
                name,
            );
    });

    it("of two in one program are two of everything", async () => {
        const recording = await Recording.start("update");
        for (const name of ["first", "second"])
            declare({ ...POSIX, name, dockerHost: `tcp://${name}.example.com:2376` });
        await pulumi.runtime.disconnect();
        const urns = recording.registrations.map(({ urn }) => urn);
        assert.equal(new Set(urns).size, urns.length);
        const of = (name: string): string[] =>
            urns.filter((urn) => urn.includes(name)).map((urn) => urn.replaceAll(name, ""));
        assert.deepEqual(of("first"), of("second"));
        assert.equal(of("first").length + of("second").length, urns.length);
    });

    it("run on the Docker host of the settings, all of them", async () => {
        const { registrations } = await deployed({ ...POSIX, dockerHost: "ssh://ops@db.example.com" });
        const docker = registrations.find(({ type }) => type === "docker");
        assert.deepEqual(docker?.inputs, { host: "ssh://ops@db.example.com" });
        for (const { type, name, provider } of registrations)
            if (["Container", "Volume", "Network", "RemoteImage"].includes(type))
                assert.match(provider, /\$pulumi:providers:docker::salespider-docker::/, name);
    });
});

describe("image", () => {
    it("is built from its sources, under a name with their hash, and stays", async () => {
        const { inputs } = (await deployed(POSIX)).get("RemoteImage salespider-image");
        assert.match(String(inputs["name"]), /^salespider-pgbackrest:[0-9a-f]{12}$/);
        assert.deepEqual(
            { ...inputs, name: "" },
            { name: "", build: { context: "image", target: "database" }, keepLocally: true },
        );
    });

    it("of the backup service is built after it, with what the service needs, and runs setup too", async () => {
        const recording = await deployed(POSIX);
        const { inputs } = recording.get("RemoteImage salespider-backup-image");
        assert.match(String(inputs["name"]), /^salespider-pgbackrest-backup:[0-9a-f]{12}$/);
        assert.deepEqual(inputs["build"], { context: "image", target: "backup" });
        const imageOf = (container: string) => recording.get(`Container ${container}`).inputs["image"];
        assert.equal(imageOf("salespider-setup"), imageOf("salespider-backup"));
        assert.equal(imageOf("salespider-postgres"), imageOf("salespider-apply"));
        assert.notEqual(imageOf("salespider-postgres"), imageOf("salespider-backup"));
    });

    it("has Debian stable's pgBackRest when the settings ask for it, beside the other one", async () => {
        const { inputs } = (await deployed({ ...POSIX, release: "stable" })).get(
            "RemoteImage salespider-image",
        );
        assert.match(String(inputs["name"]), /^salespider-pgbackrest:[0-9a-f]{12}-stable$/);
        assert.deepEqual(inputs["build"], {
            context: "image",
            target: "database",
            buildArgs: { PGBACKREST: "stable" },
        });
    });

    it("is taken as it is when the settings name one", async () => {
        const image = "example.com/pgbackrest:1";
        const { inputs } = (await deployed({ ...POSIX, image })).get("RemoteImage salespider-image");
        assert.deepEqual(inputs, { name: image, keepLocally: true });
    });
});
