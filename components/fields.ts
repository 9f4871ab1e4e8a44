import * as v from "valibot";

/** A value that is read by a function; what it does not accept is refused with a text that says what is allowed, its title too. */
export function field<T>(
    allowed: string,
    read: (input: unknown) => T | undefined,
): v.GenericSchema<unknown, T> {
    return v.pipe(
        v.unknown(),
        v.title(allowed),
        v.rawTransform<unknown, T>(({ dataset, addIssue, NEVER }) => {
            const value = read(dataset.value);
            if (value !== undefined) return value;
            addIssue({ message: allowed });
            return NEVER;
        }),
    );
}

/** A whole number; Pulumi hands it over as a number, a test or an environment maybe as text. */
export function integer(least: number, greatest: number, unit: string): v.GenericSchema<unknown, number> {
    const allowed = `a whole number from ${least} to ${greatest}${unit === "" ? "" : ` (${unit})`}`;
    return field(allowed, (input) => {
        const number = typeof input === "string" && /^\d+$/.test(input) ? Number(input) : input;
        return typeof number === "number" && Number.isInteger(number) && number >= least && number <= greatest
            ? number
            : undefined;
    });
}

/** Hundredths of a unit. */
export function fraction(least: number, greatest: number, unit: string): v.GenericSchema<unknown, number> {
    return field(`a number from ${least} to ${greatest} (${unit}), such as 0.5`, (input) => {
        const number = typeof input === "string" && /^\d+(?:\.\d+)?$/.test(input) ? Number(input) : input;
        return typeof number === "number" && number >= least && number <= greatest
            ? Math.round(number * 100) / 100
            : undefined;
    });
}

/** A text that matches. */
export function text(allowed: string, pattern: RegExp): v.GenericSchema<unknown, string> {
    return field(allowed, (input) => (typeof input === "string" && pattern.test(input) ? input : undefined));
}

/** Any text, an empty one too. */
export const anyText = field("a text", (input) => (typeof input === "string" ? input : undefined));

/** A text that is not empty. Where it holds a secret: no message of it shows the value. */
export const someText = field("a text", (input) =>
    typeof input === "string" && input !== "" ? input : undefined,
);

/** An absolute path without . and .., which pgBackRest, Docker and shells read alike. */
export const ABSOLUTE_PATH = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9_.+@-]+)+$/;

export function choice<const T extends string>(values: readonly T[]): v.GenericSchema<unknown, T> {
    return field(`one of ${values.join(", ")}`, (input) => values.find((value) => value === input));
}

export const flag = field("true or false", (input) =>
    input === true || input === "true" ? true : input === false || input === "false" ? false : undefined,
);

export function isRecord(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a JSON text says, as the schema has it; nothing when it is something else. */
export function fromJson<S extends v.GenericSchema>(schema: S, json: string): v.InferOutput<S> | undefined {
    try {
        const result = v.safeParse(schema, JSON.parse(json));
        return result.success ? result.output : undefined;
    } catch {
        return undefined;
    }
}

/** A value of an option of pgBackRest, or of a setting of PostgreSQL. */
export const scalar = v.union([v.string(), v.pipe(v.number(), v.finite()), v.boolean()]);

/**
 * When something runs.
 * @param off what `false` is, as which some write it
 */
export function cronFields(off: "" | "off"): v.GenericSchema<unknown, string> {
    return field("five cron fields, or off", (input) =>
        input === false
            ? off
            : typeof input === "string"
              ? input.trim().replaceAll(/[ \t]+/g, " ")
              : undefined,
    );
}

/** A map from any name to such a value. */
export function map<T>(value: v.GenericSchema<unknown, T>): v.GenericSchema<unknown, Record<string, T>> {
    const object = field("a map", (input) => (isRecord(input) ? input : undefined));
    return v.pipe(object, v.record(v.string(), value));
}
