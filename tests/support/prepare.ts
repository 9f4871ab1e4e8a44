// Makes ready what tests need, as steps with progress: `npm test` does it first, and mocha itself when it is run by hand.
import { relative, sep } from "node:path";
import type { Runner, Suite } from "mocha";
import { GoCaches } from "../../toolchain/closedNetwork/goBuild";
import { interruptible } from "../../toolchain/interruption";
import { shellTools } from "../../toolchain/lint";
import { findOnPath, root } from "../../toolchain/paths";
import { parts as goParts, sourceDirectory } from "../../toolchain/closedNetwork/parts";
import { type Lane, type Report, runLanes } from "../../toolchain/progress";
import { attempt } from "../../toolchain/run";
import { ensureToolchain } from "../../toolchain/setup";
import { type Part, parts, secondTierFile } from "../../toolchain/testing/parts";
import { RESULTS_FILE } from "../../toolchain/testing/results";
import { browserLane } from "./browser";
import { ledgerImage } from "./ledger/image";
import { isThere, productImage, releaseImage, stableImage, type TestImage } from "./images";
import { prometheusImage } from "./prometheusImage";
import { releases } from "./releases";
import { serversSources } from "./servers/build";

interface Needs {
    /** Pulumi, its plugins, a Docker engine and the base image. */
    readonly toolchain: boolean;
    readonly images?: readonly (() => TestImage | readonly TestImage[])[];
    readonly others?: readonly (() => readonly Lane[])[];
    /** What the files of the second tier need beside that. */
    readonly secondTier?: readonly (() => readonly Lane[])[];
}

const stack: Needs = { toolchain: true, images: [productImage] };
const stackAndServers: Needs = { toolchain: true, images: [productImage, serversSources] };
const cloud: Needs = { toolchain: true, images: [productImage, serversSources, ledgerImage] };

const NEEDS: Readonly<Record<Part, Needs>> = {
    lint: { toolchain: false, others: [shellTools, goChecks] },
    unit: stack,
    component: { toolchain: false },
    toolchain: { toolchain: true, others: [goChecks], secondTier: [browserLane] },
    image: { toolchain: true, images: [productImage, ledgerImage] },
    e2e: { toolchain: true, images: [productImage, prometheusImage] },
    cloud,
    chaos: stack,
    upgrade: { toolchain: true, images: [productImage, releaseImages] },
    binary: { toolchain: true, images: [stableImage, prometheusImage] },
    bench: stackAndServers,
};

/**
 * What is there already takes no step.
 * @param all with the files of the second tier
 */
export async function prepare(chosen: readonly Part[], all = false): Promise<void> {
    const needs = chosen.map((part) => NEEDS[part]);
    const each = <T>(some: (need: Needs) => readonly T[] | undefined): readonly T[] => [
        ...new Set(needs.flatMap((need) => some(need) ?? [])),
    ];
    await interruptible(async () => {
        if (needs.some(({ toolchain }) => toolchain)) await ensureToolchain();
        const secondTier = all ? each((need) => need.secondTier) : [];
        const lanes = [...each(({ others }) => others), ...secondTier].flatMap((other) => other());
        const images = each(({ images: some }) => some).flatMap((source) => source());
        await runLanes([...lanes, ...(await imageLanes(images))], 2);
    });
}

/** A lane for each image that is not there, and behind it what is made with it. */
async function imageLanes(images: readonly TestImage[]): Promise<readonly Lane[]> {
    const missing = new Map<string, TestImage>();
    for (const image of images.flatMap((one) => (one.from === undefined ? [one] : [one.from, one])))
        if (!(await isThere(image))) missing.set(image.name, image);
    const all = [...missing.values()];
    const isFirst = ({ from }: TestImage) => from === undefined || !missing.has(from.name);
    return all.filter(isFirst).map((first) =>
        [first, ...all.filter(({ from }) => from?.name === first.name)].map((image) => ({
            ...{ title: image.title, why: image.why },
            work: (report: Report) => image.build(report),
        })),
    );
}

function releaseImages(): readonly TestImage[] {
    return releases.map(releaseImage);
}

/** Modules and objects of the checks and tests that are written in Go. One that fails here fails where it is used, and says why. */
function goChecks(): readonly Lane[] {
    if (findOnPath("go") === undefined) return [];
    const commands: readonly (readonly [string, readonly string[]])[] = [
        [sourceDirectory(goParts.proxy), ["test", "-run=^$", "./..."]],
        [`${root}/toolchain/closedNetwork/go/actionlint`, ["tool", "-n", "actionlint"]],
    ];
    const work: Lane[number]["work"] = async (report) => {
        const { environment } = await GoCaches.openKept();
        for (const [cwd, args] of commands) await attempt("go", args, { cwd, environment, onLine: report });
    };
    return [[{ title: "Compile the checks of Go", why: "modules are downloaded once", work }]];
}

/** For files that are given to mocha by hand. */
export async function mochaGlobalSetup(this: Runner): Promise<void> {
    if (process.env[RESULTS_FILE] !== undefined) return;
    const files = [...new Set(this.suite.suites.map(({ file }: Suite) => file ?? ""))];
    const folders = files.map((file) => relative(root, file).split(sep)[1] ?? "");
    const all = files.some((file) => file.endsWith(secondTierFile));
    await prepare(
        parts.filter((part) => folders.includes(part)),
        all,
    );
}
