import { type ConfigKey, configKeys, type Field } from "./keys";
import { CHANGES } from "./setting";

/** The part `config` of Pulumi.yaml. */
export function projectConfig(keys: readonly ConfigKey[] = configKeys): Record<string, unknown> {
    return Object.fromEntries(
        keys.map((key) => [
            `pgbackrest:${key.name}`,
            {
                // Where a word may stand for a map, Pulumi must not insist on the map.
                ...(key.off === undefined ? { type: key.type } : {}),
                ...(key.type === "array"
                    ? { items: { type: key.name === "repositories" ? "object" : "string" } }
                    : {}),
                description: `${key.description} A change ${CHANGES[key.change]}.`,
                default: key.default,
            },
        ]),
    );
}

/** The table of settings in the docs, in Markdown. */
export function settingsTable(keys: readonly ConfigKey[] = configKeys): string {
    const line = (cells: readonly string[]): string =>
        `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
    return [
        line(["Key", "Value", "Default", "Meaning", "A change"]),
        "| --- | --- | --- | --- | --- |",
        ...keys.flatMap((key) => [
            line([...cells(withoutFields(key), `pgbackrest:${key.name}`), CHANGES[key.change]]),
            ...key.fields.map((field) => line([...cells(field, `pgbackrest:${key.name}.${field.name}`), ""])),
        ]),
        "",
    ].join("\n");
}

/** The fields have defaults of their own. */
function withoutFields(key: ConfigKey): Field {
    return key.fields.length === 0 ? key : { ...key, default: undefined };
}

function cells(key: Field, name: string): string[] {
    return [`\`${name}\``, key.allowed, shown(key.default), key.description];
}

function shown(value: unknown): string {
    if (value === undefined || value === "") return "";
    return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}
