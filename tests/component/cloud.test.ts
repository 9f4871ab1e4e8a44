import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { CERTIFICATE, PRIVATE_KEY } from "../e2e/certificate";
import { existing } from "../support/existing";
import { SERVICE_KEY } from "../support/serviceKey";
import { deployed, GENERATED, modes, POSIX, Secret } from "../support/mocks";
import { repositoryOptions, secretFiles } from "../support/setupFiles";

const cloud = (repository: object, more: object = {}): Record<string, unknown> => ({
    repositories: [{ name: "x", ...repository }],
    ...more,
});
const options = { secret: ["repositories"] };

describe("repositories that exist", () => {
    for (const [title, repository, expected] of existing)
        it(`${title}: setup is told exactly this`, async () => {
            const told = repositoryOptions(await deployed(cloud(repository), options));
            assert.deepEqual(told, { path: "/salespider/dev", ...expected });
        });

    for (const mode of modes)
        it(`make nothing but a passphrase, ${mode}`, async () => {
            const posix = new Set((await deployed(POSIX, { mode })).names);
            for (const [, repository] of existing) {
                const more = (await deployed(cloud(repository), { ...options, mode })).names.filter(
                    (name) => !posix.has(name),
                );
                const generated = !("passphrase" in repository) && repository["encryption"] !== false;
                assert.deepEqual(more, generated ? ["RandomPassword salespider-x-passphrase"] : []);
            }
        });

    it("keep the passphrase that was generated, with its protection, when they go", async () => {
        const passphrases = ["salespider-x-passphrase"];
        const history = { deployment: undefined, failed: false, passphrases };
        const stack = await deployed(POSIX, { history });
        assert.ok(stack.get("RandomPassword salespider-x-passphrase").protect);
        const { passphrases: told } = stack.outputs.get("ProtectedPostgres salespider") ?? {};
        assert.deepEqual(told, new Secret({ x: GENERATED }));
        // Another of that name has its own.
        const given = {
            type: "gcs",
            bucket: "backups",
            key: SERVICE_KEY,
            passphrase: "given-passphrase-of-x",
        };
        const both = await deployed(cloud(given), { ...options, history });
        assert.deepEqual(
            both.outputs.get("ProtectedPostgres salespider")?.["passphrases"],
            new Secret({ x: "given-passphrase-of-x", "x (former)": GENERATED }),
        );
        // It is the same again when the repository comes back.
        const [, generated] =
            existing.find(([, one]) => !("passphrase" in one) && one["encryption"] !== false) ?? [];
        const again = await deployed(cloud(generated ?? {}), { ...options, history });
        assert.equal(again.names.filter((name) => name.endsWith("-passphrase")).length, 1);
    });

    it("change nothing of PostgreSQL and its backup service: no restart", async () => {
        const posix = await deployed(POSIX);
        for (const [title, repository] of existing) {
            const stack = await deployed(cloud(repository), options);
            for (const part of ["postgres", "backup"])
                assert.deepEqual(
                    stack.get(`Container salespider-${part}`).inputs,
                    posix.get(`Container salespider-${part}`).inputs,
                    `${part}, ${title}`,
                );
        }
    });

    it("send their files as secrets, after those of PostgreSQL", async () => {
        const repository = { type: "gcs", bucket: "backups", key: SERVICE_KEY, caFile: "ca.crt" };
        const tls = { tlsCertificate: CERTIFICATE, tlsKey: PRIVATE_KEY };
        const stack = await deployed(cloud(repository, tls), { secret: ["repositories", "tlsKey"] });
        const files = [...secretFiles(stack)];
        assert.equal(files.length, 5);
        assert.deepEqual(files[2], ["x-gcs.json", SERVICE_KEY]);
        // An environment has no room for the list of all CAs.
        const { uploads } = stack.get("Container salespider-setup").inputs;
        assert.ok(JSON.stringify(uploads).includes('"/setup/input/files/x-ca.crt"'));
        assert.deepEqual(
            files.slice(3).map(([name]) => name),
            ["conf.d/repo.conf", "repositories.json"],
        );
    });

    it("tell no secret in plain, and the passphrase only as a secret", async () => {
        for (const [title, repository] of existing) {
            const stack = await deployed(cloud(repository), options);
            const told = JSON.stringify(
                [stack.registrations.map((entry) => entry.inputs), ...stack.outputs.values()],
                (_key, value: unknown) => (value instanceof Secret ? "[secret]" : value),
            );
            for (const field of ["key", "keySecret", "token", "passphrase"])
                if (typeof repository[field] === "string" && repository[field].length > 5)
                    assert.ok(
                        !told.includes(JSON.stringify(repository[field]).slice(1, -1)),
                        `${title}: ${field}`,
                    );
            assert.ok(!told.includes(GENERATED), title);
        }
    });

    it("are a new place when anything of the place changes", async () => {
        const s3 = { type: "s3", bucket: "backups", region: "us-east-1", key: "k", keySecret: "secret" };
        const place = async (more: object): Promise<string | undefined> =>
            secretFiles(await deployed(cloud({ ...s3, ...more }), options)).get("repositories.json");
        const first = await place({});
        assert.equal(await place({ keySecret: "another" }), first);
        for (const more of [{ bucket: "others" }, { path: "/other" }, { endpoint: "s3.example.com" }])
            assert.notEqual(await place(more), first);
    });

    it("tell which policy to attach when a machine's role is to use a bucket", async () => {
        const repository = { type: "s3", bucket: "backups", region: "us-east-1", keyType: "auto" };
        const { repositories } =
            (await deployed(cloud(repository))).outputs.get("ProtectedPostgres salespider") ?? {};
        assert.match(JSON.stringify(repositories), /arn:aws:s3:::backups\/salespider\/dev\/\*/);
    });
});
