import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { docker, eventually } from "../support/docker";
import type { CommandResult, Launched } from "../support/stack";
import { killAll } from "./processes";
import type { Role } from "./running";
import { finishes, removeSecondStack, secondStack, type SecondStack, UP } from "./secondStack";

/** What a shell shows for a program that ^C has ended. */
const INTERRUPTED = 130;

describe("an up that is interrupted", function () {
    this.timeout(300_000);
    let second: SecondStack;
    before(async () => {
        // It must not be up yet.
        await removeSecondStack();
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
        await finishes(second);
        assert.equal((await running.fullBackups()).length, 1);
    });

    async function exists(role: Role): Promise<boolean> {
        return (await docker(["inspect", second.running.name(role)])).ok;
    }

    function runs(role: Role, up: Launched): Promise<void> {
        return second.running.runsIn(role, up);
    }
});

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
