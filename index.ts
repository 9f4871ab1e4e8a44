import * as pulumi from "@pulumi/pulumi";
import { readHistory, readOthers } from "./components/state/history";
import { strayContext } from "./components/ownership/context";
import { lookAtEngine } from "./components/ownership/engine";
import { planStack } from "./components/plan";
import { UserError } from "./components/problems";
import { ownObjects, ProtectedPostgres } from "./components/protectedPostgres";
import { needsAmazon } from "./components/repository/s3/amazon";
import { loadAmazon } from "./components/repository/s3/classes";
import { readSettings } from "./components/settings/read";

/** Runs `program`; a user's mistake is told without a stack trace. */
async function explained<T>(program: () => Promise<T>): Promise<T> {
    try {
        return await program();
    } catch (error) {
        throw error instanceof UserError ? new pulumi.RunError(error.message) : error;
    }
}

/** Awaited by program.mjs. */
export const outputs = explained(async () => {
    const settings = readSettings();
    // Read before anything is declared: what is refused must change nothing.
    const [history, others] = await Promise.all([readHistory(), readOthers(settings.otherStacks)]);
    // Set where a stack is reviewed without its state and its host.
    const elsewhere = pulumi.runtime.isDryRun() && process.env["PREVIEW_ELSEWHERE"] !== undefined;
    const stray = elsewhere ? undefined : strayContext(settings.dockerHost, process.env);
    if (stray !== undefined) throw new UserError([stray]);
    const engine = elsewhere
        ? undefined
        : await lookAtEngine(settings, history, ownObjects(settings, history));
    const amazon = needsAmazon(settings) ? await loadAmazon() : undefined;
    const stack = pulumi.getStack();
    const plan = planStack({ settings, directory: process.cwd(), stack, history, engine, others });
    const database = new ProtectedPostgres(settings.name, { plan, amazon });
    return database.outputs;
});
