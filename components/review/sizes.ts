import type { Description } from "../state/description";
import { DEFAULT_CPUS, type Settings } from "../settings/schema";

/**
 * CPUs of what the settings leave open: what the first `up` has chosen, so that another machine's preview sees no change; of a new stack
 * two, or what the host has less. Stacks of earlier releases have two.
 */
export function defaultCpus(
    deployed: { readonly defaultCpus?: number } | undefined,
    cores: number | undefined,
): number {
    if (deployed !== undefined) return deployed.defaultCpus ?? DEFAULT_CPUS;
    return Math.min(DEFAULT_CPUS, cores ?? DEFAULT_CPUS);
}

const KEYS = ["cpus", "backupCpus"] as const;

export function withCpus(settings: Settings, cpus: number): Settings {
    const open = KEYS.filter((key) => settings.open.includes(key));
    return { ...settings, ...Object.fromEntries(open.map((key) => [key, cpus])) };
}

type Sized = Pick<Settings, (typeof KEYS)[number] | "drill">;

/** Docker refuses them only when the running container is gone. */
export function checkCpus(settings: Sized, cores: number): string[] {
    const wanted = [
        ...KEYS.map((key) => [key, settings[key]] as const),
        ["drill.cpus", settings.drill?.cpus ?? 0] as const,
    ];
    return wanted
        .filter(([, cpus]) => cpus > cores)
        .map(
            ([key, cpus]) =>
                `pgbackrest:${key}: ${cpus}: the Docker host has ${cores}: give at most that many`,
        );
}

/** Whether they are other CPUs than those with which the containers were made. */
export function otherCpus({ cpus, backupCpus, drill }: Sized, before: Description | undefined): boolean {
    const ofDrill = drill === undefined ? 0 : (drill.cpus ?? cpus);
    return (
        before?.postgres.cpus !== cpus || before.backup.cpus !== backupCpus || before.drill.cpus !== ofDrill
    );
}
