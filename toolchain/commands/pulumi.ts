// npm run pulumi -- ARGUMENTS: the Pulumi CLI in the right environment.
import { delimiter } from "node:path";
import { chosenStack } from "../backend";
import { exitWith, ToolchainError } from "../errors";
import { foreground } from "../foreground";
import { lookAfter, lookBefore, lookForOthers } from "../look";
import { progressToStandardError } from "../progress";
import { findPulumi, pulumiEnvironment } from "../pulumi";
import { isElsewhere, previewElsewhere } from "../previewElsewhere";
import { ensureToolchain } from "../setup";
import { isDestroy, isHelp, isUp, needsResources, placeOf, prepareStack } from "../stack";

exitWith(async () => {
    const args = process.argv.slice(2);
    progressToStandardError();
    if (isHelp(args)) return pulumisHelp(args);
    const needsDocker = needsResources(args);
    await ensureToolchain({ docker: needsDocker, baseImage: needsDocker });
    const stack = chosenStack(args);
    const environment = pulumiEnvironment({ stack });
    const say = (text: string): void => {
        console.error(text);
    };
    if (isElsewhere(stack, args, environment)) return previewElsewhere(stack, args, environment, say);
    await prepareStack(stack, environment, args, say);
    const looks = isUp(args);
    const place = placeOf(stack, environment);
    if (looks) await lookBefore(place, say);
    if (isDestroy(args)) await lookForOthers(place);
    const { status } = await foreground("pulumi", args, environment);
    return status === 0 && looks && !(await lookAfter(place, say)) ? 1 : status;
});

/** Of one of its commands. It gets nothing that is missing, and makes no stack. */
async function pulumisHelp(args: readonly string[]): Promise<number> {
    const found = findPulumi();
    if (found === undefined)
        throw new ToolchainError(
            "Pulumi is not here yet, so its own help is not, either.",
            "`npm start` gets it. `npm run pulumi -- --help` says what the command adds to it.",
        );
    const { PATH = "", ...others } = process.env;
    const environment = {
        ...others,
        PATH: [...found.directories, PATH].join(delimiter),
        PULUMI_SKIP_UPDATE_CHECK: "true",
    };
    return (await foreground("pulumi", args, environment)).status;
}
