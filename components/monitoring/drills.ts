import { countingDrills, type Drills, drillsOf, nextDrill } from "../drill/due";
import { latest } from "../drill/verdict";
import type { RepositoryMemory } from "../protection/state";
import type { Evidence } from "../protection/verdict";
import { type Figure, gauge, type Sample } from "./figure";

/** What drills have found, and when the next are due. */
export function ofDrills(
    { evidence, drills }: { readonly evidence: Evidence; readonly drills: Drills },
    memories: readonly (readonly [name: string, memory: RepositoryMemory])[],
): Figure[] {
    const { published, now } = evidence;
    const repositories = typeof published === "object" ? published.repositories : [];
    const names = repositories.map(({ name }) => name);
    const drilled = repositories.flatMap(({ name, timetable }) => {
        const memory = memories.find(([one]) => one === name)?.[1];
        if (memory === undefined || !timetable.schedules.has("drill")) return [];
        const counting = countingDrills(drillsOf(drills, name, names, memory), memory.since, now);
        return [{ labels: { repository: name }, timetable, counting, newest: counting.at(-1) }];
    });
    const of = (value: (one: (typeof drilled)[number]) => number | undefined): Sample[] =>
        drilled.map((one) => ({ labels: one.labels, value: value(one) }));
    return [
        gauge(
            "drills_on",
            "Are drills on?",
            repositories.map(({ name, timetable }) => ({
                labels: { repository: name },
                value: Number(timetable.schedules.has("drill")),
            })),
        ),
        gauge(
            "drill_lacking",
            "Are drills on, and is it not proven that the backups restore?",
            of(({ labels }) => Number((evidence.drills?.[labels.repository]?.lacking ?? "") !== "")),
        ),
        gauge(
            "drill_timestamp_seconds",
            "When the last drill began; 0 when there was none.",
            of(({ newest }) => newest?.began ?? 0),
        ),
        gauge(
            "drill_result",
            "What the last drill has found.",
            drilled.flatMap(({ labels, newest }) =>
                newest === undefined
                    ? []
                    : (["passed", "failed", "unverified"] as const).map((result) => ({
                          labels: { ...labels, result },
                          value: Number(newest.result === result),
                      })),
            ),
        ),
        gauge(
            "drill_recovery_time_seconds",
            "From nothing until the restored database took queries.",
            of(({ newest }) => newest?.recoveryTime),
        ),
        gauge(
            "drill_recovery_point_seconds",
            "All that a loss of the host would have cost then.",
            of(({ newest }) => newest?.recoveryPoint),
        ),
        gauge(
            "drill_due_timestamp_seconds",
            "When the next drill is due.",
            of(({ timetable, counting }) => {
                const next = counting.length === 0 ? Infinity : nextDrill(timetable, counting);
                return Number.isFinite(next) ? next : undefined;
            }),
        ),
        gauge("drill_grace_seconds", "How late one may be before health is red.", [
            { value: latest(repositories.map(({ timetable }) => timetable)) },
        ]),
    ];
}
