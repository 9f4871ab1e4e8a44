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

/** What this stack's state knows of earlier commands. */
export interface History {
    /** Nothing in a new stack. */
    readonly deployment: Deployment | undefined;
    /** Whether a one-shot container of the state has failed, in an `up` after the last good one. */
    readonly failed: boolean;
}

/**
 * Reads the state of the stack that runs. Its outputs alone do not tell of a failure: an `up` that fails leaves those of the last
 * good one.
 */
export function readHistory(): pulumi.Output<History> {
    const stackName = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
    const answer: Promise<unknown> = pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", {
        stackName,
    });
    return pulumi.output(answer.then((state) => history(isRecord(state) ? state["outputs"] : undefined)));
}

/** @param resources what the engine tells of the resources of a state: type and outputs by URN */
export function history(resources: unknown): History {
    let deployment: Deployment | undefined;
    let failed = false;
    for (const resource of isRecord(resources) ? Object.values(resources) : []) {
        if (!isRecord(resource) || !isRecord(resource["outputs"])) continue;
        const { type, outputs } = resource;
        if (type === "pulumi:pulumi:Stack") deployment = readDeployment(outputs["deployment"]);
        if (
            type === "docker:index/container:Container" &&
            outputs["attach"] === true &&
            outputs["exitCode"] !== 0
        )
            failed = true;
    }
    return { deployment, failed };
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
export function attemptFor(revision: string, { deployment, failed }: History, now: Date): string {
    return deployment?.revision === revision && !failed ? deployment.attempt : now.toISOString();
}

/** The names of the PostgreSQL settings by which two command lines differ, sorted. */
export function changedSettings(
    before: Readonly<Record<string, string>>,
    after: Readonly<Record<string, string>>,
): string[] {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].filter((name) => before[name] !== after[name]).sort();
}
