import fc from "fast-check";
import { type OptionRule, OPTIONS } from "../../../components/pgbackrest/options";
import { kinds, type Part } from "./kinds";

type Raw = Readonly<Record<string, unknown>>;

/** An option of a repository as the setting has it, without `repoN-`, and as the file does. */
type Option = readonly [name: string, written: string | number | boolean, text: string];

const size = fc.constantFrom("8MiB", "24MiB", "1GiB");
const amount = fc.integer({ min: 1, max: 60 });
const option = (name: string, values: fc.Arbitrary<string | number | boolean>): fc.Arbitrary<Option> =>
    values.map((value) => [name, value, value === true ? "y" : value === false ? "n" : String(value)]);
const options: fc.Arbitrary<Option> = fc.oneof(
    ...["bundle", "block", "hardlink", "symlink"].map((name) => option(name, fc.boolean())),
    ...["bundle-size", "bundle-limit", "storage-upload-chunk-size"].map((name) => option(name, size)),
    ...["retention-full", "retention-diff", "retention-archive", "retention-history", "storage-prefetch"].map(
        (name) => option(name, amount),
    ),
    option("retention-full-type", fc.constantFrom("count", "time")),
    option("storage-tag", fc.constantFrom("team=data", "cost=a=b")),
);

/** As pgBackRest ranks them, for a command; `main` is the stanza. */
const sections = (command: string): readonly string[] => [
    `main:${command}`,
    "main",
    `global:${command}`,
    "global",
];

/** An option of all repositories, in one of the sections. */
interface Common {
    readonly section: string;
    readonly name: string;
    readonly written: string | number | boolean;
    readonly text: string;
}

const ruleOf = (name: string): OptionRule | undefined => OPTIONS.get(`repo-${name}`);
const reads = (command: string, name: string): boolean => ruleOf(name)?.commands?.includes(command) !== false;

const commons = fc
    .uniqueArray(
        fc
            .tuple(options, fc.constantFrom("global", "main", "global:backup", "main:expire"))
            .filter(
                ([[name], section]) => !section.includes(":") || reads(section.split(":")[1] ?? "", name),
            ),
        { selector: ([[name], section]) => `${section} ${name}`, maxLength: 8 },
    )
    .map((list) =>
        list.map(([[name, written, text], section]): Common => ({ section, name, written, text })),
    );

/** What a repository has in its entry, whatever its kind. */
const own = fc
    .tuple(
        fc.uniqueArray(options, { selector: ([name]) => name, maxLength: 5 }),
        fc.constantFrom<Part>(
            { raw: {}, meant: {} },
            {
                raw: { retention: { full: 3 } },
                meant: { "retention-full": "3", "retention-full-type": "count" },
            },
            {
                raw: { retention: { days: 30, diff: 5 } },
                meant: {
                    ...{ "retention-full": "30", "retention-full-type": "time" },
                    "retention-diff": "5",
                },
            },
        ),
        fc.boolean(),
    )
    .map(([list, retention, schedule]): Part => {
        const free = list.filter(([name]) => !(name in retention.meant));
        return {
            raw: {
                ...retention.raw,
                ...(schedule ? { schedules: { full: "0 5 * * 0" } } : {}),
                ...(free.length === 0
                    ? {}
                    : {
                          options: Object.fromEntries(
                              free.map(([name, written]) => [`repo-${name}`, written]),
                          ),
                      }),
            },
            meant: {
                ...retention.meant,
                ...Object.fromEntries(free.map(([name, , text]) => [name, text])),
            },
        };
    });

export interface Meant {
    readonly name: string;
    readonly number: number;
    /** For a command, without `repoN-`. */
    readonly options: (command: string) => Part["meant"];
}

/** The settings of a stack with several repositories, and what each is meant to be. */
export interface Mix {
    readonly raw: Raw;
    readonly repositories: readonly Meant[];
}

/** Those of the base template. */
const TEMPLATE: readonly Common[] = [
    ["retention-full", "8"],
    ["retention-diff", "14"],
].map(([name = "", text = ""]) => ({ section: "global", name, written: text, text }));

/** Repositories of these kinds, one after the other in the list, with numbers that have gaps. */
function mixOf(some: readonly Kind[]): fc.Arbitrary<Mix> {
    const numbers = fc.shuffledSubarray([1, 2, 3, 4, 5, 6, 7, 8], {
        minLength: some.length,
        maxLength: some.length,
    });
    const entries = some.map(([type, kind], index) =>
        fc.tuple(kind(index), own).map(([ofKind, ofEntry]) => ({
            raw: { name: `r${index}`, type, ...ofKind.raw, ...ofEntry.raw },
            own: ofEntry.meant,
            meant: { type, ...ofKind.meant },
        })),
    );
    return fc.tuple(numbers, commons, fc.tuple(...entries)).map(([numbered, common, list]) => ({
        raw: { repositories: list.map(({ raw }) => raw), options: sectionsOf(common) },
        repositories: list.map(({ own: mine, meant }, index) => ({
            ...{ name: `r${index}`, number: numbered[index] ?? 0 },
            options: (command) => inForce(command, [...TEMPLATE, ...common], mine, meant),
        })),
    }));
}

type Kind = (typeof all)[number];
const all = Object.entries(kinds);

/** Any valid mix: of kinds, of numbers with gaps, of what is set for all and for one. The first has one of each kind. */
export const mixes = {
    ofAll: mixOf(all),
    any: fc.array(fc.constantFrom(...all), { minLength: 1, maxLength: 8 }).chain(mixOf),
};

/** What is of all, of one in place of that, and what its kind says; but for what the command does not read, and what means nothing. */
function inForce(
    command: string,
    common: readonly Common[],
    mine: Part["meant"],
    meant: Part["meant"],
): Part["meant"] {
    const entries = { ...usual(command, common, Object.keys(mine)), ...mine, ...meant };
    return Object.fromEntries(
        Object.entries(entries).filter(
            ([name, value]) => value !== "" && reads(command, name) && applies(name, entries),
        ),
    );
}

function sectionsOf(common: readonly Common[]): Raw {
    const found: Record<string, Record<string, unknown>> = {};
    for (const { section, name, written } of common) (found[section] ??= {})[`repo1-${name}`] = written;
    return found;
}

/** What is set for all repositories, where they have nothing of their own. The later of two in a section is in place of the earlier. */
function usual(command: string, common: readonly Common[], mine: readonly string[]): Part["meant"] {
    const names = common.map(({ name }) => name).filter((name) => !mine.includes(name));
    return Object.fromEntries(
        names.map((name) => {
            const values = sections(command).map((section) =>
                common.findLast((entry) => entry.name === name && entry.section === section),
            );
            return [name, values.find((entry) => entry !== undefined)?.text ?? ""];
        }),
    );
}

/** pgBackRest leaves an option out that means nothing beside the others. */
function applies(name: string, all: Part["meant"]): boolean {
    const depend = ruleOf(name)?.depend;
    if (depend === undefined) return true;
    const on = depend.option.slice("repo-".length);
    const value = all[on] ?? OPTIONS.get(depend.option)?.default;
    return applies(on, all) && typeof value === "string" && depend.values?.includes(value) !== false;
}

/** An option on the command line, as pgBackRest shows it in the line that begins its log, but for secrets. */
export function shown(number: number, name: string, value: string): string {
    const full = `repo${number}-${name}`;
    if (ruleOf(name)?.type !== "boolean") return `--${full}=${value}`;
    return value === "y" ? `--${full}` : `--no-${full}`;
}
