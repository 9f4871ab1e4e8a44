import { isRecord } from "./fields";

/** Plain values as JSON with sorted keys: the order in which settings are written does not count. */
export function canonical(value: unknown): string {
    return JSON.stringify(value, (_key, item: unknown) =>
        isRecord(item) ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))) : item,
    );
}
