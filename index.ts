import * as pulumi from "@pulumi/pulumi";
import { readHistory } from "./components/deployment";
import { UserError } from "./components/problems";
import { ProtectedPostgres } from "./components/protectedPostgres";
import { readSettings } from "./components/settings";

/** Runs `program`; a user's mistake is told without a stack trace. */
function explained<T>(program: () => T): T {
    try {
        return program();
    } catch (error) {
        throw error instanceof UserError ? new pulumi.RunError(error.message) : error;
    }
}

export const outputs = explained(() => {
    const settings = readSettings();
    const database = new ProtectedPostgres(settings.name, {
        settings,
        directory: process.cwd(),
        history: readHistory(),
    });
    return database.outputs;
});
