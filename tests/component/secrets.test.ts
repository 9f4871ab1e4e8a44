import assert from "node:assert/strict";
import { describe, it } from "mocha";
import {
    deployed,
    environment,
    GENERATED,
    modes,
    POSIX,
    type Recording,
    Secret,
    UNKNOWN,
} from "../support/mocks";
import { repositoryOptions, secretFiles } from "../support/setupFiles";
import { CERTIFICATE, PRIVATE_KEY } from "../e2e/certificate";

const PASSWORD = "pass = word # 1;2";
const SECRETS = ["password", "tlsKey"];
const settings = {
    ...POSIX,
    port: 5432,
    password: PASSWORD,
    tlsCertificate: CERTIFICATE,
    tlsKey: PRIVATE_KEY,
};

/** The texts in a value that are not in a secret. */
function plainTexts(value: unknown): string[] {
    if (typeof value === "string") return [value];
    if (typeof value !== "object" || value === null || value instanceof Secret) return [];
    return Object.entries(value).flatMap(([key, item]) => [key, ...plainTexts(item)]);
}

/** All that the engine is told in plain. */
function inPlain(stack: Recording): string {
    const inputs = stack.registrations.flatMap((entry) => plainTexts(entry.inputs));
    return [...inputs, ...[...stack.outputs.values()].flatMap(plainTexts)].join("\n");
}

describe("secrets", () => {
    for (const mode of modes) {
        it(`no password, no key and no verifier is told in plain, ${mode}`, async () => {
            for (const stack of [
                await deployed(settings, { mode, secret: SECRETS }),
                await deployed(POSIX, { mode }),
            ]) {
                const plain = inPlain(stack);
                const key = PRIVATE_KEY.split("\n")[1] ?? "";
                for (const secret of [
                    PASSWORD,
                    encodeURIComponent(PASSWORD),
                    GENERATED,
                    key,
                    "SCRAM-SHA-256$",
                ])
                    assert.ok(!plain.includes(secret), secret);
            }
        });

        it(`only the connection is a secret among the outputs, and the description is not shown, ${mode}`, async () => {
            const stack = await deployed(settings, { mode, secret: SECRETS });
            const outputs = stack.outputs.get("ProtectedPostgres salespider") ?? {};
            const hidden = Object.keys(outputs).filter((name) => outputs[name] instanceof Secret);
            assert.deepEqual(hidden, ["connection", "description"]);
        });

        it(`setup alone gets credentials, as a secret, ${mode}`, async () => {
            const stack = await deployed(settings, { mode, secret: SECRETS });
            // What is unknown has no value that could be told.
            const { envs } = stack.get("Container salespider-setup").inputs;
            assert.ok(mode === "first preview" ? envs === UNKNOWN : envs instanceof Secret);
            for (const part of ["postgres", "backup"])
                assert.equal(stack.get(`Container salespider-${part}`).inputs["envs"], undefined, part);
        });
    }

    it("setup gets the repository and the secret files", async () => {
        const stack = await deployed(settings, { secret: SECRETS });
        const variables = environment(stack, "setup").map((entry) => entry.replace(/=[^]*/, ""));
        assert.deepEqual(variables, [
            "ATTEMPT",
            ...[1, 2, 3, 4].flatMap((number) => [`FILE_${number}_CONTENT`, `FILE_${number}_NAME`]),
            ...["REPOSITORY_REASONS", "REVISION", "STANZA", "WAIT_TIMEOUT"],
        ]);
        const files = secretFiles(stack);
        assert.deepEqual([...files.keys()].slice(2), ["conf.d/repo.conf", "repositories.json"]);
        assert.deepEqual(repositoryOptions(stack), { path: "/var/lib/pgbackrest", type: "posix" });
        assert.equal(
            files.get("repositories.json"),
            '[{"name":"local","number":1,"place":"posix:volume salespider-pgbackrest-repo"}]\n',
        );
        const without = secretFiles(await deployed({}));
        assert.doesNotMatch(without.get("conf.d/repo.conf") ?? "", /^[^#]/m);
        assert.equal(without.get("repositories.json"), "[]\n");
    });

    it("apply gets no variable that pgBackRest or libpq would read, and the verifier in place of the password", async () => {
        const stack = await deployed(settings, { secret: SECRETS });
        const variables = environment(stack, "apply");
        assert.deepEqual(
            variables.map((entry) => entry.replace(/=[^]*/, "")),
            [
                "ATTEMPT",
                "BACKUP_ID",
                "DATABASE",
                "POSTGRES_ID",
                "REVISION",
                "ROLE",
                "ROLE_VERIFIER",
                "WAIT_FOR",
                "WAIT_TIMEOUT",
            ],
        );
        assert.ok(variables.some((entry) => entry.startsWith("ROLE_VERIFIER=SCRAM-SHA-256$4096:")));
        assert.ok(!variables.join("\n").includes(PASSWORD));
    });

    it("the connection's URL holds any password, encoded", async () => {
        const stack = await deployed(settings, { secret: SECRETS });
        const outputs = stack.outputs.get("ProtectedPostgres salespider") ?? {};
        const password = encodeURIComponent(PASSWORD);
        assert.deepEqual(
            outputs["connection"],
            new Secret(`postgresql://app:${password}@127.0.0.1:5432/app`),
        );
    });

    it("the connection's URL has an address of IPv6 as URLs have it", async () => {
        const stack = await deployed({ ...settings, address: "::1" }, { secret: SECRETS });
        const { connection } = stack.outputs.get("ProtectedPostgres salespider") ?? {};
        assert.ok(connection instanceof Secret);
        assert.equal(new URL(String(connection.value)).host, "[::1]:5432");
    });

    it("the uploads, whose change a preview is to show, are no secret", async () => {
        const { inputs } = (await deployed(settings, { secret: SECRETS })).get("Container salespider-setup");
        assert.ok(Array.isArray(inputs["uploads"]));
    });

    for (const mode of modes)
        it(`but the text of initSql, which may have a password in it, is one, ${mode}`, async () => {
            const stack = await deployed({ ...POSIX, initSql: "sql/init.sql" }, { mode });
            const { inputs } = stack.get("Container salespider-setup");
            assert.ok(Array.isArray(inputs["uploads"]));
            assert.ok(!inPlain(stack).includes("create table t"));
            assert.ok(inPlain(stack).includes("[global]"));
        });
});
