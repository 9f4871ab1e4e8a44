import { isLoaded } from "../protection/drift";
import { addedPerDay } from "../protection/growth";
import type { Backup } from "../protection/info";
import type { Evidence } from "../protection/verdict";
import { type Figure, gauge, type Sample } from "./figure";

/** How much room a repository takes, and has. */
export interface Size {
    /** Bytes of its WAL; nothing before all of it was looked at. */
    readonly wal: number | undefined;
    /** Bytes that are free on its disk; nothing of a bucket. */
    readonly free: number | undefined;
}

/** What repositories hold, and at which pace that becomes more. */
export function ofSizes(
    held: readonly { readonly repository: string; readonly held: readonly Backup[] }[],
    sizes: Readonly<Record<string, Size>>,
    now: number,
): Figure[] {
    const each = (value: (repository: string, held: readonly Backup[]) => number | undefined): Sample[] =>
        held.map(({ repository, held }) => ({ labels: { repository }, value: value(repository, held) }));
    return [
        gauge(
            "repository_wal_bytes",
            "Bytes of the WAL there, once all of it was looked at.",
            each((name) => sizes[name]?.wal),
        ),
        gauge(
            "repository_added_bytes_per_day",
            "Bytes a day that backups of the last seven days have added.",
            each((_, backups) => addedPerDay(backups, now)),
        ),
        gauge(
            "repository_free_bytes",
            "Free on its disk, where it is one of this host.",
            each((name) => sizes[name]?.free),
        ),
    ];
}

/** With which configuration what is there runs, and when what of it ends that is known to. */
export function ofConfiguration({ published, archiving, state }: Evidence, revision: string): Figure[] {
    const { pending } = archiving;
    const asked = archiving.unreachable === undefined && archiving.archived !== undefined;
    const loaded = isLoaded(archiving, revision);
    return [
        gauge("configuration_loaded", "Does it run with the published configuration?", [
            { labels: { by: "service" }, value: Number(typeof published === "object") },
            { labels: { by: "postgresql" }, value: loaded === undefined ? undefined : Number(loaded) },
        ]),
        gauge("settings_waiting", "Settings for which PostgreSQL waits for a restart.", [
            { value: asked ? (pending?.split(", ").length ?? 0) : undefined },
        ]),
        gauge(
            "credential_end_timestamp_seconds",
            "When a certificate or a signature ends that says when.",
            (state.ends ?? []).map(({ setting, repository, at }) => ({
                labels: { setting, ...(repository === undefined ? {} : { repository }) },
                value: at,
            })),
        ),
    ];
}
