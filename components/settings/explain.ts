import * as v from "valibot";
import { suggestion } from "../problems";
import { entriesOf } from "./keys";
import { isOpen, notifySecrets } from "./notify";
import { schema } from "./table";
import { tokenOf } from "./monitoring";
import { REPOSITORY_FIELDS, REPOSITORY_SECRETS } from "../repository/kinds";
import { repositorySecrets } from "../repository/secrets";

/** One line for what valibot found: the key, the value unless it is or could be a secret, what is allowed. */
export function explain(issue: v.BaseIssue<unknown>, secretKeys: ReadonlySet<string>): string {
    const keys = (issue.path ?? []).map((item) => item.key);
    const key = `pgbackrest:${keys.map((part, index) => (typeof part === "number" ? `[${part}]` : `${index === 0 ? "" : "."}${String(part)}`)).join("")}`;
    const top = String(keys[0]);
    if (issue.type === "strict_object" && issue.expected === "never") {
        if (top === "repositories" && keys.length === 3) return `${key}: ${unknownField(issue)}`;
        const known = knownAt(keys.slice(0, -1));
        const list = known.length === 0 ? "" : ` (settings are ${known.join(", ")})`;
        return `${key}: no such setting${suggestion(String(keys.at(-1)), known)}${list}`;
    }
    if (issue.received === "undefined")
        return `${key}: is missing${issue.type === "variant" ? `: ${types(issue)}` : ""}`;
    return `${key}: ${isSecret(keys, secretKeys) ? "" : `${shown(issue.input)}: `}${allowed(issue)}`;
}

/** The keys of the map at this path. */
function knownAt(path: readonly unknown[]): string[] {
    const at = path.reduce<v.GenericSchema | undefined>(
        (map, key) => (map === undefined ? undefined : entriesOf(map)[String(key)]),
        schema,
    );
    return at === undefined ? [] : Object.keys(entriesOf(at));
}

/** A field of another type is the likeliest mistake. */
function unknownField(issue: v.BaseIssue<unknown>): string {
    const item = issue.path?.at(-1);
    const repository: Readonly<Record<string, unknown>> = Object.fromEntries(
        Object.entries(typeof item?.input === "object" && item.input !== null ? item.input : {}),
    );
    const type = String(repository["type"]);
    const name = String(item?.key);
    const others = Object.keys(REPOSITORY_FIELDS).filter((other) => REPOSITORY_FIELDS[other]?.includes(name));
    const known = REPOSITORY_FIELDS[type] ?? [];
    return others.length > 0
        ? `belongs to type ${others.join(" and ")}, and this repository is of type ${type} (which has ${known.join(", ")})`
        : `no such setting${suggestion(name, known)} (type ${type} has ${known.join(", ")})`;
}

/** A stack with any secret in its repositories keeps the whole list encrypted; most of it is none. */
function isSecret(keys: readonly unknown[], secretKeys: ReadonlySet<string>): boolean {
    const [top, , field] = keys.map(String);
    if (top === "monitoring") return (keys[1] ?? "token") === "token";
    if (top === "notify") return !isOpen(keys);
    if (top !== "repositories") return secretKeys.has(top ?? "");
    return field === undefined || REPOSITORY_SECRETS.includes(field);
}

function allowed(issue: v.BaseIssue<unknown>): string {
    if (issue.type === "variant")
        return issue.expected === "Object" ? "a map with name and type" : types(issue);
    const kinds: Readonly<Record<string, string>> = {
        array: "a list (each entry begins with -)",
        record: "a map (each line is NAME: VALUE)",
        strict_object: "a map (each line is NAME: VALUE)",
        union: "a text, a number, or true or false",
    };
    return kinds[issue.type] ?? issue.message;
}

function types(issue: v.BaseIssue<unknown>): string {
    return `one of ${(issue.expected ?? "")
        .replaceAll(/[("|)]/g, " ")
        .trim()
        .split(/\s+/)
        .join(", ")}`;
}

function shown(value: unknown): string {
    // Of a list that stands in place of a map the methods are taken for keys.
    const json = value === undefined || typeof value === "function" ? "nothing" : JSON.stringify(value);
    return json.length > 60 ? `${json.slice(0, 57)}...` : json;
}

/** Keys that are encrypted as a whole, and have more beside their secrets. */
const PARTLY: readonly string[] = ["repositories", "monitoring", "notify"];

/** Messages without the values of keys that the stack keeps encrypted, whatever made the message quote them. */
export function redacted(
    problems: readonly string[],
    raw: Readonly<Record<string, unknown>>,
    secretKeys: ReadonlySet<string>,
): string[] {
    const secrets = [
        ...[...secretKeys].filter((key) => !PARTLY.includes(key)).flatMap((key) => leaves(raw[key])),
        ...tokenOf(raw["monitoring"]),
        ...notifySecrets(raw["notify"]).map((secret) => secret.value),
        ...repositorySecrets(raw["repositories"]).map((secret) => secret.value),
    ];
    const forms = secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]);
    // Longest first: a secret may contain another.
    const ordered = forms.filter((form) => form.length > 1).sort((a, b) => b.length - a.length);
    return problems.map((problem) => {
        const key = /^pgbackrest:[A-Za-z]*/.exec(problem)?.[0] ?? "";
        return (
            key + ordered.reduce((text, form) => text.replaceAll(form, "(secret)"), problem.slice(key.length))
        );
    });
}

function leaves(value: unknown): string[] {
    if (value === null || value === undefined || typeof value === "boolean") return [];
    if (typeof value === "object") return Object.values(value).flatMap(leaves);
    return typeof value === "string" || typeof value === "number" ? [String(value)] : [];
}
