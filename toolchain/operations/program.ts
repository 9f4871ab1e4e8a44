import { Argument, Command, CommanderError } from "commander";
import type { Operation } from "./operation";

const NAME = "npm run ops --";

export interface Chosen {
    readonly operation: Operation;
    readonly args: readonly string[];
    readonly options: Readonly<Record<string, unknown>>;
}

export interface Output {
    out(text: string): void;
    err(text: string): void;
}

/** What a command line asks for. Nothing where commander has answered it itself, with help or with what is wrong: then its exit status. */
export function choose(
    operations: readonly Operation[],
    words: readonly string[],
    output: Output,
): Chosen | { readonly exitCode: number } {
    let chosen: Chosen | undefined;
    const program = programOf(operations, output, (one) => {
        chosen = one;
    });
    try {
        program.parse([...words], { from: "user" });
    } catch (error) {
        if (!(error instanceof CommanderError)) throw error;
        // Asked for help is well; asked wrongly, or for nothing, has done nothing.
        return { exitCode: error.exitCode === 0 ? 0 : 2 };
    }
    return chosen ?? { exitCode: 2 };
}

function programOf(
    operations: readonly Operation[],
    output: Output,
    take: (chosen: Chosen) => void,
): Command {
    const program = new Command(NAME)
        .description("Looks after a stack that runs.")
        .option("-s, --stack <stack>", "the stack (else PULUMI_STACK, else dev)")
        .option("--json", "one JSON object for programs")
        .option("-y, --yes", "answer yes to what is asked; without a terminal nothing else can")
        .configureHelp({ showGlobalOptions: true })
        .configureOutput({
            writeOut: (text) => {
                output.out(text);
            },
            writeErr: (text) => {
                output.err(text);
            },
        })
        .showSuggestionAfterError()
        .exitOverride();
    for (const operation of operations) {
        const command = commandOf(program, operation.name.split(" "));
        command.description(operation.summary);
        for (const [syntax, meaning, choices] of operation.args ?? []) {
            const argument = new Argument(syntax, meaning);
            command.addArgument(choices === undefined ? argument : argument.choices(choices));
        }
        for (const [syntax, meaning] of operation.options ?? []) command.option(syntax, meaning);
        command.addHelpText("after", helpOf(operation));
        command.action(() => {
            const options = command.optsWithGlobals<Record<string, unknown>>();
            take({ operation, args: command.args, options });
        });
    }
    // Of a word that is no operation by itself, such as `config`, its help tells what there is.
    for (const group of program.commands.filter((command) => command.description() === ""))
        group.description(group.commands.map((one) => `${one.name()}: ${one.description()}`).join(" "));
    return program;
}

/** The command that these words name, made where it is not there yet; the first word alone may be one, too. */
function commandOf(parent: Command, [word = "", ...rest]: readonly string[]): Command {
    const known = parent.commands.find((command) => command.name() === word);
    const command = known ?? parent.command(word);
    return rest.length === 0 ? command : commandOf(command, rest);
}

function helpOf({ examples, statuses }: Operation): string {
    return [
        "",
        "Exit status:",
        ...statuses.map((meaning, status) => `  ${status}  ${meaning}`),
        "",
        "Examples:",
        ...examples.map((example) => `  ${NAME} ${example}`),
    ].join("\n");
}
