import * as pulumi from "@pulumi/pulumi";

/** What the last good `up` of this stack put in force. */
export interface Deployment {
    /** Which configuration: the hash of all that the setup container gets. */
    readonly revision: string;
    /** Which run of the one-shot containers published it. */
    readonly attempt: string;
    /** The PostgreSQL settings on its command line, the ones that only a restart changes. */
    readonly restartSettings: Readonly<Record<string, string>>;
}

/** The stack's own outputs, as its last good `up` left them; nothing in a new stack. */
export function previousDeployment(): pulumi.Output<Deployment | undefined> {
    const self = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
    return new pulumi.StackReference(self).getOutput("deployment").apply(readDeployment);
}

function readDeployment(output: unknown): Deployment | undefined {
    if (!isRecord(output)) return undefined;
    const { revision, attempt, restartSettings } = output;
    if (typeof revision !== "string" || typeof attempt !== "string") return undefined;
    const settings = Object.entries(isRecord(restartSettings) ? restartSettings : {});
    return {
        revision,
        attempt,
        restartSettings: Object.fromEntries(settings.map(([key, value]) => [key, String(value)])),
    };
}

function isRecord(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null;
}

/**
 * The attempt of an `up` that wants `revision`: the previous one when that is in force, so that nothing runs again; a new one
 * otherwise. Without it a one-shot that failed would stay failed in the state, with unchanged inputs, at every later `up`.
 */
export function attemptFor(revision: string, previous: Deployment | undefined, now: Date): string {
    return previous?.revision === revision ? previous.attempt : now.toISOString();
}

/** The names of the PostgreSQL settings by which two command lines differ, sorted. */
export function changedSettings(
    before: Readonly<Record<string, string>>,
    after: Readonly<Record<string, string>>,
): string[] {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].filter((name) => before[name] !== after[name]).sort();
}
