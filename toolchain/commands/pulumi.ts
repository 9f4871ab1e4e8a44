// npm run pulumi -- ARGUMENTS: the Pulumi CLI in the right environment.
import { chosenStack } from "../backend";
import { exitWith } from "../errors";
import { foreground } from "../foreground";
import { pulumiEnvironment } from "../pulumi";
import { ensureToolchain } from "../setup";
import { ensureStack } from "../stack";

exitWith(async () => {
    const args = process.argv.slice(2);
    await ensureToolchain();
    const stack = chosenStack(args);
    const environment = pulumiEnvironment({ stack });
    await ensureStack(stack, environment, args);
    return (await foreground("pulumi", args, environment)).status;
});
