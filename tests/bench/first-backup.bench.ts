// From `up` (the image is there) to the first full backup in the repository, against the same containers started by hand.
import { productImage } from "../support/images";
import { testName, TestStack } from "../support/stack";
import { firstBackup, type Inputs, inputsOf, removeByHand, startByHand } from "./byHand";
import { compare, runs } from "./measure";
import { POSIX, seconds } from "./stacks";

/** Made ready before. */
const image = productImage().name;

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
    const [taken, inputs] = await up();
    const count = runs(3);
    await compare("first-backup", count, {
        base: () => byHand(inputs),
        // The first one warms up, but where one is all.
        ours: async () => (count === 1 ? taken : (await up())[0]),
    });
}
