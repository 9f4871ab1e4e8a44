// npm start: everything from a bare machine to a database that is backed up.
import { devStack } from "../backend";
import { deploy, lastUpdateChanged } from "../deploy";
import { exitWith } from "../errors";
import { lookAfter, lookBefore } from "../look";
import { root } from "../paths";
import { seconds } from "../progress";
import { pulumiEnvironment } from "../pulumi";
import { run } from "../run";
import { ensureToolchain, everything } from "../setup";
import { placeOf, prepareStack } from "../stack";
import { summary } from "../summary";

exitWith(async () => {
    const begun = Date.now();
    if (await ensureToolchain({ ...everything, expectation: true }))
        console.log(`Everything that this machine lacked is there (${seconds(begun)}).\n`);
    const environment = pulumiEnvironment({ stack: devStack });
    const say = (text: string): void => {
        console.log(text);
    };
    const mended = await prepareStack(devStack, environment, ["up"], say);
    const place = placeOf(devStack, environment);
    const helped = await lookBefore(place, say);
    console.log(
        `Bringing up the stack "${devStack}" (pulumi up), until its first full backup is in the repository:`,
    );
    const status = await deploy(environment);
    if (status !== 0) {
        console.error("\nThe stack is not up. Put right what is said above, and run `npm start` again.");
        return status;
    }
    if (!(await lookAfter(place, say))) {
        console.error("\nThe stack is made, but not all of it is well: see above.");
        return 1;
    }
    const outputs = await run("pulumi", ["stack", "output", "--json", "--stack", devStack], {
        cwd: root,
        environment,
    });
    const changed = mended || helped || (await lastUpdateChanged(environment));
    console.log(`\n${changed ? "It is up" : "Nothing has changed, it is up"} (${seconds(begun)}).\n`);
    console.log(summary(outputs));
    return 0;
});
