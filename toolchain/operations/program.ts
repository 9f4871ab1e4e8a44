import { Argument, Command, CommanderError, type OutputConfiguration } from "commander";
import { NEVER, type Operation } from "./operation";

const NAME = "npm run ops --";

/** What is so of all of them. */
const GENERAL = `
Exit status:
  0  done, or as it should be
  1  not
  2  it cannot be told, or was not tried
  130  ^C ended it

Examples:
  ${NAME} status
  ${NAME} backup diff --stack prod
  ${NAME} restore plan --help
docs/ops.md has what each is for.`;

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
    // `help restore plan` is `restore plan --help`: commander's own takes one word.
    const [first, ...rest] = words;
    try {
        program.parse(first === "help" ? [...rest, "--help"] : [...words], { from: "user" });
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
    const program: Command = new Command(NAME)
        .description("Looks after a stack that runs. What one of them takes: its own --help.")
        .usage("<command> [options]")
        .option("-s, --stack <stack>", "the stack (default: PULUMI_STACK, else dev)")
        .option("--json", "one JSON object for programs in place of text")
        .option("-y, --yes", "answer yes to what is asked; without a terminal nothing else can")
        .helpOption("-h, --help", "this, and nothing is done")
        .helpCommand(false)
        .addHelpText("after", GENERAL)
        .configureHelp({
            showGlobalOptions: true,
            // Of `restore plan`, commander would have those of `restore` here, too.
            visibleGlobalOptions: (command) => (command === program ? [] : [...program.options]),
            visibleCommands: operationsBelow,
            subcommandTerm: nameOf,
        })
        .configureOutput({
            writeOut: (text) => {
                output.out(text);
            },
            writeErr: (text) => {
                output.err(text);
            },
            ...tellingWhatIsAllowed(() => program),
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
        command.usage([...(operation.args ?? []).map(([syntax]) => syntax), "[options]"].join(" "));
        command.addHelpText("after", helpOf(operation));
        command.action(() => {
            refuseOptionsAbove(command);
            const options = command.optsWithGlobals<Record<string, unknown>>();
            take({ operation, args: command.args, options });
        });
    }
    return program;
}

/** The command that these words name, made where it is not there yet; the first word alone may be one, too. */
function commandOf(parent: Command, [word = "", ...rest]: readonly string[]): Command {
    const known = parent.commands.find((command) => command.name() === word);
    const command = known ?? made(parent, word);
    return rest.length === 0 ? command : commandOf(command, rest);
}

function made(parent: Command, word: string): Command {
    const command = parent.command(word).usage("<command> [options]").helpCommand(false);
    return command.configureOutput(tellingWhatIsAllowed(() => command));
}

/** All operations below a command, those of two words too. The first word of two, such as `drill`, need not be one by itself. */
function operationsBelow(command: Command): Command[] {
    return command.commands.flatMap((one) => [
        ...(one.description() === "" ? [] : [one]),
        ...operationsBelow(one),
    ]);
}

/** The words that name it. */
function nameOf(command: Command): string {
    const above = command.parent;
    return above?.parent == null ? command.name() : `${nameOf(above)} ${command.name()}`;
}

/** Commander takes the options of `restore` behind `restore promote`, too, which knows none of them. */
function refuseOptionsAbove(command: Command): void {
    const above = command.parent;
    if (above?.parent == null) return;
    const own = new Set(command.options.map(({ long }) => long));
    const foreign = above.options.find(
        (option) => !own.has(option.long) && above.getOptionValueSource(option.attributeName()) !== undefined,
    );
    if (foreign !== undefined)
        command.error(`error: unknown option '${String(foreign.long)}'`, { code: "commander.unknownOption" });
}

/** Behind what is wrong with a command line, what may stand there. */
function tellingWhatIsAllowed(commandThere: () => Command): Pick<OutputConfiguration, "outputError"> {
    return {
        outputError: (text, write) => {
            const command = commandThere();
            const names = operationsBelow(command).map(nameOf);
            const program = command.parent === null;
            const options = [...command.options, ...(program ? [] : rootOf(command).options)];
            write(text);
            if (names.length > 0) write(`Commands: ${names.join(", ")}.\n`);
            write(`Options: ${[...options.map(({ flags }) => flags), "-h, --help"].join("; ")}.\n`);
            write(`More: ${[NAME, ...(program ? [] : [nameOf(command)]), "--help"].join(" ")}\n`);
        },
    };
}

const rootOf = (command: Command): Command => (command.parent === null ? command : rootOf(command.parent));

function helpOf({ examples, statuses }: Operation): string {
    const meanings = statuses.map((meaning, status) => ({ status, meaning }));
    return [
        "",
        "Exit status:",
        ...meanings
            .filter(({ meaning }) => meaning !== NEVER)
            .map(({ status, meaning }) => `  ${String(status)}  ${meaning}`),
        "",
        "Examples:",
        ...examples.map((example) => `  ${NAME} ${example}`),
    ].join("\n");
}
