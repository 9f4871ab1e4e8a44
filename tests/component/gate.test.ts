import assert from "node:assert/strict";
import { inspect } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { describe, it } from "mocha";
import { oneShot } from "../../components/services/oneShot";
import { declare, deployed, type Ending, POSIX, Recording, type StackOptions } from "../support/mocks";

/**
 * Declares the stack and gives the errors that nobody caught: with the first of them Pulumi's language host ends the command.
 */
async function uncaught(stack: Recording, options: StackOptions): Promise<readonly Error[]> {
    const errors: Error[] = [];
    const listeners = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection");
    const failed = new Promise<void>((resolve) => {
        process.on("unhandledRejection", (reason) => {
            errors.push(reason instanceof Error ? reason : new Error(String(reason)));
            resolve();
        });
    });
    try {
        declare(POSIX, options);
        await failed;
        // What else would be declared in spite of it had the time to be.
        await new Promise((resolve) => setTimeout(resolve, 200));
    } finally {
        process.removeAllListeners("unhandledRejection");
        for (const listener of listeners) process.on("unhandledRejection", listener);
    }
    assert.ok(stack.registrations.length > 0);
    return errors;
}

/** What waiting for a one-shot with this ending comes to: its container's name, or the error. */
async function outcome(ending: Ending): Promise<string> {
    await Recording.start("update", { job: ending });
    return new Promise((resolve) => {
        const parent = new pulumi.ComponentResource("pgbackrest:index:Test", "test");
        const { done } = oneShot("job", { image: "i" }, { parent, minutes: 1 }, "Nothing else was changed.");
        const told = done.name.apply((name) => `ended well: ${name}`);
        pulumi
            .recover(told, (error: unknown) => (error instanceof Error ? error.message : String(error)))
            .apply(resolve);
    });
}

describe("gate", () => {
    it("opens when the one-shot has ended well", async () => {
        assert.equal(await outcome({ exitCode: 0, logs: "a warning\n" }), "ended well: job");
    });

    it("fails otherwise, naming the container, what follows from it, its last words, and what to do", async () => {
        const logs = Array.from({ length: 30 }, (_, index) => `line ${index + 1}\n`).join("");
        const message = await outcome({ exitCode: 3, logs });
        assert.deepEqual(message.split("\n"), [
            "job failed with exit code 3. Nothing else was changed.",
            ...Array.from({ length: 20 }, (_, index) => `    line ${index + 11}`),
            "All it said: docker logs job. Correct the cause and run `up` again.",
        ]);
    });

    for (const mode of ["later preview", "update"] as const)
        it(`of setup keeps postgres, backup and apply as they are, ${mode}`, async () => {
            const ending = { exitCode: 1, logs: "pgbackrest.conf:7: no such option\n" };
            const stack = await Recording.start(mode, { "salespider-setup": ending });
            const errors = await uncaught(stack, { mode });
            const containers = stack.registrations.filter(({ type }) => type === "Container");
            assert.deepEqual(
                containers.map(({ name }) => name),
                ["salespider-setup"],
            );
            for (const error of errors) {
                assert.match(error.message, /salespider-setup failed with exit code 1\./);
                assert.match(error.message, /pgbackrest\.conf:7: no such option/);
            }
            assert.doesNotMatch(inspect(errors[0]), /^ +at /m);
        });

    it("of apply fails the command, and the deployment is not told to be in force", async () => {
        const ending = { exitCode: 2, logs: "no backup within 60 minutes\n" };
        const stack = await Recording.start("update", { "salespider-apply": ending });
        const errors = await uncaught(stack, {});
        for (const { message } of errors)
            assert.match(
                message,
                /salespider-apply failed with exit code 2\.[^]*no backup within 60 minutes/,
            );
        assert.doesNotMatch(inspect(errors[0]), /^ +at /m);
        assert.equal(stack.outputs.get("ProtectedPostgres salespider"), undefined);
    });

    it("is open in a first preview, where no one-shot has run", async () => {
        const endings = { "salespider-setup": { exitCode: 1, logs: "" } };
        const { names } = await deployed(POSIX, { mode: "first preview", endings });
        assert.ok(names.includes("Container salespider-apply"));
    });
});
