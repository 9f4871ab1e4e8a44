// The repositories of a stack that is up. Each is asked by itself: one that is away keeps nobody from the others.
import type { Report } from "../../components/protection/info";
import type { PublishedRepository } from "../../components/protection/state";
import { isBackingUp } from "../../components/protection/doing";
import type { Point } from "../../components/restore/facts";
import { readPoints } from "../../components/restore/points";
import type { Timetable } from "../../components/schedule/file";
import { type Answer, optionOf, type Given, type Status } from "./operation";

export interface Repository extends PublishedRepository {
    /** When its runs are due: by its own schedules, or those of all; nothing where they cannot be read. */
    readonly timetable: Timetable | undefined;
}

/** What a repository holds. */
export interface Held {
    readonly repository: Repository;
    /** Or why it cannot be read. */
    readonly report: Report | string;
    /** What pgBackRest printed: programs get it as it is. */
    readonly json: string;
}

/** What of it can be read. */
export interface Readable extends Held {
    readonly report: Report;
}

export function isReadable(held: Held): held is Readable {
    return typeof held.report === "object";
}

/** Restore points of all of them, oldest first; each has those that were noted while it was there. */
export function pointsOf(held: readonly Readable[], stanza: string): Point[] {
    const all = held.flatMap(({ json }) => readPoints(json, stanza));
    const known = new Map(all.map((point) => [`${point.name} ${point.lsn}`, point]));
    return [...known.values()].sort((a, b) => a.time - b.time);
}

/** The option of what works in each repository, unless one is said. */
export const IN_ONE: readonly [syntax: string, meaning: string] = [
    "--repository <name>",
    "in this repository only; else in each, one after the other",
];

/** Those that the command line means; or why there is none. */
export function chosenOf(
    repositories: readonly Repository[],
    given: Pick<Given, "options">,
): readonly Repository[] | string {
    if (repositories.length === 0) return "there is no repository";
    const wanted = optionOf(given, "repository");
    const chosen = repositories.filter(({ name }) => name === (wanted ?? name));
    const names = repositories.map(({ name }) => name).join(", ");
    return chosen.length > 0 ? chosen : `there is no repository ${wanted ?? ""}, but ${names}`;
}

/** A line about one of them, which is named where there are several. */
export function lineOf({ name }: Pick<Repository, "name">, all: readonly Repository[], line: string): string {
    return all.length === 1 ? line : `repository ${name}: ${line}`;
}

/** The lines about those that cannot be read. */
export function unreadable(held: readonly Held[], all: readonly Repository[]): string[] {
    return held.flatMap(({ repository: { name }, report }) =>
        typeof report === "string"
            ? [`${all.length === 1 ? "the repository" : `repository ${name}`} cannot be read: ${report}`]
            : [],
    );
}

/** How far a backup is, and in which repository; empty where that cannot be told. */
export interface Running {
    readonly repository: string;
    readonly done: number;
    readonly all: number;
}

/** A backup that runs, whoever began it. An older pgBackRest has one lock for all repositories, and tells of it in each. */
export function runningIn(held: readonly Held[], doing: Doing): Running | undefined {
    const all = held.flatMap(({ repository: { name }, report }) =>
        typeof report === "object" && report.progress !== undefined
            ? [{ repository: name, ...report.progress }]
            : [],
    );
    const [first] = all;
    const told = all.find(({ repository }) => isBackingUp(doing?.[repository]?.activity ?? ""));
    return told ?? (all.length > 1 && first !== undefined ? { ...first, repository: "" } : first);
}
type Doing = Readonly<Record<string, { readonly activity: string }>> | undefined;

/** What an operation has to say of one of them. */
export interface OfOne {
    readonly repository: Repository;
    readonly answer: Answer;
}

/**
 * One answer of many: that of the one repository that there is, or those of all with their names.
 * @param all that the stack has
 */
export function together(
    answers: readonly OfOne[],
    all: readonly Repository[],
    statusOf: (statuses: readonly Status[]) => Status,
): Answer {
    const [first] = answers;
    if (first !== undefined && all.length === 1) return first.answer;
    return {
        status: statusOf(answers.map(({ answer }) => answer.status)),
        lines: answers.flatMap(({ repository, answer: { lines } }) =>
            lines.map((line, index) =>
                index === 0 && typeof line === "string" ? lineOf(repository, all, line) : line,
            ),
        ),
        data: {
            repositories: answers.map(({ repository: { name }, answer: { status, data } }) => ({
                ...{ name, status },
                ...data,
            })),
        },
    };
}

/** Of an act: well where it was well in each, and not tried where it was tried in none. */
export function statusOfActs(statuses: readonly Status[]): Status {
    const [first = 2] = statuses;
    return statuses.every((status) => status === first) ? first : 1;
}

/** Of a question: what is bad counts before what cannot be told. */
export function statusOfQuestions(statuses: readonly Status[]): Status {
    return statuses.includes(1) ? 1 : statuses.includes(2) ? 2 : 0;
}
