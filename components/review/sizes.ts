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

/** Docker refuses them only when the running container is gone. */
export function checkCpus(settings: Pick<Settings, (typeof KEYS)[number]>, cores: number): string[] {
    return KEYS.filter((key) => settings[key] > cores).map(
        (key) => `pgbackrest:${key}: ${settings[key]}: the Docker host has ${cores}: give at most that many`,
    );
}

/** Whether they are other CPUs than those with which the containers were made. */
export function otherCpus(
    settings: Pick<Settings, (typeof KEYS)[number]>,
    before: Description | undefined,
): boolean {
    return before?.postgres.cpus !== settings.cpus || before.backup.cpus !== settings.backupCpus;
}
