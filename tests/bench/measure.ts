/** With `--once` nothing is measured: each measurement runs once on its smallest data, so that none breaks unseen. */
const ONCE = process.argv.includes("--once");

/** @param usual how many runs make a measurement */
export function runs(usual: number): number {
    return ONCE ? 1 : usual;
}

/** @param usual amount of data that makes a measurement */
export function amount(usual: number, smallest: number): number {
    return ONCE ? smallest : usual;
}

/** @param usual what is compared; the first two are enough to show that it can be */
export function compared<T>(usual: readonly T[]): readonly T[] {
    return ONCE ? usual.slice(0, 2) : usual;
}

/** Two ways to do the same thing, each run in turn, in seconds. */
export interface Pair {
    readonly base: () => Promise<number>;
    readonly ours: () => Promise<number>;
}

/** Runs A B A B ... and prints one line: see `ratio`. */
export async function compare(name: string, count: number, { base, ours }: Pair): Promise<void> {
    await compareAll(count, ours, { [name]: base });
}

/** Runs A B C A B C ... and prints one line for each base. */
export async function compareAll(
    count: number,
    ours: Pair["ours"],
    bases: Readonly<Record<string, Pair["base"]>>,
): Promise<void> {
    const measured = Object.entries(bases).map(([name, base]) => new Measured(name, base));
    const own: number[] = [];
    for (let run = 0; run < count; run++) {
        for (const one of measured) one.taken.push(await one.base());
        own.push(await ours());
    }
    for (const { name, taken } of measured) console.log(`${name} ${ratio(taken, own)}`);
}

class Measured {
    readonly taken: number[] = [];

    constructor(
        readonly name: string,
        readonly base: Pair["base"],
    ) {}
}

/**
 * The ratio of the medians, the medians, and the spread, which is the distance between the quartiles of the ratios of neighbours.
 * Neighbours share the machine's load, so their ratio is steadier than their times.
 */
export function ratio(base: readonly number[], ours: readonly number[]): string {
    const ratios = ours.map((seconds, run) => seconds / (base[run] ?? Number.NaN));
    const [from, to] = [median(base), median(ours)];
    return `${(to / from).toFixed(2)}x (${shown(from)} s -> ${shown(to)} s, ${ours.length} runs, spread ${spread(ratios)})`;
}

/** The distance between the quartiles, in percent of the median. */
export function spread(values: readonly number[]): string {
    const distance = quantile(values, 0.75) - quantile(values, 0.25);
    return `${Math.round((distance / median(values)) * 100)} %`;
}

/** A number with two digits that count. */
export function shown(value: number): string {
    return value.toFixed(value < 10 ? 1 : 0);
}

export function median(values: readonly number[]): number {
    return quantile(values, 0.5);
}

function quantile(values: readonly number[], part: number): number {
    const sorted = [...values].sort((a, b) => a - b);
    const place = (sorted.length - 1) * part;
    const below = sorted[Math.floor(place)] ?? Number.NaN;
    const above = sorted[Math.ceil(place)] ?? Number.NaN;
    return below + (above - below) * (place - Math.floor(place));
}
