import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { Choice } from "../../components/restore/choose";
import { pastOptions } from "../../components/restore/past";
import type { Wish } from "../../components/restore/wish";
import type { Revision } from "../world";
import { type Job, Refused } from "./job";
import { pgbackrest } from "./pgbackrest";

/**
 * Brings the files of a backup to the volume; what is right of those that lie there stays.
 * @param stop ends it, and what is there then is of use for the next one
 * @returns bytes of the database
 */
export async function restoreBackup(
    {
        revision,
        volume,
        say,
        wish = {},
    }: Pick<Job, "revision" | "volume" | "say"> & { readonly wish?: Partial<Wish> },
    { repository, walFrom, backup, timeline }: Choice,
    stop?: AbortSignal,
): Promise<number> {
    volume.sweep();
    const isThere = !volume.isEmpty();
    if (isThere) say("there are data already: what is right of them stays");
    const bytes = { restored: 0 };
    const past = pastOptions(wish);
    const { status, all } = await pgbackrest(
        revision,
        [
            `--repo=${repository}`,
            ...past,
            `--set=${backup.label}`,
            "--type=default",
            `--target-timeline=${timeline}`,
            // As it is typed: of whatever revision and repository there is when WAL is fetched. What was is in one repository.
            `--recovery-option=restore_command=${archiveGet(revision.stanza, walFrom, past)}`,
            `--process-max=${cpus()}`,
            "--log-level-console=detail",
            ...(isThere ? ["--delta"] : []),
            ...(backup.damaged ? await withDamage(revision) : []),
            "restore",
        ],
        progress(say, bytes),
        stop,
    );
    if (status !== 0) throw new Refused(`pgbackrest restore failed: ${lastError(all)}`);
    return bytes.restored;
}

/** One after the other is asked where not all are to be. */
export function archiveGet(stanza: string, walFrom: Choice["walFrom"], past: readonly string[]): string {
    const each = walFrom === "all" ? [[]] : walFrom.map((number) => [`--repo=${number}`]);
    const quoted = past.map((option) => `"${option}"`);
    return each
        .map((repo) => [`pgbackrest --stanza=${stanza}`, ...repo, ...quoted, 'archive-get %f "%p"'].join(" "))
        .join(" || ");
}

/** pgBackRest ends at the first damaged page unless it is told otherwise; before 2.60 it did not, and knows no such option. */
async function withDamage(revision: Revision): Promise<readonly string[]> {
    const option = "checksum-page-error";
    const { status } = await pgbackrest(revision, ["help", "restore", option]);
    return status === 0 ? [`--no-${option}`] : [];
}

/** Shows the files that pgBackRest names, as percentages. */
function progress(say: (text: string) => void, bytes: { restored: number }): (line: string) => void {
    let shown = -10;
    return (line) => {
        const total = /restore size = ([\d.]+)(\w+), file total/.exec(line);
        if (total !== null) bytes.restored = bytesOf(Number(total[1]), total[2] ?? "B");
        const percent = Number(/ restore file .*, ([\d.]+)%\)/.exec(line)?.[1] ?? NaN);
        if (percent < shown + 10) return;
        if (Number.isNaN(percent)) return;
        shown = percent;
        say(`restoring: ${Math.floor(percent)} %`);
    };
}

function bytesOf(number: number, unit: string): number {
    return Math.round(number * 1024 ** Math.max(0, ["B", "KB", "MB", "GB", "TB", "PB"].indexOf(unit)));
}

function lastError(text: string): string {
    const errors = [...text.matchAll(/ERROR: \[\d+\]: (.+)/g)].map(([, message = ""]) => message);
    return errors[0] ?? text.split("\n").at(-1) ?? "";
}

/** Of the container: as many processes as it has CPUs restore fastest. */
export function cpus(): number {
    return Math.max(1, Math.ceil(cpuLimit()));
}

/** CPUs that the container may use. */
export function cpuLimit(): number {
    for (const [file, pattern] of [
        ["/sys/fs/cgroup/cpu.max", /^(\d+) (\d+)/],
        ["/sys/fs/cgroup/cpu/cpu.cfs_quota_us", /^(\d+)/],
    ] as const) {
        try {
            const [, quota = "", period = "100000"] = pattern.exec(readFileSync(file, "utf8")) ?? [];
            if (quota !== "") return Number(quota) / Number(period);
        } catch {
            // Another version of cgroups.
        }
    }
    return availableParallelism();
}
