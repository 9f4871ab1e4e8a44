// What all charts share: scales, colours, how times and amounts are written.
import * as Plot from "@observablehq/plot";
import { Html, noneOf } from "./markup";
import { plotted } from "./plot.mjs";
import type { Span } from "./spans";

/** Widths in which a chart is drawn: text stays as large as it is, so a phone gets a chart of its own. */
export const WIDE = 880;
export const NARROW = 320;

/** The page's style has the colours, of which there are others in the dark. */
export const COLOURS = {
    ...{ good: "var(--good)", bad: "var(--bad)", soft: "var(--soft)", line: "var(--line)" },
    ...{ full: "var(--full)", diff: "var(--diff)", incr: "var(--incr)", wal: "var(--wal)" },
} as const;

export const KINDS = ["full", "diff", "incr"] as const;
/** Told apart without colours, too. */
export const KIND_COLOURS = { domain: [...KINDS], range: KINDS.map((kind) => COLOURS[kind]) };
export const KIND_SYMBOLS = { domain: [...KINDS], range: ["circle", "square", "triangle"] };

/** @param label for whoever cannot see it */
export function chart(label: string, options: Parameters<typeof plotted>[0]): Html {
    const svg = plotted({
        style: { background: "none", fontSize: "11px" },
        ariaLabel: noneOf(label),
        ...options,
    });
    // The page's style says once what each chart's own would say.
    return new Html(svg.replace(/<style>[^]*?<\/style>/, "").replace("<svg ", '<svg role="img" '));
}

export function date(seconds: number): Date {
    return new Date(seconds * 1000);
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const HOUR = 3600;
const DAY = 24 * HOUR;
/** Steps between two times on an axis. */
const STEPS = [
    ...[60, 300, 900, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR],
    ...[1, 2, 7, 14, 28, 91, 182, 364, 1820].map((days) => days * DAY),
];
/** A day from which weeks are counted: the first Monday. */
const MONDAY = 4 * DAY;
/** Pixels between two of them. */
const ROOM = 52;

/** Times for an axis of so many pixels, none nearer to another than there is room. */
export function ticks({ from, to }: Span, pixels: number): number[] {
    const step = STEPS.find((one) => (one / (to - from)) * pixels >= ROOM) ?? 5200 * DAY;
    const start = step >= 7 * DAY ? MONDAY : 0;
    const first = Math.ceil((from - start) / step) * step + start;
    return Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, index) => first + index * step);
}

/** `27 Nov`, `06:00` within a day, `Nov 2026` where years are shown. */
export function tickText(seconds: number, { from, to }: Span): string {
    const time = date(seconds);
    const clock = time.toISOString().slice(11, 16);
    if (clock !== "00:00") return clock;
    const month = MONTHS[time.getUTCMonth()] ?? "";
    return to - from > 400 * DAY ? `${month} ${time.getUTCFullYear()}` : `${time.getUTCDate()} ${month}`;
}

/** A time must last for a moment to be an axis. */
export function spanOf(from: number, to: number): Span {
    return { from, to: Math.max(to, from + 60) };
}

/** A scale of times, in UTC. */
export function timeScale({ from, to }: Span): Plot.ScaleOptions {
    return { type: "utc", domain: [date(from), date(to)], label: null };
}

export function timeAxis(span: Span, pixels: number): Plot.Markish {
    return Plot.axisX(ticks(span, pixels).map(date), {
        tickFormat: (time: Date) => tickText(time.getTime() / 1000, span),
        ...{ tickSize: 4, stroke: COLOURS.soft, label: null },
    });
}

/** In which unit numbers up to there are shown, and how many of the smallest that is. */
export interface Unit {
    readonly name: string;
    readonly size: number;
}

const BYTES = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"].map((name, power) => ({ name, size: 1024 ** power }));
const TIMES = [
    ["s", 1],
    ["min", 60],
    ["h", 3600],
    ["days", 86_400],
].map(([name, size]) => ({ name: String(name), size: Number(size) }));

function unitOf(units: readonly Unit[], greatest: number): Unit {
    return units.findLast(({ size }) => greatest >= 2 * size) ?? units[0] ?? { name: "", size: 1 };
}

export function bytesUnit(greatest: number): Unit {
    return unitOf(BYTES, greatest);
}

export function timeUnit(greatest: number): Unit {
    return unitOf(TIMES, greatest);
}
