/** On what the stack makes: its mark, and whose it is, in words. */
export const MARK_LABEL = "pgbackrest.mark";
export const OWNER_LABEL = "pgbackrest.owner";

/** How the names end of the resource that is the mark, and of the container that proves the port. */
export const MARK = "-mark";
export const PORT_PROOF = "-port-proof";

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
    const own = `${name}-postgres-data`;
    if (deployed?.data === (dataVolume ?? own)) return deployed.spool;
    const spool = `${name}-pgbackrest-spool`;
    const usual = dataVolume === undefined ? spool : `${spool}-${dataVolume}`;
    return deployed?.spool === usual ? `${spool}-${own}` : usual;
}
