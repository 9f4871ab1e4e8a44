// npm run ops -- OPERATION: looks after a stack that runs. toolchain/operations/ has a file for each operation.
// Exit status: 0 done, or as it should be; 1 not; 2 it cannot be told, or was not tried.
import { chosenStack, makeStateDirectory, stateUrl } from "../backend";
import { exitWith, messageOf } from "../errors";
import { Interrupted } from "../interruption";
import { CANNOT_TELL } from "../operations/operation";
import { OPERATIONS } from "../operations/operations";
import { choose, type Chosen } from "../operations/program";
import { rendered, renderedJson } from "../operations/render";
import { Terminal } from "../operations/terminal";
import { root } from "../paths";
import { progressToStandardError } from "../progress";
import { pulumiEnvironment } from "../pulumi";
import { ensureToolchain } from "../setup";

async function ops({ operation, args, options }: Chosen): Promise<number> {
    progressToStandardError();
    await ensureToolchain({ docker: false, baseImage: false });
    const given = options["stack"];
    const stack = typeof given === "string" ? given : chosenStack([]);
    const user = new Terminal(options["yes"] === true);
    const environment = pulumiEnvironment({ stack });
    // Before the first `up` Pulumi would tell of a directory, and not that there is no stack.
    if (environment["PULUMI_BACKEND_URL"] === stateUrl) makeStateDirectory();
    const answer = await operation.run({ directory: root, stack, environment, args, options, user });
    user.close();
    const { isTTY: isTerminal } = process.stdout;
    const hasColours = isTerminal && process.env["NO_COLOR"] === undefined;
    console.log(options["json"] === true ? renderedJson(answer) : rendered(answer, isTerminal, hasColours));
    return answer.status;
}

exitWith(async () => {
    const chosen = choose(OPERATIONS, process.argv.slice(2), {
        out: (text) => process.stdout.write(text),
        err: (text) => process.stderr.write(text),
    });
    if ("exitCode" in chosen) return chosen.exitCode;
    try {
        return await ops(chosen);
    } catch (error) {
        if (error instanceof Interrupted) throw error;
        const message = messageOf(error);
        if (chosen.options["json"] === true)
            console.log(renderedJson({ status: CANNOT_TELL, data: { error: message } }));
        else console.error(message);
        return CANNOT_TELL;
    }
});
