// Stretches of time: what is there, and what is missing.
import type { Backup } from "../../components/protection/info";
import { holesIn, type Wal } from "../../components/protection/wal";

/** In seconds since the epoch. */
export interface Span {
    readonly from: number;
    readonly to: number;
}

export interface Missing {
    /** In words. */
    readonly text: string;
    /** At most so long WAL is missing: the next that is known to be there is that of a backup. */
    readonly wal: Span;
    /** The moments that cannot be restored for it. */
    readonly unreachable: Span;
}

/** Those stretches but for what others take from them, in order. */
export function without(spans: readonly Span[], others: readonly Span[]): Span[] {
    return others
        .reduce<readonly Span[]>(
            (left, other) =>
                left.flatMap((span) =>
                    other.to <= span.from || other.from >= span.to
                        ? [span]
                        : [
                              { from: span.from, to: other.from },
                              { from: other.to, to: span.to },
                          ].filter(({ from, to }) => to > from),
                ),
            spans,
        )
        .map(({ from, to }) => ({ from, to }));
}

/** @param backups those that can be restored, oldest first */
export function missingSpans(wal: Wal, backups: readonly Backup[], now: number): Missing[] {
    return holesIn(wal, backups).map(({ first, last, count, after, until }) => {
        const before = backups.findLast((backup) => backup.wal !== undefined && backup.wal.last < first);
        const from = after ?? before?.stop ?? backups[0]?.start ?? now;
        const next = backups.find((backup) => backup.wal !== undefined && backup.wal.first > last);
        return {
            text:
                count === 1
                    ? `WAL segment ${first} is missing`
                    : `${count} WAL segments are missing, ${first} to ${last}`,
            wal: { from, to: Math.max(from, next?.start ?? now) },
            unreachable: { from, to: Math.max(from, until ?? now) },
        };
    });
}
