// What `npm start|test|bench|lint -- --help` prints, before anything is installed or done. `npm run ops -- --help` and `npm run pulumi -- --help` have
// helps of their own.

/** @type {Readonly<Record<string, string>>} */
export const helps = {
    start: `Usage: npm start

Makes this machine ready and brings the stack "dev" up: a PostgreSQL that is backed up from its first minute. It ends when the first
full backup is in the repository, and says how to connect and what to type next. Run it again at any time: it changes only what
differs. About two minutes when the stack is new; what the machine lacks is told with the time that it takes. It takes no options.

Settings: npm run pulumi -- config set NAME VALUE (docs/settings.md). Remove everything: npm run pulumi -- destroy.`,

    test: `Usage: npm test [-- [--all] [PART...] [OPTION-OF-MOCHA...]]

Makes ready what the tests need, then runs them side by side: what every change needs, with --all the second tier too.

Parts:    lint unit component toolchain image e2e cloud
          with --all too: chaos upgrade binary bench; each can be named alone
--all     all parts, and in them the slow files (*.all.test.ts)
Mocha's:  such as --grep=WORD; each begins with a dash and has its value in the same word

One file: npx mocha tests/unit/X.test.ts (CONTRIBUTING.md). Exit status 0: all have passed.`,

    bench: `Usage: npm run bench [-- [--once] [NAME...]]

Measures, one after the other, on a stack of its own; minutes each, on a machine with nothing else at work.

Names:    those of tests/bench/NAME.bench.ts; all, where none is named. A name that there is not lists them
--once    each once on its smallest data: measures nothing, and shows that none is broken`,

    lint: `Usage: npm run lint

Types, rules and formatting of all files: TypeScript, shell scripts, Go, workflows, links of the pages. It takes no options.
Formatting alone: npx prettier --write FILE.`,
};
