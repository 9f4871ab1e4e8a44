import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { choose, type Choice } from "../../components/restore/choose";
import type { Facts } from "../../components/restore/facts";
import { planOf, planText } from "../../components/restore/plan";
import { nextStep } from "../../components/restore/record";
import { readTarget, type Target } from "../../components/restore/target";
import { gather } from "./gather";
import type { Revision } from "../world";
import { type Job, now, Refused } from "./job";
import { pgbackrest } from "./pgbackrest";
import { replay } from "./replay";
import { archiveAll } from "./running";

/** Brings the volume to where the wish wants it, from wherever it is. */
export async function restore(job: Job): Promise<void> {
    const { wish, volume, say } = job;
    const target = readTarget(wish.at, now());
    if (typeof target === "string") throw new Refused(`at: ${wish.at} ${target}`);
    const step = nextStep(volume.record(), wish, target);
    if (step === "nothing") {
        say(`restore ${wish.name} is done: nothing to do`);
        return;
    }
    if (typeof step === "object") throw new Refused(step.refused);
    if (!(await volume.takeOver()))
        throw new Refused(
            "another container runs PostgreSQL on this data volume: stop it, or name the restore otherwise",
        );
    // It is of a server that was killed: nobody else has the lock.
    volume.remove("postmaster.pid");
    const newest = await archiveAll(say);
    const known = await gather(job.revision, newest !== undefined);
    // What lies there already is no further room.
    const facts = {
        ...known,
        freeBytes: known.freeBytes === undefined ? undefined : known.freeBytes + (await volume.usedBytes()),
    };
    if (step === "restore") await restoreBackup(job, target, facts);
    await replay(job, target, newest);
}

async function restoreBackup(job: Job, target: Target, facts: Facts): Promise<void> {
    const { wish, volume, say, revision } = job;
    const chosen = choose(wish, target, facts);
    if ("why" in chosen) throw new Refused(chosen.why, chosen.instead);
    for (const line of planText(planOf(chosen, wish, target, facts))) say(line);
    const began = now();
    const { number } = repositoryOf(facts, chosen);
    const isThere = !volume.isEmpty();
    if (isThere) say("there are data already: what is right of them stays");
    const bytes = { restored: 0 };
    const { status, all } = await pgbackrest(
        revision,
        [
            `--repo=${number}`,
            `--set=${chosen.backup.label}`,
            "--type=default",
            `--target-timeline=${chosen.timeline}`,
            // As it is typed: of whatever revision and repository there is when WAL is fetched.
            `--recovery-option=restore_command=pgbackrest --stanza=${revision.stanza} archive-get %f "%p"`,
            `--process-max=${cpus()}`,
            "--log-level-console=detail",
            ...(isThere ? ["--delta"] : []),
            ...(chosen.backup.damaged ? await withDamage(revision) : []),
            "restore",
        ],
        progress(say, bytes),
    );
    if (status !== 0) throw new Refused(`pgbackrest restore failed: ${lastError(all)}`);
    volume.save({
        wish,
        phase: "restored",
        repository: chosen.name,
        backup: chosen.backup.label,
        timeline: chosen.timeline,
        atEnd: false,
        bytes: bytes.restored,
        restoreSeconds: now() - began,
        segments: 0,
        replaySeconds: 0,
        began,
    });
    say(`the backup ${chosen.backup.label} is restored, in ${now() - began} s`);
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

function repositoryOf(facts: Facts, { repository }: Choice) {
    const found = facts.repositories.find(({ number }) => number === repository);
    if (found === undefined) throw new Error(`no repository ${repository}`);
    return found;
}

/** Of the container: as many processes as it has CPUs restore fastest. */
function cpus(): number {
    for (const [file, pattern] of [
        ["/sys/fs/cgroup/cpu.max", /^(\d+) (\d+)/],
        ["/sys/fs/cgroup/cpu/cpu.cfs_quota_us", /^(\d+)/],
    ] as const) {
        try {
            const [, quota = "", period = "100000"] = pattern.exec(readFileSync(file, "utf8")) ?? [];
            if (quota !== "") return Math.max(1, Math.ceil(Number(quota) / Number(period)));
        } catch {
            // Another version of cgroups.
        }
    }
    return availableParallelism();
}
