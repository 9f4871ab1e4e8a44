/** `work_mem from 4MB to 16MB`. */
export function changeText(name: string, from: string | undefined, to: string | undefined): string {
    if (from === undefined) return `${name} to ${to ?? ""}`;
    return to === undefined ? `${name} from ${from} to its default` : `${name} from ${from} to ${to}`;
}

/** The names that have another value, sorted. */
export function changedNames(
    before: Readonly<Record<string, string>>,
    after: Readonly<Record<string, string>>,
): string[] {
    return [...new Set([...Object.keys(before), ...Object.keys(after)])]
        .filter((name) => before[name] !== after[name])
        .sort();
}

/** `work_mem from 4MB to 16MB` for each name that has another value, sorted. */
export function changes(
    before: Readonly<Record<string, string>>,
    after: Readonly<Record<string, string>>,
): string[] {
    return changedNames(before, after).map((name) => changeText(name, before[name], after[name]));
}
