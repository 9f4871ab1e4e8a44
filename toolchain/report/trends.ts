// How backups and drills have become, one figure a chart.
import * as Plot from "@observablehq/plot";
import type { Backup } from "../../components/protection/info";
import {
    bytesUnit,
    chart,
    COLOURS,
    date,
    KIND_COLOURS,
    KIND_SYMBOLS,
    spanOf,
    timeAxis,
    timeScale,
    timeUnit,
    type Unit,
} from "./chart";
import type { Facts, RepositoryFacts } from "./facts";
import { type Html, html } from "./markup";
import type { Span } from "./spans";

const WIDTH = 390;
const HEIGHT = 132;

/** A figure with its title. */
function figure(title: string, drawn: Html): Html {
    return html`<figure>
        <figcaption>${title}</figcaption>
        ${drawn}
    </figure>`;
}

interface Point {
    readonly at: Date;
    readonly value: number;
    readonly kind: Backup["type"];
}

const TIMES: Unit = { name: "×", size: 1 };

/** A backup of less than a second takes one: nothing more is known. */
function lasted({ start, stop }: Backup): number {
    return Math.max(1, stop - start);
}

/** Bytes of the database for each byte in the repository. */
function ratio({ added, copied = 0 }: Backup): number {
    return added > 0 ? copied / added : 0;
}

export function backupTrends({ backups }: RepositoryFacts): Html[] {
    const most = (of: (backup: Backup) => number): number => Math.max(0, ...backups.map(of));
    const rate = (backup: Backup): number => (backup.copied ?? 0) / lasted(backup);
    const size = bytesUnit(most(({ added }) => added));
    const time = timeUnit(most(lasted));
    const pace = bytesUnit(most(rate));
    return [
        trend(`Added to the repository, ${size.name}`, backups, ({ added }) => added, size),
        trend("Compression: bytes copied for each byte added", backups, ratio, TIMES),
        trend(`Duration, ${time.name}`, backups, lasted, time),
        trend(`Throughput, ${pace.name}/s of the database`, backups, rate, pace),
    ];
}

function trend(title: string, backups: readonly Backup[], of: (backup: Backup) => number, unit: Unit): Html {
    const points = backups.flatMap((backup): Point[] => {
        const value = of(backup) / unit.size;
        return value > 0 ? [{ at: date(backup.stop), value, kind: backup.type }] : [];
    });
    if (points.length === 0) return figure(title, html`<p class="none">nothing is known of it</p>`);
    const span = around(backups.map(({ stop }) => stop));
    const channels = { x: "at", y: "value", stroke: "kind" } as const;
    return figure(
        title,
        chart(title, {
            ...sized(span),
            ...{ y: { zero: true, nice: true, label: null }, color: KIND_COLOURS, symbol: KIND_SYMBOLS },
            marks: [
                ...axes(span),
                Plot.lineY(points, { ...channels, z: "kind", strokeOpacity: 0.35, sort: "at" }),
                Plot.dot(points, { ...channels, symbol: "kind", r: 2.5, fill: "kind" }),
            ],
        }),
    );
}

/** From the first of these times to the last, with some room around them. */
function around(times: readonly number[]): Span {
    const [from, to] = [Math.min(...times), Math.max(...times)];
    const edge = Math.max(60, (to - from) * 0.02);
    return spanOf(from - edge, to + edge);
}

function sized(span: Span) {
    return {
        ...{ width: WIDTH, height: HEIGHT, marginLeft: 38, marginRight: 14, marginTop: 8, marginBottom: 22 },
        x: timeScale(span),
    };
}

function axes(span: Span): Plot.Markish[] {
    return [
        Plot.gridY({ ticks: 4, stroke: COLOURS.line, strokeOpacity: 1 }),
        Plot.axisY({ ticks: 4, tickSize: 0, label: null }),
        timeAxis(span, WIDTH - 52),
    ];
}

interface Measured {
    readonly at: Date;
    readonly value: number;
}

/**
 * What drills have measured, and where they have not passed.
 * @param of which of several repositories
 */
export function drillTrends(
    ended: Facts["drills"]["ended"],
    goals: Facts["drills"]["goals"],
    of = "",
): Html[] {
    const figures = [
        ["Recovery time", goals.time, (drill: Drill) => drill.recoveryTime],
        ["Recovery point", goals.point, (drill: Drill) => drill.recoveryPoint],
    ] as const;
    const span = around(ended.map(({ began }) => began));
    const failed = ended.filter(({ result }) => result !== "passed").map(({ began }) => date(began));
    return figures.map(([title, goal, valueOf]) => {
        const known = ended.map((drill) => ({ at: date(drill.began), value: valueOf(drill) ?? -1 }));
        const measured = known.filter(({ value }) => value >= 0);
        const unit = timeUnit(Math.max(goal ?? 0, ...measured.map(({ value }) => value)));
        const points = measured.map(({ at, value }): Measured => ({ at, value: value / unit.size }));
        const titled = `${title}${of}, ${unit.name}`;
        return figure(
            titled,
            chart(titled, {
                ...sized(span),
                y: {
                    zero: true,
                    nice: true,
                    label: null,
                    ...(points.length === 0 ? { domain: [0, 1] } : {}),
                },
                marks: [
                    ...axes(span),
                    ...(goal === undefined
                        ? []
                        : [Plot.ruleY([goal / unit.size], { stroke: COLOURS.bad, strokeDasharray: "4,3" })]),
                    Plot.lineY(points, { x: "at", y: "value", stroke: COLOURS.full, strokeOpacity: 0.5 }),
                    Plot.dot(points, { x: "at", y: "value", fill: COLOURS.full, r: 2.5 }),
                    Plot.dot(failed, {
                        ...{ x: (at: Date) => at, y: 0, symbol: "times", stroke: COLOURS.bad },
                        ...{ strokeWidth: 2, r: 4 },
                    }),
                ],
            }),
        );
    });
}
type Drill = Facts["drills"]["ended"][number];
