import assert from "node:assert/strict";
import { after } from "mocha";
import { TestStack } from "../support/stack";
import { Running } from "./running";

export interface SecondStack {
    readonly stack: TestStack;
    readonly running: Running;
}

let made: Promise<SecondStack> | undefined;
let stack: TestStack | undefined;

/** Another stack beside the main one, with a repository in a volume and a generated password. It may not be up yet. */
export function secondStack(): Promise<SecondStack> {
    made ??= make();
    return made;
}

async function make(): Promise<SecondStack> {
    stack = await TestStack.create({ repositories: [{ name: "local", type: "posix" }] });
    return { stack, running: new Running(stack) };
}

/** The same, up. */
export async function secondStackUp(): Promise<SecondStack> {
    const second = await secondStack();
    await second.stack.mustUp();
    return second;
}

export const UP = ["up", "--yes", "--skip-preview", "--non-interactive"];

/** The command as its users run it, to its end; then all is as it should be. */
export async function finishes({ stack, running }: SecondStack): Promise<void> {
    const result = await stack.launch(UP).ended;
    assert.ok(result.ok, result.output);
    const preview = await stack.preview("--expect-no-changes");
    assert.ok(preview.ok, preview.output);
    const health = await running.healthCheck();
    assert.ok(health.ok, health.output);
}

/** Removes it. Who asks for it afterwards gets a new one. */
export async function removeSecondStack(): Promise<void> {
    made = undefined;
    await stack?.remove();
    stack = undefined;
}

after("remove the second stack", async function () {
    this.timeout(120_000);
    await removeSecondStack();
});
