import { availableParallelism } from "node:os";
import { baseImage, getBaseImage, hasBaseImage } from "./closedNetwork/baseImage";
import { writeLanguageHost, writePlugins } from "./closedNetwork/plugins";
import { inspectDocker } from "./docker";
import { installDocker, startDocker } from "./dockerStart";
import { downloadPulumi, installPlugins, siteAnswers } from "./download";
import { messageOf, ToolchainError } from "./errors";
import { expectation, type Lacking } from "./estimate";
import { buildPart, checkGo, GoCaches } from "./closedNetwork/goBuild";
import { interruptible } from "./interruption";
import { missingParts, type Part, pluginParts, pulumiParts } from "./closedNetwork/parts";
import { type Lane, runLanes, say, type Step } from "./progress";
import { findPlugins, findPulumi } from "./pulumi";

export interface Wanted {
    /** A Docker engine that runs. */
    readonly docker: boolean;
    /** The image that ours is built on. */
    readonly baseImage: boolean;
    /** Say how long it will take even where nothing is missing. */
    readonly expectation?: boolean;
}

export const everything: Wanted = { docker: true, baseImage: true };

/** Gets what is missing of Pulumi, its plugins, Docker and the base image. Returns whether there was anything to do. */
export async function ensureToolchain(wanted: Wanted = everything): Promise<boolean> {
    return interruptible(async () => {
        const plan = await makePlan(wanted);
        const lanes = dockerLanes(plan);
        if (plan.download) lanes.push([download]);
        const worked = lanes.length > 0 || plan.build.length > 0;
        if (worked || wanted.expectation === true) say(expectation(plan, availableParallelism()));
        await carryOut(plan.build, lanes);
        // A download that did not succeed after all leaves it to Go.
        const left = missing();
        if (left.length > 0) {
            await checkGo();
            await carryOut(left, []);
        }
        if (findPulumi()?.from === "build") writeLanguageHost();
        if (findPlugins() === "closed-network") writePlugins();
        return worked;
    });
}

/** What is missing, and how it is to be had. Finding out changes nothing. */
async function makePlan(wanted: Wanted): Promise<Lacking> {
    const problems: ToolchainError[] = [];
    const check = async <T>(work: () => Promise<T>, otherwise: T): Promise<T> => {
        try {
            return await work();
        } catch (error) {
            if (!(error instanceof ToolchainError)) throw error;
            problems.push(error);
            return otherwise;
        }
    };
    const docker = wanted.docker ? await check(inspectDocker, "ready") : "ready";
    const parts = missing();
    const download = parts.length > 0 && (await siteAnswers());
    if (parts.length > 0 && !download) await check(checkGo, undefined);
    if (problems.length > 0)
        throw new ToolchainError("Nothing was changed.", problems.map(messageOf).join("\n\n"));
    const needsBaseImage = wanted.baseImage && (docker !== "ready" || !(await hasBaseImage()));
    return { docker, needsBaseImage, download, build: download ? [] : parts };
}

function missing(): readonly Part[] {
    return [
        ...(findPulumi() === undefined ? missingParts(pulumiParts) : []),
        ...(findPlugins() === undefined ? missingParts(pluginParts) : []),
    ];
}

function dockerLanes({ docker, needsBaseImage }: Lacking): Lane[] {
    const lane: Step[] = [];
    if (docker === "install") {
        lane.push({
            title: "Install Docker Engine",
            why: "there is none; from Debian's packages",
            work: installDocker,
        });
    }
    if (docker !== "ready")
        lane.push({ title: "Start Docker Engine", why: "it does not run", work: startDocker });
    if (needsBaseImage) {
        lane.push({
            title: `Get the base image ${baseImage}`,
            why: "ours is built on it",
            work: getBaseImage,
        });
    }
    return lane.length === 0 ? [] : [lane];
}

const download: Step = {
    title: "Download Pulumi",
    why: "the command line and the docker and random plugins",
    work: async (report) => {
        try {
            if (findPulumi() === undefined) await downloadPulumi(report);
            if (findPlugins() === undefined) await installPlugins(report);
        } catch (error) {
            report(messageOf(error));
            console.error(`Pulumi's own download did not succeed: ${messageOf(error)}`);
        }
    },
};

/** Builds with Go what has to be, the largest first, beside the other lanes. */
async function carryOut(parts: readonly Part[], lanes: readonly Lane[]): Promise<void> {
    const caches = parts.length === 0 ? undefined : await GoCaches.open();
    try {
        const builds = parts.map((part): Step => ({
            title: `Build ${part.program}`,
            why: "it cannot be downloaded here; kept for later runs",
            work: async (report) => {
                if (caches !== undefined) await buildPart(part, caches, report);
            },
        }));
        // One after the other: Go uses every core as it is, and what two of them share is compiled once.
        const all = builds.length === 0 ? lanes : [...lanes, builds];
        await runLanes(all, all.length);
    } finally {
        await caches?.close();
    }
}
