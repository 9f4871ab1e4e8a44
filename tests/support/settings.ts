import { parseSettings, type Settings } from "../../components/settings/schema";
import { UserError } from "../../components/problems";
import { CERTIFICATE, PRIVATE_KEY } from "../e2e/certificate";

/** Files of the project that the tests have. */
const FILES: Readonly<Record<string, string>> = {
    "sql/init.sql": "create table t ();\n",
    "ca.crt": CERTIFICATE,
    "key.pem": PRIVATE_KEY,
};

/** Settings of a stack `dev` from plain values; the keys in `secret` count as encrypted. */
export function settingsOf(
    raw: Record<string, unknown>,
    secret: readonly string[] = [],
    now = new Date(),
): Settings {
    return parseSettings(raw, {
        secretKeys: new Set(secret),
        readFile: (path) => {
            const text = FILES[path];
            if (text !== undefined) return text;
            throw new Error("no such file");
        },
        stack: "dev",
        now,
    });
}

/** What a call complains about; nothing when it does not. */
export function problemsOf(call: () => unknown): readonly string[] {
    try {
        call();
        return [];
    } catch (error) {
        if (error instanceof UserError) return error.problems;
        throw error;
    }
}
