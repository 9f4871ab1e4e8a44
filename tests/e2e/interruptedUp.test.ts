import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { docker, eventually, mustDocker } from "../support/docker";
import type { CommandResult, Launched } from "../support/stack";
import { holdProgram, killAll } from "./processes";
import type { Role } from "./running";
import { secondStack, type SecondStack } from "./secondStack";

const UP = ["up", "--yes", "--skip-preview", "--non-interactive"];
/** What a shell shows for a program that ^C has ended. */
const INTERRUPTED = 130;

describe("an up that is interrupted", function () {
    this.timeout(300_000);
    let second: SecondStack;
    before(async () => {
        second = await secondStack();
        // Longer than the cached layers take, so that there is something to interrupt.
        second.stack.edit("image/Dockerfile", (text) => `${text}RUN sleep 3\n`);
    });

    it("with ^C while the image is built ends in order", async () => {
        const up = second.stack.launch(UP);
        await said(up, /RemoteImage .* creating/);
        assertInterrupted(await interrupt(up));
        assert.equal(await exists("setup"), false);
    });

    it("with ^C while setup runs, after that", async () => {
        const up = second.stack.launch(UP);
        await runs("setup", up);
        assertInterrupted(await interrupt(up));
        assert.equal(await exists("postgres"), false);
    });

    it("with kill -9 of all its processes while PostgreSQL is made, after that", async () => {
        const up = second.stack.launch(UP);
        await runs("postgres", up);
        killAll(second.stack);
        await up.ended;
    });

    it("with ^C while apply waits, after that", async () => {
        const up = second.stack.launch(UP);
        await runs("apply", up);
        assertInterrupted(await interrupt(up));
    });

    it("comes to its end when it is run again", async () => {
        const { running } = second;
        await finishes();
        assert.equal((await running.fullBackups()).length, 1);
    });

    for (const role of ["setup", "apply"] as const)
        it(`with kill -9 of all its processes while ${role} runs in a change, comes to its end when it is run again`, async () => {
            const { stack, running } = second;
            const services = await running.services();
            stack.edit("config/pgbackrest/pgbackrest.conf", (text) =>
                text.replace(
                    /^(repo1-retention-full=)(\d+)$/m,
                    (_, option, number) => `${String(option)}${Number(number) + 1}`,
                ),
            );
            // Apply waits for the backup service, which is too quick to be caught otherwise.
            const hold = async (verb: "pause" | "unpause") =>
                role === "apply" && mustDocker([verb, running.name("backup")]);
            await hold("pause");
            try {
                const up = stack.launch(UP);
                await runs(role, up);
                killAll(second.stack);
                await up.ended;
            } finally {
                await hold("unpause");
            }
            await finishes();
            assert.deepEqual(await running.services(), services);
        });

    it("with kill -9 after apply, before its outputs are kept, has the new password in them when it is run again", async () => {
        const { stack, running } = second;
        const connection = async (): Promise<string> => String((await stack.outputs())["connection"]);
        const logsIn = async (): Promise<boolean> =>
            (await running.exec("backup", "psql", await connection(), "-c", "select")).ok;
        stack.configure({ passwordGeneration: 7 });
        await mustDocker(["pause", running.name("backup")]);
        try {
            const up = stack.launch(UP);
            await runs("apply", up);
            holdProgram(stack);
            await mustDocker(["unpause", running.name("backup")]);
            await eventually(
                "apply has ended",
                async () => (await running.inspect("apply", "{{.State.Status}}")) === "exited",
                120,
            );
            killAll(stack);
            await up.ended;
        } finally {
            await docker(["unpause", running.name("backup")]);
        }
        assert.equal(await logsIn(), false, "the old password is what the outputs have");
        const told = await stack.launch(["stack", "output"]).ended;
        assert.match(told.output, /outputs may be those of the one before/);
        await finishes();
        assert.equal(await logsIn(), true);
    });

    /** The command as its users run it, to its end; then all is as it should be. */
    async function finishes(): Promise<void> {
        const { stack, running } = second;
        const result = await stack.launch(UP).ended;
        assert.ok(result.ok, result.output);
        const preview = await stack.preview("--expect-no-changes");
        assert.ok(preview.ok, preview.output);
        const health = await running.healthCheck();
        assert.ok(health.ok, health.output);
    }

    async function exists(role: Role): Promise<boolean> {
        return (await docker(["inspect", second.running.name(role)])).ok;
    }

    async function runs(role: Role, up: Launched): Promise<void> {
        await Promise.race([
            eventually(
                `${role} runs`,
                async () =>
                    (
                        await docker([
                            "ps",
                            "--quiet",
                            "--no-trunc",
                            "--filter",
                            `name=^/${second.running.name(role)}$`,
                        ])
                    ).stdout !== "" && made(role, up),
                120,
            ),
            up.ended.then((result) => {
                throw new Error(`up ended before ${role} ran:\n${result.output}`);
            }),
        ]);
    }
});

function made(role: Role, up: Launched): boolean {
    return new RegExp(`Container \\S+-${role} creating`).test(up.output());
}

async function said(up: Launched, text: RegExp): Promise<void> {
    await eventually(`up says ${String(text)}`, async () => Promise.resolve(text.test(up.output())), 120);
}

async function interrupt(up: Launched): Promise<CommandResult> {
    up.signal("SIGINT");
    return up.ended;
}

function assertInterrupted(result: CommandResult): void {
    assert.equal(result.exitCode, INTERRUPTED, result.output);
    assert.doesNotMatch(result.output, /^ +at .*:\d+:\d+\)?$/m);
}
