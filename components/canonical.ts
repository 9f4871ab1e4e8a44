import { createHash } from "node:crypto";
import { isRecord } from "./fields";

/** Plain values as JSON with sorted keys: the order in which settings are written does not count. */
export function canonical(value: unknown): string {
    return JSON.stringify(value, (_key, item: unknown) =>
        isRecord(item) ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))) : item,
    );
}

/** Tells whether a text is another one, and is short enough to be shown; not for secrets, which it would help to guess. */
export function shortHash(text: string): string {
    return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
