import assert from "node:assert/strict";
import { it } from "mocha";
import { consequences } from "../../components/review/consequences";
import { described } from "./descriptions";

export const NOW = new Date("2026-11-24T00:00:00Z");

export type Stack = Parameters<typeof described>;

/** What is changed, from which stack to which, and what each line says. */
export type Case = readonly (readonly [string, Stack, Stack, readonly RegExp[]])[];

/** `severity text`, a line each. */
export function told(before: Stack, after: Stack): string[] {
    return consequences(described(...before), described(...after), NOW).map(
        ({ severity, text }) => `${severity} ${text}`,
    );
}

export const option = (name: string, value: unknown): Stack => [{ options: { global: { [name]: value } } }];

/** All that goes on at a change of the configuration alone. */
export const GOES_ON =
    /^note salespider-postgres goes on, no connection ends; salespider-backup goes on, a backup that runs is finished; salespider-setup and salespider-apply run again and end\.$/;

/** The same at a change that setup has no part in. */
export const APPLIES =
    /^note salespider-postgres goes on, no connection ends; salespider-backup goes on, a backup that runs is finished; salespider-apply runs again and ends\.$/;

/** A test for each case. */
export function tells(cases: Case): void {
    for (const [name, before, after, expected] of cases)
        it(`tell of ${name}`, () => {
            const lines = told(before, after);
            assert.equal(lines.length, expected.length, lines.join("\n"));
            for (const [index, pattern] of expected.entries()) assert.match(lines[index] ?? "", pattern);
        });
}
