// npm run pulumi -- ARGUMENTS: the Pulumi CLI in the right environment.
import { chosenStack } from "../backend";
import { exitWith } from "../errors";
import { foreground } from "../foreground";
import { lookAfter, lookBefore, lookForOthers } from "../look";
import { progressToStandardError } from "../progress";
import { pulumiEnvironment } from "../pulumi";
import { isElsewhere, previewElsewhere } from "../previewElsewhere";
import { ensureToolchain } from "../setup";
import { isDestroy, isUp, needsResources, placeOf, prepareStack } from "../stack";

exitWith(async () => {
    const args = process.argv.slice(2);
    progressToStandardError();
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
