import * as v from "valibot";

const shape = v.looseObject({
    type: v.string(),
    entries: v.optional(v.record(v.string(), v.unknown())),
    options: v.optional(v.array(v.unknown())),
    wrapped: v.optional(v.unknown()),
    item: v.optional(v.unknown()),
    literal: v.optional(v.string()),
});

/** Every key that a schema knows, with those inside of it: `schedules.full`, `repositories[s3].lock.days`. */
export function settingKeys(schema: unknown, path = ""): string[] {
    const { entries, options, wrapped, item, type } = v.parse(shape, schema);
    if (wrapped !== undefined) return settingKeys(wrapped, path);
    if (item !== undefined) return settingKeys(item, path);
    if (type === "variant" && options !== undefined)
        return options.flatMap((option) => settingKeys(option, `${path}[${kind(option)}]`));
    return Object.entries(entries ?? {}).flatMap(([key, inner]) => {
        const inside = path === "" ? key : `${path}.${key}`;
        return [inside, ...settingKeys(inner, inside)];
    });
}

function kind(option: unknown): string {
    return v.parse(shape, v.parse(shape, option).entries?.["type"]).literal ?? "";
}
