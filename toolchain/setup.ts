import { cpus } from "node:os";
import { writeLanguageHost, writePlugins } from "./closedNetwork";
import { buildPart, checkGo, GoCaches } from "./goBuild";
import { missingParts, type Part, pluginParts, pulumiParts } from "./parts";
import { runSteps, type Step } from "./progress";
import { findPlugins, findPulumi } from "./pulumi";

/** Gets what is missing. */
export async function ensureToolchain(): Promise<void> {
    const wanted: Part[] = [];
    if (findPulumi() === undefined) wanted.push(...missingParts(pulumiParts));
    if (findPlugins() === undefined) wanted.push(...missingParts(pluginParts));
    if (wanted.length > 0) {
        await checkGo();
        const caches = await GoCaches.open();
        try {
            const steps = wanted.map(
                (part): Step => ({
                    title: `Build ${part.program}`,
                    why: "cannot be downloaded here",
                    work: (report) => buildPart(part, caches, report),
                }),
            );
            await runSteps(steps, cpus().length > 2 ? 3 : 2);
        } finally {
            caches.close();
        }
    }
    if (findPulumi()?.from === "build") writeLanguageHost();
    if (findPlugins() === "closed-network") writePlugins();
}
