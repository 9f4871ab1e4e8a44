/** HTML that is safe to show: all text in it is escaped. */
export class Html {
    constructor(readonly text: string) {}
}

type Part = Html | string | number | readonly Html[];

const ESCAPES: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
};
/** What no page may have, however it is written: control characters, halves of a pair, and what is no character. */
const NO_TEXT = /[\p{Surrogate}\p{Noncharacter_Code_Point}]|(?![\t\n])\p{Control}/gu;

export function escaped(text: string): string {
    return noneOf(text).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? "");
}

/** A text without what no page may have. */
export function noneOf(text: string): string {
    return text.replace(NO_TEXT, "\uFFFD");
}

/** A template of HTML: what is put into it is text, unless it is HTML itself. */
export function html(parts: TemplateStringsArray, ...values: readonly Part[]): Html {
    return new Html(
        parts.map((part, index) => `${part}${index < values.length ? shown(values[index]) : ""}`).join(""),
    );
}

function shown(value: Part | undefined): string {
    if (value instanceof Html) return value.text;
    if (typeof value === "object") return value.map(({ text }) => text).join("");
    return escaped(String(value ?? ""));
}

export const NOTHING = new Html("");
