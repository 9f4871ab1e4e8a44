// Makes components/pgbackrest/options.json from pgBackRest's own definition of its options.
//   git clone https://github.com/pgbackrest/pgbackrest && node tests/support/generate-options.mjs pgbackrest/.git
// The table is data that is committed; tests/unit/realPgbackrest.test.ts compares it with the real binary.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { parse } from "yaml";

const pinned = "2.55.1";
const later = ["2.56.0", "2.57.0", "2.58.0", "2.59.0", "2.59.1"];
const repository = process.argv[2];
if (repository === undefined) throw new Error("usage: generate-options.mjs GIT_DIRECTORY_OF_PGBACKREST");

const definition = (version) =>
    parse(
        execFileSync("git", ["-C", repository, "show", `release/${version}:src/build/config/config.yaml`], {
            encoding: "utf8",
            maxBuffer: 1e8,
        }),
        // One release holds a key twice; pgBackRest's own reader takes the last one.
        { uniqueKeys: false },
    );

/** Follows `inherit`: what the option says itself wins. */
const inherited = (all, name) => {
    const own = all[name] ?? {};
    if (own.inherit === undefined) return own;
    const parent = inherited(all, own.inherit);
    return { ...parent, deprecate: undefined, ...own };
};

/** A value that only names another option stands for that option's value. */
const referred = (all, option, key) =>
    typeof option[key] === "string" ? referred(all, inherited(all, option[key]), key) : option[key];

const allowed = (all, option) =>
    referred(all, option, "allow-list")?.map((value) =>
        typeof value === "object" ? Object.keys(value)[0] : String(value),
    );

const dependency = (all, option) => {
    // Some say it only for the commands that read the option.
    const own = Object.values(typeof option.command === "object" ? option.command : {}).map(
        (command) => command.depend,
    );
    const depend = referred(all, option, "depend") ?? own.find((value) => value !== undefined);
    if (depend === undefined) return undefined;
    const list = depend.list?.map((value) => (value === true ? "y" : value === false ? "n" : String(value)));
    return { option: depend.option, ...(list === undefined ? {} : { values: list }) };
};

const text = (value) => (value === true ? "y" : value === false ? "n" : String(value));

const entry = (all, name) => {
    const option = inherited(all, name);
    const commands = referred(all, option, "command");
    const values = allowed(all, option);
    const depend = dependency(all, option);
    return {
        type: option.type,
        section: option.section ?? "command-line",
        ...(option.group === undefined ? {} : { group: option.group }),
        ...(option.default === undefined || option["default-literal"]
            ? {}
            : { default: text(option.default) }),
        ...(values === undefined ? {} : { values }),
        ...(option["allow-range"] === undefined ? {} : { range: option["allow-range"].map(String) }),
        ...(option.secure ? { secure: true } : {}),
        ...(option.internal ? { internal: true } : {}),
        ...(option.deprecate ? { deprecated: Object.keys(option.deprecate) } : {}),
        ...(depend === undefined ? {} : { depend }),
        ...(commands === undefined ? {} : { commands: Object.keys(commands) }),
    };
};

const base = definition(pinned);
const options = Object.fromEntries(
    Object.keys(base.option)
        .sort()
        .map((name) => [name, entry(base.option, name)]),
);

/** What later versions can do and the pinned one cannot: so that a mistake of this kind is named as such. */
const newer = {};
for (const version of later) {
    const all = definition(version).option;
    for (const name of Object.keys(all)) {
        const option = inherited(all, name);
        if (option.section === undefined) continue;
        if (options[name] === undefined) newer[name] ??= { since: version, group: option.group };
        for (const value of allowed(all, option) ?? [])
            if (options[name]?.values !== undefined && !options[name].values.includes(value))
                newer[`${name}=${value}`] ??= { since: version };
    }
}

const commands = Object.keys(base.command);
const line = ([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)}`;
const table = (value) => `{\n${Object.entries(value).map(line).join(",\n")}\n  }`;
writeFileSync(
    new URL("../../components/pgbackrest/options.json", import.meta.url),
    `{\n  "version": "${pinned}",\n  "commands": ${JSON.stringify(commands)},\n  "options": ${table(options)},\n  "newer": ${table(newer)}\n}\n`,
);
