/** `work_mem from 4MB to 16MB`. */
export function changeText(name: string, from: string | undefined, to: string | undefined): string {
    if (from === undefined) return `${name} to ${to ?? ""}`;
    return to === undefined ? `${name} from ${from} to its default` : `${name} from ${from} to ${to}`;
}
