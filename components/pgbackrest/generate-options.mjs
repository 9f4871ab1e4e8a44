// Makes components/pgbackrest/options.json from pgBackRest's own definition of its options.
//   git clone https://github.com/pgbackrest/pgbackrest
//   node components/pgbackrest/generate-options.mjs 2.60.0 pgbackrest/.git [COMMIT, where the release has no tag]
// The table is data that is committed; tests/unit/realOptions.test.ts compares it with the real binary.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { parse } from "yaml";

const [version, repository, commit = `release/${version}`] = process.argv.slice(2);
if (repository === undefined) throw new Error("usage: generate-options.mjs VERSION GIT_DIRECTORY [COMMIT]");

const definition = execFileSync("git", ["-C", repository, "show", `${commit}:build/config.yaml`], {
    encoding: "utf8",
    maxBuffer: 1e8,
});
const base = parse(
    // A shortcut may be there several times in one map, which YAML does not know: what it names becomes part of its key.
    definition.replaceAll(/^( +)([+-](?:inherit|role|command)): (\S+)$/gm, '$1"$2 $3": {}'),
    // And one key is there twice; pgBackRest's own reader takes the last one.
    { uniqueKeys: false },
);

/** Commands that read an option, in the order of the commands; nothing: all of them. */
const commandsOf = (all, name) => {
    const { command } = inherited(all, name);
    if (command === undefined) return undefined;
    if (typeof command === "string") return commandsOf(all, command);
    const found = new Set();
    for (const key of Object.keys(command)) {
        const [kind, what] = key.split(" ");
        if (kind === "+inherit") for (const other of commandsOf(all, what) ?? []) found.add(other);
        else if (kind === "+role")
            for (const [other, { "command-role": roles = {} }] of Object.entries(base.command)) {
                if (what === "any" || what in roles) found.add(other);
            }
        else if (kind === "-command") found.delete(what);
        else found.add(key);
    }
    return Object.keys(base.command).filter((one) => found.has(one));
};

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
    const commands = commandsOf(all, name);
    const range = option["allow-range"];
    const values = allowed(all, option);
    const depend = dependency(all, option);
    return {
        type: option.type,
        section: option.section ?? "command-line",
        ...(option.group === undefined ? {} : { group: option.group }),
        // Some have another default for a command, or another default or range with each value of another option.
        ...(Object.values(Object(option.command)).some((one) => one?.default !== undefined) ||
        ["object", "undefined"].includes(typeof option.default) ||
        ["literal", "dynamic"].includes(option["default-type"])
            ? {}
            : { default: text(option.default) }),
        ...(values === undefined ? {} : { values }),
        ...(range === undefined || range.some((one) => typeof one === "object")
            ? {}
            : { range: range.map(String) }),
        ...(option.secure ? { secure: true } : {}),
        ...(option.internal ? { internal: true } : {}),
        ...(option.deprecate ? { deprecated: Object.keys(option.deprecate) } : {}),
        ...(depend === undefined ? {} : { depend }),
        ...(commands === undefined ? {} : { commands }),
    };
};

const options = Object.fromEntries(
    Object.keys(base.option)
        .sort()
        .map((name) => [name, entry(base.option, name)]),
);

const commands = Object.keys(base.command);
const line = ([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)}`;
const table = (value) => `{\n${Object.entries(value).map(line).join(",\n")}\n  }`;
writeFileSync(
    new URL("./options.json", import.meta.url),
    `{\n  "version": "${version}",\n  "commands": ${JSON.stringify(commands)},\n  "options": ${table(options)}\n}\n`,
);
