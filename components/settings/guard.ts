/** What a stack with `protect` may do although it is usually a mistake. */
export const ACCEPTABLE = ["unencrypted", "undescribed"] as const;

/** What the settings say about refusals. */
export interface Guard {
    /** What is wanted on purpose: the setting `accept`. */
    readonly accept: readonly (typeof ACCEPTABLE)[number][];
    /** The data volume that `restore` names to go back to; nothing where it names none. */
    readonly restoreVolume?: string | undefined;
    /** The least that a protected stack must keep: the setting `retentionFloor`. */
    readonly floor: {
        /** Full backups. */
        readonly full: number;
        /** Days that point-in-time recovery must reach back for certain. */
        readonly days: number;
    };
}
