import { join } from "node:path";
import { run } from "../../toolchain/run";
import { contentOf, type TestImage } from "./images";

const SOURCES = join(import.meta.dirname, "prometheus");

/** Prometheus, Alertmanager and promtool. */
export function prometheusImage(): TestImage {
    const name = `pgbackrest-test-prometheus:${contentOf(SOURCES)}`;
    return {
        name,
        title: "Build the image of Prometheus",
        why: "alert rules are tested with the real promtool; the engine keeps it",
        build: async (report) => {
            await run("docker", ["build", "--tag", name, SOURCES], { onLine: report });
        },
    };
}
