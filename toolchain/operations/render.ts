import { styleText } from "node:util";
import type { Answer, Status, Table } from "./operation";

const COLOURS = { 0: "green", 1: "red", 2: "yellow" } as const satisfies Readonly<Record<Status, string>>;

/**
 * An answer as text. In a terminal columns stand below each other, and the first line has the colour of the status; elsewhere a tab is
 * between two columns, for programs.
 */
export function rendered({ status, lines }: Answer, isTerminal: boolean, hasColours = isTerminal): string {
    const [first, ...rest] = lines.flatMap((line) =>
        typeof line === "string"
            ? [line]
            : isTerminal
              ? tableLines(line)
              : line.rows.map((row) => row.join("\t")),
    );
    if (first === undefined) return "";
    // What is printed is not this process's business: the caller knows where it goes.
    const head = hasColours ? styleText(COLOURS[status], first, { validateStream: false }) : first;
    return [head, ...rest].join("\n");
}

function tableLines({ head, rows }: Table): string[] {
    if (rows.length === 0) return [];
    const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
    return [head, ...rows].map((row) =>
        `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ")}`.trimEnd(),
    );
}

/** What `--json` prints: one object. A bigint, such as a position in the WAL, is a text. */
export function renderedJson({ status, data }: Pick<Answer, "status" | "data">): string {
    return JSON.stringify(
        { status, ...data },
        (_, value: unknown) => (typeof value === "bigint" ? String(value) : value),
        2,
    );
}
