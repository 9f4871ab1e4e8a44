/** On what the stack makes: its mark, and whose it is, in words. */
export const MARK_LABEL = "pgbackrest.mark";
export const OWNER_LABEL = "pgbackrest.owner";

/** How the name ends of the resource that is the mark. */
export const MARK = "-mark";

/** What is published on the Docker host, by whom, and how the name ends of the container that proves the port. */
export const PUBLISHED = {
    postgres: { by: "-postgres", proof: "-port-proof" },
    metrics: { by: "-backup", proof: "-metrics-proof" },
} as const;
export type PublishedPart = keyof typeof PUBLISHED;

/** Begins with a letter, so that it is a text in YAML too. */
export function markText(hex: string): string {
    return `m${hex.slice(0, 8)}`;
}

/** A container, volume or network by its name. */
export interface ObjectName {
    readonly kind: "container" | "volume" | "network";
    readonly name: string;
}

/** Containers and volumes by the last part of their names. */
export function objectsOf(
    name: string,
    parts: { readonly containers?: readonly string[]; readonly volumes?: readonly string[] },
): ObjectName[] {
    return [
        ...(parts.containers ?? []).map((part) => ({ kind: "container" as const, name: `${name}-${part}` })),
        ...(parts.volumes ?? []).map((part) => ({ kind: "volume" as const, name: `${name}-${part}` })),
    ];
}

/** The container that shows a paused restore is `NAME-postgres-RESTORE`. */
export function lookName(restore: string): string {
    return `postgres-${restore}`;
}

/** How the name begins of every data volume of a stack: that of a restore has the restore's name behind it. */
export function dataVolumePrefix(name: string): string {
    return `${name}-postgres-data`;
}

/** What the settings say about which data PostgreSQL has. */
export interface WantedData {
    readonly name: string;
    /** Of another set-up; the stack's own without it. */
    readonly dataVolume?: string | undefined;
    readonly restore: {
        readonly wish: { readonly name: string; readonly pause: boolean } | undefined;
        readonly volume: string | undefined;
    };
}

/** The volume that a restore fills; nothing where nothing is restored. */
export function restoredVolumeName({ name, restore: { wish } }: WantedData): string | undefined {
    return wish === undefined ? undefined : `${dataVolumePrefix(name)}-${wish.name}`;
}

/**
 * The volume that PostgreSQL runs on.
 * @param deployed what it has had until now: it stays there while a restore waits for people to look
 */
export function dataVolumeName(wanted: WantedData, deployed: DatabaseVolumes | undefined): string {
    const { name, dataVolume, restore } = wanted;
    const usual = dataVolume ?? dataVolumePrefix(name);
    if (restore.volume !== undefined) return restore.volume;
    if (restore.wish?.pause === true) return deployed?.data ?? usual;
    return restoredVolumeName(wanted) ?? usual;
}

/** Names of the volumes that belong to a database. */
export interface DatabaseVolumes {
    readonly data: string;
    /** State of asynchronous archiving of these data. */
    readonly spool: string;
}

/**
 * The spool of these data: the one that they have, whatever its name (release 0.1.0 had one name for all); never the one that other
 * data have.
 * @param dataVolume of another set-up; the stack's own without it
 */
export function spoolVolumeName(
    name: string,
    dataVolume: string | undefined,
    deployed: DatabaseVolumes | undefined,
): string {
    const own = dataVolumePrefix(name);
    if (deployed?.data === (dataVolume ?? own)) return deployed.spool;
    const spool = `${name}-pgbackrest-spool`;
    const usual = dataVolume === undefined ? spool : `${spool}-${dataVolume}`;
    return deployed?.spool === usual ? `${spool}-${own}` : usual;
}
