import * as v from "valibot";
import { isRecord } from "../fields";
import { Carried, type Facts } from "./setting";
import { table } from "./table";

type Entries = Readonly<Record<string, v.GenericSchema>>;

/** A field of a map. */
export interface Field {
    readonly name: string;
    /** Nothing where it need not be set. */
    readonly default: unknown;
    readonly description: string;
    /** What it may be. */
    readonly allowed: string;
}

/** One key of the stack's configuration, as Pulumi.yaml declares it. */
export type ConfigKey = Facts & {
    /** Without the `pgbackrest:` in front. */
    readonly name: string;
    readonly type: "string" | "integer" | "boolean" | "array" | "object";
    /** An empty text and port 0 mean "not set". */
    readonly default: unknown;
    readonly allowed: string;
    /** Of a map with fixed keys. */
    readonly fields: readonly Field[];
};

/** The keys of a table of settings. Throws for one that is no setting. */
export function keysOf(entries: Entries): ConfigKey[] {
    return Object.entries(entries).map(([name, schema]) => {
        const carried = v.getMetadata(schema)["setting"];
        if (!(carried instanceof Carried))
            throw new Error(`${name} is no setting: make it one with setting()`);
        const { facts, fallback } = carried;
        const value = filled(schema, fallback);
        return {
            ...facts,
            name,
            type: typeOf(value),
            default: value,
            allowed: allowedBy(schema),
            fields: Array.isArray(value) ? [] : fieldsOf(schema),
        };
    });
}

/** Every setting there is. */
export const configKeys: readonly ConfigKey[] = keysOf(table);

/** Keys that must be kept encrypted, and are never shown even when they are not. */
export const SECRETS: readonly string[] = configKeys.filter((key) => key.secret).map((key) => key.name);

/** Pulumi.yaml gives every key a default: for a key that need not be set it is the empty text, or the number 0. */
export function isSet(key: string, value: unknown): boolean {
    const fallback = configKeys.find((entry) => entry.name === key)?.default;
    const unset: readonly unknown[] = fallback === "" ? [""] : fallback === 0 ? [0, "0"] : [];
    return value !== undefined && value !== null && !unset.includes(value);
}

/** The map that the word `off` stands for, or `false`, as which some write it. */
export function spelledOut(key: string, value: unknown): unknown {
    return value === "off" || value === false
        ? (configKeys.find((entry) => entry.name === key)?.off ?? value)
        : value;
}

/** A map's default with those of its fields. */
function filled(schema: v.GenericSchema, fallback: unknown): unknown {
    return isRecord(fallback) && !Array.isArray(fallback) ? v.parse(schema, fallback) : fallback;
}

function typeOf(value: unknown): ConfigKey["type"] {
    if (Array.isArray(value)) return "array";
    const type = typeof value;
    return type === "number" ? "integer" : type === "string" || type === "boolean" ? type : "object";
}

function fieldsOf(schema: v.GenericSchema): Field[] {
    return Object.entries(entriesOf(schema)).map(([name, field]) => ({
        name,
        default: "default" in field ? field.default : undefined,
        description: v.getDescription(field) ?? "",
        allowed: allowedBy(field),
    }));
}

/** The keys that a map, or each map of a list, knows, with their schemas; none of what is no such map. */
export function entriesOf(schema: v.GenericSchema): Entries {
    const inside = unwrapped(schema);
    const entries = "entries" in inside ? inside.entries : undefined;
    return Object.fromEntries(
        Object.entries(isRecord(entries) ? entries : {}).flatMap(([key, value]) =>
            isSchema(value) ? [[key, value] as const] : [],
        ),
    );
}

/** Where a key may be missing, the schema of its value; of a list, that of its items. */
function unwrapped(schema: v.GenericSchema): v.GenericSchema {
    if ("wrapped" in schema && isSchema(schema.wrapped)) return unwrapped(schema.wrapped);
    return "item" in schema && isSchema(schema.item) ? unwrapped(schema.item) : schema;
}

function allowedBy(schema: v.GenericSchema): string {
    if ("wrapped" in schema && isSchema(schema.wrapped)) return allowedBy(schema.wrapped);
    return v.getTitle(schema) ?? (schema.type === "array" ? "a list" : "a map");
}

function isSchema(value: unknown): value is v.GenericSchema {
    return isRecord(value) && value["kind"] === "schema";
}
