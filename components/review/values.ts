import { canonical } from "../canonical";
import { type ConfigKey, configKeys } from "../settings/keys";
import { CHANGES } from "../settings/setting";
import { type Consequence, note } from "./consequence";
import { same } from "../state/description";
import { changedNames } from "./text";

/** Settings that the description has by their value, as text; those that are as they are by default are left out. */
export type Values = Readonly<Record<string, string>>;

/**
 * What the description has of these settings by their value.
 * @param secret what it has in place of a secret
 */
export function describeValues(
    settings: object,
    secret: (content: unknown) => string,
    keys: readonly ConfigKey[] = configKeys,
): Record<string, string> {
    const values = new Map<string, unknown>(Object.entries(settings));
    return Object.fromEntries(
        keys
            .filter((key) => key.described === "by its value")
            .map((key) => ({ key, value: values.get(key.name) }))
            .filter(({ key, value }) => value !== undefined && !same(value, key.default))
            .map(({ key, value }) => [key.name, key.secret === true ? secret(value) : textOf(value)]),
    );
}

/** A setting with another value than before. */
export interface ChangedValue {
    /** `pgbackrest:NAME is this instead of that`. */
    readonly text: string;
    readonly change: ConfigKey["change"];
}

export function changedValues(
    before: Values,
    after: Values,
    keys: readonly ConfigKey[] = configKeys,
): ChangedValue[] {
    return changedNames(before, after).map((name) => {
        const key = keys.find((one) => one.name === name);
        const usual = textOf(key?.default ?? "") || "not set";
        const difference =
            key?.secret === true
                ? "another one"
                : `${after[name] ?? usual} instead of ${before[name] ?? usual}`;
        // Nothing runs by a setting that this program does not have any more.
        return { text: `pgbackrest:${name} is ${difference}`, change: key?.change ?? "publish" };
    });
}

function textOf(value: unknown): string {
    return typeof value === "string" ? value : canonical(value);
}

const RESTARTING: readonly string[] = ["restart", "both"];
const REPLACING: readonly string[] = ["backup", "both"];

/** What PostgreSQL restarts for. */
export function restarting(changed: readonly ChangedValue[]): string[] {
    return changed.filter(({ change }) => RESTARTING.includes(change)).map(({ text }) => text);
}

/** What the backup service is replaced for. */
export function replacing(changed: readonly ChangedValue[]): string[] {
    return changed.filter(({ change }) => REPLACING.includes(change)).map(({ text }) => text);
}

/** What is in force without either. */
export function goingOn(changed: readonly ChangedValue[]): Consequence[] {
    return changed
        .filter(({ change }) => ![...RESTARTING, ...REPLACING].includes(change))
        .map(({ text, change }) => note(`${text}: a change ${CHANGES[change]}.`));
}

/** What is chosen once, and would be changed. */
export function refused(changed: readonly ChangedValue[]): string[] {
    return changed.filter(({ change }) => change === "refused").map(({ text }) => text);
}

/** Those for which setup and apply run again. */
export function publishedValues(values: Values, keys: readonly ConfigKey[] = configKeys): Values {
    const silent = keys
        .filter(({ change }) => ["inPlace", "backup", "refused"].includes(change))
        .map(({ name }) => name);
    return Object.fromEntries(Object.entries(values).filter(([name]) => !silent.includes(name)));
}
