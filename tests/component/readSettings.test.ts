import assert from "node:assert/strict";
import { inspect } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, it } from "mocha";
import { UserError } from "../../components/problems";
import { readSettings } from "../../components/settings/read";
import { Recording } from "../support/mocks";

const SECRET_KEYS = "PULUMI_CONFIG_SECRET_KEYS";

/** Sets the stack's configuration as Pulumi hands it over: every value a text, objects and numbers as JSON. */
function configure(settings: Record<string, string>, secret: readonly string[] = []): void {
    const config: Record<string, string> = { "docker:host": "tcp://elsewhere" };
    for (const [key, value] of Object.entries(settings)) config[`pgbackrest:${key}`] = value;
    const secretKeys = secret.map((key) => `pgbackrest:${key}`);
    pulumi.runtime.setAllConfig(config, secretKeys);
    // The language host sets this beside the values, and the SDK has no public way to ask for it.
    process.env[SECRET_KEYS] = JSON.stringify(secretKeys);
}

function mistake(): UserError {
    try {
        readSettings();
    } catch (error) {
        if (error instanceof UserError) return error;
        throw error;
    }
    throw new Error("there is no mistake");
}

describe("readSettings", () => {
    beforeEach(async () => {
        await Recording.start("update");
    });
    afterEach(() => {
        // Of use to this test alone: the files of one mocha run share the process.
        Reflect.deleteProperty(process.env, SECRET_KEYS);
        pulumi.runtime.setAllConfig({});
    });

    it("reads texts, numbers, lists, maps and switches, and no other project's keys", () => {
        configure({
            name: "42",
            port: "5433",
            protect: "true",
            repositories: '[{"name":"disk","type":"posix","hostPath":"/srv/b"}]',
            settings: '{"work_mem":"8MB","max_connections":50}',
        });
        const { name, port, protect, repositories, postgresql } = readSettings();
        assert.deepEqual([name, port, protect], ["42", 5433, true]);
        assert.equal(repositories[0]?.name, "disk");
        assert.deepEqual(postgresql, { work_mem: "8MB", max_connections: "50" });
    });

    it("takes the empty defaults of Pulumi.yaml for not set", () => {
        configure({ port: "0", password: "", dockerHost: "", initSql: "", tlsCertificate: "", tlsKey: "" });
        const { port, password, dockerHost, initSql, tls } = readSettings();
        assert.deepEqual([port, password, dockerHost, initSql, tls], Array.from({ length: 5 }));
    });

    it("takes a password that looks like a number as a text", () => {
        configure({ password: "12345678901234567890" }, ["password"]);
        assert.equal(readSettings().password, "12345678901234567890");
    });

    it("tells a mistake in one line, without a stack trace", () => {
        configure({ mempry: "2048" });
        const error = mistake();
        assert.equal(error.problems.length, 1);
        assert.match(error.message, /^pgbackrest:mempry: no such setting; did you mean memory\?/);
        assert.doesNotMatch(inspect(error), /^ +at /m);
    });

    it("tells all mistakes at once", () => {
        configure({ memory: "1", port: "70000", schedules: '{"full":"99 * * * *"}' });
        assert.ok(mistake().problems.length >= 2);
    });

    it("tells no secret, not even one in the wrong place", () => {
        const secret = "do not tell this";
        configure({ memory: JSON.stringify(secret), password: " blank at its begin" }, [
            "memory",
            "password",
        ]);
        const { message } = mistake();
        assert.ok(!message.includes(secret));
        assert.ok(!message.includes("blank at its begin"));
    });

    it("refuses a password that is not encrypted", () => {
        configure({ password: "a long enough password" });
        assert.match(mistake().message, /^pgbackrest:password: is not encrypted: .*config set --secret/);
    });
});

describe("the program", () => {
    it("ends with an error that Pulumi shows without a stack trace when there is a mistake", async () => {
        await Recording.start("first preview");
        configure({ mempry: "2048" });
        await assert.rejects(
            import("../../index").then(({ outputs }) => outputs),
            (error) => pulumi.RunError.isInstance(error) && error.message.startsWith("pgbackrest:mempry: "),
        );
    });
});
