import { suggestion } from "../problems";
import zones from "./zones.json";

interface Field {
    readonly name: string;
    readonly least: number;
    readonly greatest: number;
}

const FIELDS: readonly Field[] = [
    { name: "minute", least: 0, greatest: 59 },
    { name: "hour", least: 0, greatest: 23 },
    { name: "day of month", least: 1, greatest: 31 },
    { name: "month", least: 1, greatest: 12 },
    { name: "day of week", least: 0, greatest: 7 },
];

/** Days that a month has every year: what falls on 29 February only runs once in four years, which is no schedule. */
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** What is wrong with five cron fields, for the backup service as for people; nothing when they are good. */
export function checkCron(text: string): string | undefined {
    const words = text.trim().split(/[ \t]+/);
    if (words.length !== FIELDS.length)
        return `has ${words.length} fields, not five: minute, hour, day of month, month, day of week, as in 30 1 * * 0`;
    const values: number[][] = [];
    for (const [index, field] of FIELDS.entries()) {
        const expanded = expand(words[index] ?? "", field);
        if (typeof expanded === "string") return expanded;
        values.push(expanded);
    }
    if (words[2] !== "*" && words[4] !== "*")
        return "sets both day of month and day of week, and programs differ on whether one or both must match: leave one of them *";
    const possible = values[3]?.some((month) => values[2]?.some((day) => day <= (DAYS[month - 1] ?? 0)));
    return possible === true
        ? undefined
        : "names days that its months do not have (every year): it would not run";
}

/** The values of each of five fields that `checkCron` finds good. */
export function cronFields(text: string): number[][] {
    const words = text.trim().split(/[ \t]+/);
    return FIELDS.map((field, index) => {
        const values = expand(words[index] ?? "", field);
        return typeof values === "string" ? [] : values;
    });
}

function expand(text: string, field: Field): number[] | string {
    const values: number[] = [];
    for (const item of text.split(",")) {
        const match = /^(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:\/(\d{1,2}))?$/.exec(item);
        const [, low, high, step] = match ?? [];
        // N/S means different things to different crons.
        if (match === null || (step !== undefined && low !== undefined && high === undefined))
            return `has ${JSON.stringify(item)} as ${field.name}: write a number, a list (1,5), a range (1-5) or a step (*/15, 1-9/2), without names`;
        const first = Number(low ?? field.least);
        const last = Number(high ?? low ?? field.greatest);
        const every = Number(step ?? 1);
        if (first < field.least || last > field.greatest || first > last || every < 1)
            return `has ${JSON.stringify(item)} as ${field.name}: ${field.least} to ${field.greatest}, a range from low to high, a step from 1`;
        for (let value = first; value <= last; value += every) values.push(value);
    }
    return values;
}

/**
 * What is wrong with a time zone; nothing when the containers know it. zones.json has all names that their Node.js knows, so that a preview
 * and the backup service accept the same, whatever Node.js runs the preview; tests/image/service.test.ts keeps it true.
 */
export function checkTimezone(text: string): string | undefined {
    if (zones.includes(text)) return undefined;
    const right = zones.find((zone) => zone.toLowerCase() === text.toLowerCase());
    return right === undefined
        ? `is no time zone, such as UTC or Europe/Berlin${suggestion(text, zones)}`
        : `is written ${right}: case counts`;
}
