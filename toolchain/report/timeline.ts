// What lies on the axis of time: the recovery windows, the backups with their WAL, and what comes.
import * as Plot from "@observablehq/plot";
import type { Backup } from "../../components/protection/info";
import { bytes, duration } from "../../components/protection/text";
import { SCHEDULED } from "../../components/schedule/file";
import { second } from "../operations/reach";
import { chart, COLOURS, date, KINDS, spanOf, timeAxis, timeScale } from "./chart";
import { AHEAD, DAY, type Facts, type RepositoryFacts, type Run } from "./facts";
import { type Html, noneOf } from "./markup";
import type { Span } from "./spans";

/** Each mark says what it is when one points at it, as long as there are not too many. */
const MOST_TITLES = 300;
const SHOWN_NAME = 14;

interface Bar extends Span {
    readonly row: string;
    readonly colour: string;
    readonly text: string;
}

function bars(all: readonly Bar[]): Plot.Markish {
    return Plot.barX(all, {
        ...{ x1: ({ from }: Bar) => date(from), x2: ({ to }: Bar) => date(to), y: "row", fill: "colour" },
        // What lasts a second has to be seen in a year.
        ...{ stroke: "colour", strokeWidth: 1.5, insetTop: 3, insetBottom: 3, rx: 2, title: "text" },
    });
}

function shortened(name: string): string {
    const characters = Array.from(noneOf(name));
    return characters.length > SHOWN_NAME
        ? `${characters.slice(0, SHOWN_NAME - 1).join("")}…`
        : characters.join("");
}

function began(repositories: readonly RepositoryFacts[], now: number): number {
    return Math.min(now - 3600, ...repositories.flatMap(({ backups }) => backups[0]?.start ?? []));
}

function spanText({ from, to }: Span): string {
    return `${second(from)} to ${second(to)} UTC`;
}

/** To which moments each repository leads: what is green can be restored. */
export function windowChart({ repositories, now }: Pick<Facts, "repositories" | "now">, width: number): Html {
    // Names may be the same for a reader, and are not for the chart.
    const row = ({ number }: RepositoryFacts): string => String(number);
    const all = repositories.flatMap((repository) => [
        ...repository.missing.map(({ unreachable, text }) => ({
            ...{ ...unreachable, row: row(repository), colour: COLOURS.bad },
            text: `${spanText(unreachable)} cannot be restored: ${text}`,
        })),
        ...repository.window.map((span) => ({
            ...{ ...span, row: row(repository), colour: COLOURS.good },
            text: `any moment from ${spanText(span)} can be restored`,
        })),
    ]);
    const span = spanOf(began(repositories, now), now);
    const names = new Map(repositories.map((repository) => [row(repository), shortened(repository.name)]));
    return chart("The recovery window of each repository", {
        ...{ width, height: 30 + 34 * repositories.length, marginLeft: 94, marginRight: 22, marginTop: 4 },
        x: timeScale(span),
        y: { domain: repositories.map(row), label: null },
        marks: [
            Plot.axisY({
                tickSize: 0,
                tickFormat: (number: string) => names.get(number) ?? number,
                label: null,
            }),
            timeAxis(span, width - 116),
            bars(all),
            Plot.ruleX([date(now)], { stroke: "currentColor", strokeDasharray: "2,2" }),
        ],
    });
}

/** When which backup was taken, and from when to when there is WAL. */
export function backupsChart(repository: RepositoryFacts, now: number, width: number): Html {
    const { backups, wal, missing } = repository;
    const rows = [...KINDS.filter((kind) => backups.some(({ type }) => type === kind)), "WAL"];
    const axis = spanOf(began([repository], now), now);
    const titled = backups.length <= MOST_TITLES;
    return chart(`Backups and WAL of repository ${repository.name}`, {
        ...{ width, height: 30 + 26 * rows.length, marginLeft: 44, marginRight: 22, marginTop: 4 },
        x: timeScale(axis),
        y: { domain: rows, label: null },
        marks: [
            Plot.axisY({ tickSize: 0, label: null }),
            timeAxis(axis, width - 66),
            bars([
                ...wal.map((span) => ({
                    ...{ ...span, row: "WAL", colour: COLOURS.wal, text: `WAL from ${spanText(span)}` },
                })),
                ...missing.map(({ wal: span, text }) => ({
                    ...{
                        ...span,
                        row: "WAL",
                        colour: COLOURS.bad,
                        text: `${text}: from ${spanText(span)} at most`,
                    },
                })),
            ]),
            Plot.tickX(backups, {
                ...{
                    x: ({ stop }: Backup) => date(stop),
                    y: "type",
                    strokeWidth: 3,
                    insetTop: 4,
                    insetBottom: 4,
                },
                stroke: ({ type, damaged }: Backup) => (damaged ? COLOURS.bad : COLOURS[type]),
                ...(titled
                    ? {
                          title: ({ label, start, stop, added, damaged }: Backup) =>
                              `${noneOf(label)}: ${bytes(added)} in ${duration(stop - start)}, ended ${second(stop)} UTC${damaged ? ", has damaged pages" : ""}`,
                      }
                    : {}),
            }),
        ],
    });
}

/** What runs in the next days. */
export function scheduleChart({ runs, now }: Pick<Facts, "runs" | "now">, width: number): Html {
    const kinds = SCHEDULED.filter((kind) => runs.some((run) => run.kind === kind));
    const span = spanOf(now, now + AHEAD);
    const colour = (kind: string): string =>
        KINDS.map((one) => (one === kind ? COLOURS[one] : "")).find((one) => one !== "") ?? COLOURS.good;
    return chart(`Runs of the next ${AHEAD / DAY} days`, {
        ...{ width, height: 30 + 24 * kinds.length, marginLeft: 44, marginRight: 22, marginTop: 4 },
        x: timeScale(span),
        y: { domain: kinds, label: null },
        marks: [
            Plot.axisY({ tickSize: 0, label: null }),
            timeAxis(span, width - 66),
            Plot.tickX(runs, {
                ...{ x: ({ at }: Run) => date(at), y: "kind", stroke: ({ kind }: Run) => colour(kind) },
                ...{ strokeWidth: 3, insetTop: 4, insetBottom: 4 },
                ...(runs.length <= MOST_TITLES
                    ? { title: ({ kind, at }: Run) => `${kind} ${second(at).slice(0, 16)} UTC` }
                    : {}),
            }),
        ],
    });
}
