import * as v from "valibot";
import { anyText, choice, cronFields, integer, map, scalar } from "../fields";
import { checkOption, type SectionOption } from "../pgbackrest/line";
import { duration } from "../pgbackrest/duration";
import { findOption } from "../pgbackrest/options";
import {
    checkSchedules,
    completeSchedules,
    type Schedules,
    type WrittenSchedules,
} from "../schedule/schedules";

const schedule = v.optional(cronFields("off"));

/** The word in place of the map. */
const OFF = { schedule: "off" };

/** What every repository has in its entry, whatever its kind: in place of what the stack has for all of them. None of it restarts anything. */
export const entryFields = {
    /** When its backups run, each in place of the stack's `schedules`; off: never (not for full). */
    schedules: v.optional(
        v.strictObject({
            full: schedule,
            diff: schedule,
            incr: schedule,
            verify: schedule,
            timezone: v.optional(anyText),
        }),
    ),
    /** What it keeps: so many full backups, or those of so many `days` and one older; and so many diff ones, full ones counted in. */
    retention: v.optional(
        v.strictObject({
            full: v.optional(integer(1, 9_999_999, "full backups")),
            diff: v.optional(integer(1, 9_999_999, "backups")),
            days: v.optional(integer(1, 9_999_999, "days")),
        }),
    ),
    /** pgBackRest's options of a repository by their names in its documentation, such as `repo-bundle`; true and false are its y and n. */
    options: v.optional(map(scalar)),
    /** Of a repository without backups: `now`, or `scheduled`: when the schedule says so, and it protects nothing until then. */
    firstBackup: v.optional(choice(["now", "scheduled"]), "now"),
    /** When it is drilled and what a drill may measure, each in place of the stack's `drill`; or off. */
    drill: v.optional(
        v.pipe(
            v.unknown(),
            v.transform((written) => (written === "off" || written === false ? OFF : written)),
            v.strictObject({
                schedule: v.optional(cronFields("off")),
                rto: v.optional(duration),
                rpo: v.optional(duration),
            }),
        ),
    ),
};

type Written = v.InferOutput<v.ObjectSchema<typeof entryFields, undefined>>;

/** An option of pgBackRest that the entry has, without `repoN-`. */
interface OwnOption {
    readonly name: string;
    readonly value: string;
    /** For messages. */
    readonly where: string;
}

/** What a repository is for the stack, beside what it is for its kind. */
export interface Entry {
    /** pgBackRest's, as in repo1: it belongs to the name, and stays. */
    readonly number: number;
    /** Those that it has in place of the stack's, as they are written. */
    readonly schedules: Partial<WrittenSchedules>;
    readonly options: readonly OwnOption[];
    readonly firstBackup: Written["firstBackup"];
    /** Of its drills what is not as the stack has it. */
    readonly drill: OwnDrill;
}

/** Five cron fields or off; seconds, 0: any. Nothing: as the stack has it. */
export type OwnDrill = NonNullable<Written["drill"]>;

/** Where an entry stands. */
export interface EntryPlace {
    /** For messages. */
    readonly key: string;
    readonly number: number;
}

/** Checks what belongs to every repository. */
export function completeEntry(
    { schedules = {}, retention = {}, options = {}, firstBackup, drill = {} }: Written,
    { key, number }: EntryPlace,
    problems: string[],
): Entry {
    const own = Object.fromEntries(Object.entries(schedules).filter(([, value]) => value !== undefined));
    problems.push(...checkSchedules(`${key}.schedules`, own));
    if (retention.full !== undefined && retention.days !== undefined)
        problems.push(
            `${key}.retention: has full and days: it is so many full backups or those of so many days, remove one of them`,
        );
    const all = [
        ...ofRetention(retention, `${key}.retention`),
        ...ofOptions(options, `${key}.options`, problems),
    ];
    for (const [index, { name, where }] of all.entries()) {
        const earlier = all.slice(0, index).find((other) => other.name === name);
        if (earlier !== undefined)
            problems.push(`${where}: repo-${name} is set already at ${earlier.where}: keep one of them`);
    }
    return { number, schedules: own, options: all, firstBackup, drill };
}

/** @param usual the stack's */
export function schedulesOf(usual: Schedules, { schedules }: Entry): Schedules {
    const { full, diff = "", incr = "", verify = "", timezone } = usual;
    return completeSchedules({ full, diff, incr, verify, timezone, ...schedules });
}

function ofRetention({ full, diff, days }: NonNullable<Written["retention"]>, where: string): OwnOption[] {
    const option = (name: string, value: number | string, key: string) => ({
        name,
        value: String(value),
        where: `${where}.${key}`,
    });
    const kept =
        days === undefined
            ? full === undefined
                ? []
                : [option("retention-full", full, "full"), option("retention-full-type", "count", "full")]
            : [option("retention-full", days, "days"), option("retention-full-type", "time", "days")];
    return [...kept, ...(diff === undefined ? [] : [option("retention-diff", diff, "diff")])];
}

function ofOptions(options: NonNullable<Written["options"]>, where: string, problems: string[]): OwnOption[] {
    return Object.entries(options).map(([written, value]) => {
        const name = written.replace(/^repo-/, "");
        const text = value === true ? "y" : value === false ? "n" : String(value);
        const problem = name === written ? notOfOne(written) : checkOption("global", `repo1-${name}`, text);
        if (typeof problem === "string") problems.push(`${where}.${written}: ${problem}`);
        return { name, value: text, where: `${where}.${written}` };
    });
}

function notOfOne(written: string): string {
    const known = findOption(written);
    return typeof known !== "string" && known.rule.group !== "repo"
        ? `${written} is an option of all repositories: set it at pgbackrest:options`
        : "is not written as an option of one repository: write it as pgBackRest's documentation does, without a number, such as repo-bundle";
}

/** Its own options, as pgBackRest's file has them. */
export function ownOptions({ number, options }: Entry): SectionOption[] {
    return options.flatMap(({ name, value, where }) => {
        const option = findOption(`repo${number}-${name}`);
        return typeof option === "string" ? [] : [{ section: "global", option, value, where }];
    });
}
