import * as v from "valibot";

/** What a change of a setting does, to go behind "A change". */
export const CHANGES = {
    /** It is for the command that runs: no part of the stack. */
    command: "counts for the next command and changes nothing that runs",
    publish: "restarts nothing",
    /** Of a container, while it runs. */
    inPlace: "restarts nothing",
    backup: "replaces the backup service",
    restart: "restarts PostgreSQL once",
    both: "restarts PostgreSQL once and replaces the backup service",
    /** PostgreSQL's own settings. */
    server: "restarts nothing, or PostgreSQL once where PostgreSQL needs that",
    mounts: "restarts nothing, unless other volumes or directories are mounted: PostgreSQL restarts once then",
    database: "leads to another database",
    refused: "is refused while the stack is up",
    monitoring: "restarts nothing; where its port is published anew, NAME-backup is replaced",
    drill: "restarts nothing; NAME-drill comes, goes or is replaced",
} as const;

/** How the description of a stack, with which previews compare, has a setting. */
export type DescribedAs =
    /** By its value, among `settings`: the preview tells of it in words of its own, and nothing else is to be done. */
    | {
          readonly described: "by its value";
          readonly change: "publish" | "inPlace" | "backup" | "restart" | "both" | "refused";
      }
    /** In a form of its own, at this place, from which describe.ts and its readers take it. */
    | { readonly described: `at ${string}`; readonly change: keyof typeof CHANGES }
    /** Not at all. */
    | {
          readonly described: "not, it is a rule for commands" | "not, what is made with it tells";
          readonly change: "command";
      };

/** What a setting is besides its type. */
export type Facts = DescribedAs & {
    /** For people: meaning, unit. */
    readonly description: string;
    /** Kept encrypted in the stack file, and never shown. */
    readonly secret?: true;
    /** Of a map: what the word `off` in its place stands for. */
    readonly off?: Readonly<Record<string, unknown>>;
};

/** MiB */
export const GREATEST_MEMORY = 16_777_216;

/** As the schema of a setting carries them. */
export class Carried {
    constructor(
        readonly facts: Facts,
        /** For Pulumi.yaml, where each has a default. */
        readonly fallback: unknown,
    ) {}
}

/** A setting that has a value also where the stack gives it none. */
export function setting<S extends v.GenericSchema, const D extends v.Default<S, undefined>>(
    schema: S,
    fallback: D,
    facts: Facts,
) {
    return v.pipe(v.optional(schema, fallback), v.metadata({ setting: new Carried(facts, fallback) }));
}

/**
 * A setting that need not be set.
 * @param unset stands for that in Pulumi.yaml: a text or a number as the setting would be
 */
export function optional<S extends v.GenericSchema>(schema: S, unset: "" | 0, facts: Facts) {
    return v.pipe(v.optional(schema), v.metadata({ setting: new Carried(facts, unset) }));
}

/** A field of a map, with what it means. */
export function part<S extends v.GenericSchema, const D extends v.Default<S, undefined>>(
    schema: S,
    fallback: D,
    description: string,
) {
    return v.pipe(v.optional(schema, fallback), v.description(description));
}
