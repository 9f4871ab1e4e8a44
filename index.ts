import * as pulumi from "@pulumi/pulumi";
import { readHistory } from "./components/deployment";
import { UserError } from "./components/problems";
import { ProtectedPostgres } from "./components/protectedPostgres";
import { loadAmazon, needsAmazon } from "./components/repository/amazon";
import { readSettings } from "./components/settings";

/** Runs `program`; a user's mistake is told without a stack trace. */
async function explained<T>(program: () => Promise<T>): Promise<T> {
    try {
        return await program();
    } catch (error) {
        throw error instanceof UserError ? new pulumi.RunError(error.message) : error;
    }
}

export const outputs = explained(async () => {
    const settings = readSettings();
    const database = new ProtectedPostgres(settings.name, {
        settings,
        directory: process.cwd(),
        amazon: needsAmazon(settings) ? await loadAmazon() : undefined,
        history: readHistory(),
    });
    return database.outputs;
});
