// npm run pulumi -- ARGUMENTS: the Pulumi CLI in the right environment.
import { chosenStack } from "../backend";
import { exitWith } from "../errors";
import { foreground } from "../foreground";
import { progressToStandardError } from "../progress";
import { pulumiEnvironment } from "../pulumi";
import { ensureToolchain } from "../setup";
import { needsResources, prepareStack } from "../stack";

exitWith(async () => {
    const args = process.argv.slice(2);
    progressToStandardError();
    const needsDocker = needsResources(args);
    await ensureToolchain({ docker: needsDocker, baseImage: needsDocker });
    const stack = chosenStack(args);
    const environment = pulumiEnvironment({ stack });
    await prepareStack(stack, environment, args, (text) => {
        console.error(text);
    });
    return (await foreground("pulumi", args, environment)).status;
});
