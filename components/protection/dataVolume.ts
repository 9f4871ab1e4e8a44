// How long PostgreSQL has room for its data. It stops when it has none.
import { bytes } from "./text";

/** Free bytes at a moment, in seconds since the epoch. */
export interface Sample {
    readonly at: number;
    readonly free: number;
}

/** Seconds between two samples, for how long they count, and from which span on they tell a pace: WAL comes and goes in waves. */
const EVERY = 300;
const WINDOW = 6 * 3600;
const SPAN = 3600;

/** With less, health is red. */
export const LEAST_FREE = 2 ** 30;
export const LEAST_HOURS = 6;
/** More hours than these are of no interest. */
const LONGEST = 24 * 90;

/** With another one, which replaces the last where that is too young. The first is the oldest. */
export function withSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
    const kept = samples.filter(({ at }) => at <= sample.at && sample.at - at <= WINDOW);
    const before = kept.at(-2);
    const isTooSoon = before !== undefined && sample.at - before.at < EVERY;
    return [...(isTooSoon ? kept.slice(0, -1) : kept), sample];
}

/** Hours until it is full at the pace of the samples; nothing when it does not fill, or there are too few of them. */
export function hoursLeft(samples: readonly Sample[]): number | undefined {
    const [first, last] = [samples[0], samples.at(-1)];
    if (first === undefined || last === undefined || last.at - first.at < SPAN || last.free >= first.free)
        return undefined;
    const hours = (last.free * (last.at - first.at)) / (first.free - last.free) / 3600;
    return hours > LONGEST ? undefined : hours;
}

export function dataVolumeText(samples: readonly Sample[]): string {
    const last = samples.at(-1);
    if (last === undefined) return "";
    const hours = hoursLeft(samples);
    const text = `the data volume has ${bytes(last.free)} free`;
    if (hours === undefined) return text;
    const left = hours < 48 ? `${Math.floor(hours)} h` : `${Math.floor(hours / 24)} days`;
    return `${text}, enough for ${left} at the present pace`;
}

/** Why somebody has to do something about it now; nothing when there is time. */
export function fillingText(samples: readonly Sample[]): string | undefined {
    const last = samples.at(-1);
    if (last === undefined || (last.free >= LEAST_FREE && (hoursLeft(samples) ?? LONGEST) >= LEAST_HOURS))
        return undefined;
    return `${dataVolumeText(samples)}, and PostgreSQL stops when it is full: make room on the Docker host, or delete what is not needed`;
}
