import { parseSettings, type Settings } from "../../components/settings/schema";
import { UserError } from "../../components/problems";

/** Settings of a stack `dev` from plain values; the keys in `secret` count as encrypted. */
export function settingsOf(raw: Record<string, unknown>, secret: readonly string[] = []): Settings {
    return parseSettings(raw, {
        secretKeys: new Set(secret),
        readFile: (path) => {
            if (path === "sql/init.sql") return "create table t ();\n";
            throw new Error("no such file");
        },
        stack: "dev",
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
