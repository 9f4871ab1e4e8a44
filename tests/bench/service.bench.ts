// The backup service of the last release, which was a shell script, and today's: what it costs while nothing is due, and how long a new
// configuration takes to be in force.
import { Containers } from "../support/containers";
import { mustDocker } from "../support/docker";
import { productImage, releaseImage, type TestImage } from "../support/images";
import { edited } from "../support/inputs";
import { releases } from "../support/releases";
import { amount, median, runs, shown } from "./measure";

const release = releases.at(-1) ?? "";

export default async function (): Promise<void> {
    await measure(`release ${release}`, releaseImage(release));
    await measure("now", productImage());
}

async function measure(title: string, image: TestImage): Promise<void> {
    const containers = await Containers.create(Promise.resolve(image.name));
    try {
        await must(containers.setup());
        await containers.postgres();
        await containers.backup();
        await must(containers.apply());
        const changes: number[] = [];
        for (let run = 0; run < runs(5); run++) {
            const files = edited("pgbackrest.conf", "retention-full=8", `retention-full=${9 + run}`);
            await must(containers.setup({ files }));
            const begun = Date.now();
            await must(containers.apply());
            changes.push((Date.now() - begun) / 1000);
        }
        const seconds = amount(120, 5);
        const before = await cpuSeconds(containers);
        await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
        const idle = ((await cpuSeconds(containers)) - before) / seconds;
        const [all, own] = await residentMiB(containers);
        const [counted = ""] = (
            await mustDocker(["stats", "--no-stream", "--format", "{{.MemUsage}}", containers.name("backup")])
        ).split(" ");
        const size = Number(await mustDocker(["image", "inspect", "--format", "{{.Size}}", image.name]));
        console.log(
            `service ${title}: ${shown(all)} MiB resident (${shown(own)} MiB its own; \`docker stats\`: ${counted}), ${(idle * 100).toFixed(2)} % of a CPU while idle, ` +
                `${shown(median(changes))} s from a new revision to protected, image ${Math.round(size / 1e6)} MB`,
        );
    } finally {
        await containers.remove();
    }
}

async function must(result: Promise<{ readonly ok: boolean; readonly output: string }>): Promise<void> {
    const { ok, output } = await result;
    if (!ok) throw new Error(output);
}

/** Of all processes of the container so far, in cgroups of version 1 and 2. */
async function cpuSeconds(containers: Containers): Promise<number> {
    const script =
        "if [ -e /sys/fs/cgroup/cpu.stat ]; then sed -n 's/usage_usec //p' /sys/fs/cgroup/cpu.stat; else echo $(($(cat /sys/fs/cgroup/cpuacct/cpuacct.usage) / 1000)); fi";
    return Number((await containers.exec("backup", "sh", "-c", script)).stdout) / 1e6;
}

/** Of the service's processes: with the pages of files, and without. */
async function residentMiB(containers: Containers): Promise<readonly [number, number]> {
    // The shell that asks has started after them; it and its sed are not counted.
    const script =
        'for p in /proc/[0-9]*; do [ "${p#/proc/}" -gt 1 ] && [ "${p#/proc/}" != $$ ] && sed -nE "s/^(VmRSS|RssAnon):[^0-9]*([0-9]+).*/\\1 \\2/p" $p/status; done 2>/dev/null | ' +
        'awk \'{sum[$1] += $2} END {print sum["VmRSS"], sum["RssAnon"]}\'';
    const [all = 0, own = 0] = (await containers.exec("backup", "sh", "-c", script)).stdout
        .trim()
        .split(" ")
        .map(Number);
    return [all / 1024, own / 1024];
}
