/** How much a consequence weighs, the heaviest first. */
export const SEVERITIES = ["danger", "warning", "note"] as const;

export type Severity = (typeof SEVERITIES)[number];

/** What a change means, in a sentence. */
export interface Consequence {
    readonly severity: Severity;
    readonly text: string;
}

export const danger = (text: string): Consequence => ({ severity: "danger", text });
export const warning = (text: string): Consequence => ({ severity: "warning", text });
export const note = (text: string): Consequence => ({ severity: "note", text });

/** The heaviest first; as they come otherwise. */
export function bySeverity(consequences: readonly Consequence[]): Consequence[] {
    return SEVERITIES.flatMap((severity) => consequences.filter((line) => line.severity === severity));
}
