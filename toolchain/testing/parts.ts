/** What every change needs. */
export const firstTier = ["lint", "unit", "component", "toolchain", "image", "e2e", "cloud"] as const;
/** What `npm test -- --all` adds: none of it is a feature's only test. */
export const secondTier = ["chaos", "upgrade", "binary", "bench"] as const;
export const parts = [...firstTier, ...secondTier] as const;
export type Part = (typeof parts)[number];

/** Files that run with `--all` only, in a part of the first tier: they share its stacks and servers. */
export const secondTierFile = ".all.test.ts";

/**
 * What runs side by side, each lane in its order, so that none is much longer than another: lint and what is pure keep the processors
 * busy while the other lanes wait for containers. A test of the toolchain counts processes, but only its own.
 */
const lanes: readonly (readonly Part[])[] = [
    ["lint", "unit", "component", "image", "binary"],
    ["e2e", "chaos", "bench"],
    ["cloud", "toolchain", "upgrade"],
];

/** Of mocha's options those that help to find something; their values stand in the same word. */
export const mochaOptions = [
    "--bail",
    "--fgrep=",
    "--grep=",
    "--invert",
    "--retries=",
    "--timeout=",
] as const;

export interface Choice {
    readonly lanes: readonly (readonly Part[])[];
    /** With the files of the second tier. */
    readonly all: boolean;
    readonly mochaOptions: readonly string[];
    readonly unknown: readonly string[];
}

/** What the words after `npm test --` choose: parts by name, the second tier with `--all`, and options of mocha. */
export function choose(words: readonly string[]): Choice {
    const names = words.filter((word) => !word.startsWith("-"));
    const all = words.includes("--all");
    const isMochas = (word: string): boolean =>
        mochaOptions.some((option) => (option.endsWith("=") ? word.startsWith(option) : word === option));
    const wanted = names.length > 0 ? names : all ? parts : firstTier;
    const isWanted = (part: Part): boolean => wanted.some((name) => name === part);
    return {
        lanes: lanes.map((lane) => lane.filter(isWanted)).filter((lane) => lane.length > 0),
        all,
        mochaOptions: words.filter(isMochas),
        unknown: words.filter(
            (word) => word !== "--all" && !isMochas(word) && !parts.some((part) => part === word),
        ),
    };
}
