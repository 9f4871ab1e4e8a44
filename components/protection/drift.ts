// With which configuration PostgreSQL runs, where that is another than the published one.

/** What PostgreSQL says of its configuration. */
export interface Loaded {
    /** The published revision whose files it has read; nothing where it does not tell. */
    readonly loaded?: string | undefined;
    /** The settings for which it waits for a restart, in words. */
    readonly pending?: string | undefined;
}

/**
 * Has PostgreSQL read what is published? Nothing where it does not tell, as an older configuration has no name for itself, and where nothing
 * that can be used is published.
 */
export function isLoaded({ loaded }: Loaded, revision: string): boolean | undefined {
    return loaded === undefined || revision === "" ? undefined : loaded === revision;
}

/** In words; or nothing. */
export function driftText(archiving: Loaded, revision: string): string {
    const { loaded = "", pending = "" } = archiving;
    return [
        ...(isLoaded(archiving, revision) === false
            ? [
                  `PostgreSQL runs with the configuration ${loaded} and not with the published one: run pulumi up`,
              ]
            : []),
        ...(pending === ""
            ? []
            : [`PostgreSQL needs a restart for ${pending}: docker restart its container when that suits`]),
    ].join("; ");
}
