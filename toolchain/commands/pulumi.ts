// npm run pulumi -- ARGUMENTS: the Pulumi CLI in the right environment.
import { chosenStack } from "../backend";
import { exitWith } from "../errors";
import { foreground } from "../foreground";
import { progressToStandardError } from "../progress";
import { pulumiEnvironment } from "../pulumi";
import { isReview, review } from "../review";
import { ensureToolchain } from "../setup";
import { needsResources, prepareStack } from "../stack";

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
    if (isReview(stack, args, environment)) return review(stack, args, environment, say);
    await prepareStack(stack, environment, args, say);
    return (await foreground("pulumi", args, environment)).status;
});
