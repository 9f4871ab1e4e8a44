// What `npm run COMMAND -- --help` prints, before anything is installed or done. `npm run ops` makes its help from its operations, and
// `npm run pulumi -- up --help` is Pulumi's; both need packages, and where those are not there yet, what is here says so.

/** Anything behind them is a mistake. */
export const withoutOptions = ["start", "lint"];

/** @param {string | undefined} word */
export const asksForHelp = (word) => word === "--help" || word === "-h";

/**
 * The help that a command line asks for and that is to be had without packages; nothing where it asks for none, or for one that the
 * command itself has.
 * @param {string} command
 * @param {readonly string[]} words behind it
 * @param {() => boolean} packagesAreThere
 * @returns {string | undefined}
 */
export function helpFor(command, words, packagesAreThere) {
    if (!words.some(asksForHelp)) return undefined;
    const whole = command !== "ops" && (command !== "pulumi" || asksForHelp(words[0]));
    return whole || !packagesAreThere() ? helps[command] : undefined;
}

/** @type {Readonly<Record<string, string>>} */
const helps = {
    start: `Usage: npm start

Makes this machine ready and brings the stack "dev" up: a PostgreSQL that is backed up from its first minute. It ends when the first
full backup is in the repository, and says how to connect and what to type next. Run it again at any time: it changes only what
differs. About two minutes when the stack is new; what the machine lacks is told with the time that it takes. It takes no options.
Exit status 0: it is up and protected. 1: it is not, and what to do.

Settings: npm run pulumi -- config set NAME VALUE (docs/settings.md). Remove everything: npm run pulumi -- destroy.`,

    test: `Usage: npm test [-- [--all] [PART...] [OPTION-OF-MOCHA...]]

Makes ready what the tests need, then runs them side by side: what every change needs, with --all the second tier too.

Parts:    lint unit component toolchain image e2e cloud
          with --all too: chaos upgrade binary bench; each can be named alone
--all     all parts, and in them the slow files (*.all.test.ts)
Mocha's:  --bail --fgrep=TEXT --grep=PATTERN --invert --retries=N --timeout=MS, each with its value in the same word

Example:  npm test -- unit component --grep=adopt
One file: npx mocha tests/unit/X.test.ts (CONTRIBUTING.md)
Exit status 0: all have passed. 1: not, and the summary names what has failed.`,

    bench: `Usage: npm run bench [-- [--once] [NAME...]]

Measures, one after the other, on a stack of its own; minutes each, on a machine with nothing else at work.

Names:    those of tests/bench/NAME.bench.ts; all, where none is named. A name that there is not lists them
--once    each once on its smallest data: measures nothing, and shows that none is broken

Example:  npm run bench -- --once archive
Exit status 0: all were measured. 1: not, and why.`,

    lint: `Usage: npm run lint

Types, rules and formatting of all files: TypeScript, shell scripts, Go, workflows, links of the pages. It takes no options.
Formatting alone: npx prettier --write FILE. Exit status 0: nothing was found. 1: what is printed.`,

    pulumi: `Usage: npm run pulumi -- COMMAND [OPTION...]

The Pulumi CLI, in the environment in which it finds the stack "dev", its state in .pulumi-state, its passphrase and the plugins. What it
lacks is got first. Before an up it is looked whether all runs that should, and after it whether all is well.

-s, --stack STACK   another stack (default: PULUMI_STACK, else dev); PULUMI_BACKEND_URL and PULUMI_CONFIG_PASSPHRASE count where set
All other options are Pulumi's: npm run pulumi -- help, npm run pulumi -- up --help.

Examples: npm run pulumi -- preview --diff
          npm run pulumi -- config set --path schedules.diff "30 1 * * 1,3,5"      (docs/settings.md)
          npm run pulumi -- up --stack shop
          npm run -s pulumi -- stack output connection --show-secrets              (-s of npm: nothing but the answer)
Exit status: that of Pulumi; 1 also where not all is well after an up.`,

    ops: `Usage: npm run ops -- <command> [options]

Looks after a stack that runs: is it protected, a backup now, restore, drills, history and more (docs/ops.md). This help is made from the
commands themselves, which need packages of npm that are not installed here yet: npm ci gets them, and so does npm start.`,
};
