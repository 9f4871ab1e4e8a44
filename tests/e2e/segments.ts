/** Segments of 16 MiB in one of the old "logical files" that names of WAL segments still count in. */
const SEGMENTS_PER_FILE = 256;

/** The names of all WAL segments from one to another, both included, on one timeline. */
export function segmentsBetween(first: string, last: string): readonly string[] {
    const timeline = first.slice(0, 8);
    const names: string[] = [];
    for (let number = position(first); number <= position(last); number++)
        names.push(timeline + hex(Math.floor(number / SEGMENTS_PER_FILE)) + hex(number % SEGMENTS_PER_FILE));
    return names;
}

function position(segment: string): number {
    return parseInt(segment.slice(8, 16), 16) * SEGMENTS_PER_FILE + parseInt(segment.slice(16), 16);
}

function hex(number: number): string {
    return number.toString(16).toUpperCase().padStart(8, "0");
}
