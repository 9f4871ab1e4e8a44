import { suggestion } from "../problems";
import type { Letter } from "./message";

/** What a template may have in two pairs of braces. */
export const PLACEHOLDERS = [
    "event",
    "id",
    "name",
    "protected",
    "since",
    "stack",
    "text",
    "time",
    "title",
] as const;

const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** The body of a request: each value in the form that its place needs, so that no text of a message ends it early. */
export function fillTemplate(template: string, contentType: string, letter: Letter): string {
    const values = new Map<string, string>(PLACEHOLDERS.map((name) => [name, String(letter[name])]));
    return template.replaceAll(PLACEHOLDER, (all, name: string) => {
        const value = values.get(name);
        return value === undefined ? all : escaped(value, contentType);
    });
}

function escaped(value: string, contentType: string): string {
    if (isJson(contentType)) return JSON.stringify(value).slice(1, -1);
    return contentType.startsWith("application/x-www-form-urlencoded") ? encodeURIComponent(value) : value;
}

function isJson(contentType: string): boolean {
    return /^application\/(?:[\w.-]+\+)?json\b/.test(contentType);
}

/** What is wrong with a template, for whoever wrote it. */
export function checkTemplate(template: string, contentType: string): string[] {
    const unknown = [...template.matchAll(PLACEHOLDER)]
        .map(([, name = ""]) => name)
        .filter((name) => !PLACEHOLDERS.some((known) => known === name));
    if (unknown.length > 0)
        return [...new Set(unknown)].map(
            (name) =>
                `{{${name}}} is no placeholder${suggestion(name, PLACEHOLDERS)} (they are ${PLACEHOLDERS.join(", ")})`,
        );
    if (!isJson(contentType)) return [];
    try {
        JSON.parse(template.replaceAll(PLACEHOLDER, "x"));
        return [];
    } catch {
        return [
            `is no JSON once its placeholders are filled in: put them between quotes, such as {"text": "{{title}}: {{text}}"}, or set contentType to what it is`,
        ];
    }
}
