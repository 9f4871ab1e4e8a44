// From `up` (the image is there) to the first full backup in the repository, against the same containers started by hand.
import { join } from "node:path";
import { docker, mustDocker } from "../support/docker";
import { testName, TestStack } from "../support/stack";
import { firstBackup, type Inputs, inputsOf, removeByHand, startByHand } from "./byHand";
import { compare, runs } from "./measure";
import { POSIX, seconds } from "./stacks";

const image = `${testName()}-image`;

/** Brings a new stack up; gives the seconds to its first backup, and what its containers were started with. */
async function up(): Promise<readonly [number, Inputs]> {
    const stack = await TestStack.create({ ...POSIX, image });
    try {
        const begun = Date.now();
        seconds(await stack.up());
        return [((await firstBackup(stack.name)) - begun) / 1000, await inputsOf(stack, image)];
    } finally {
        await stack.remove();
    }
}

async function byHand(inputs: Inputs): Promise<number> {
    const name = testName();
    try {
        const begun = Date.now();
        await startByHand(name, inputs);
        return ((await firstBackup(name)) - begun) / 1000;
    } finally {
        await removeByHand(name);
    }
}

export default async function (): Promise<void> {
    await mustDocker(["build", "--quiet", "--tag", image, join(import.meta.dirname, "../../image")]);
    try {
        const [, inputs] = await up();
        await compare("first-backup", runs(3), {
            base: () => byHand(inputs),
            ours: async () => (await up())[0],
        });
    } finally {
        await docker(["rmi", "--no-prune", image]);
    }
}
