import { doneBefore } from "../../components/restore/again";
import { choose } from "../../components/restore/choose";
import type { Facts, Impossible } from "../../components/restore/facts";
import { planOf, planText } from "../../components/restore/plan";
import { nextStep, type Step } from "../../components/restore/record";
import type { Target } from "../../components/restore/target";
import { restoreBackup } from "./backup";
import { gather, pointsAlong } from "./gather";
import { type Job, now, Refused, stopwatch, targetOf } from "./job";
import { replay } from "./replay";
import { archiveAll } from "./running";

/** Brings the volume to where the wish wants it, from wherever it is. */
export async function restore(job: Job): Promise<void> {
    const { wish, volume, say } = job;
    const target = targetOf(wish);
    const step = await stepTo(job, target);
    if (step === "nothing") {
        say(`restore ${wish.name} ${wish.pause ? "waits at its target" : "is done"}: nothing to do`);
        return;
    }
    if (typeof step === "object") throw new Refused(step.refused);
    if (!(await volume.takeOver()))
        throw new Refused(
            "another container runs PostgreSQL on this data volume: stop it, or name the restore otherwise",
        );
    // It is of a server that was killed: nobody else has the lock.
    volume.remove("postmaster.pid");
    // What is written now is no part of what was.
    const newest = wish.repositoryTime === undefined ? await archiveAll(job.revision, say) : undefined;
    const known = await gather(job.revision, {
        ...(newest === undefined ? {} : { archived: newest.repositories }),
        ...{ serverArguments: job.serverArguments, wish },
    });
    // What lies there already is no further room.
    const facts = {
        ...known,
        freeBytes: known.freeBytes === undefined ? undefined : known.freeBytes + (await volume.usedBytes()),
    };
    if (step === "restore") await restoreChosen(job, target, facts);
    await replay(job, target, newest?.segment);
}

/** From where the volume is. */
export async function stepTo(
    { revision, wish, volume }: Pick<Job, "revision" | "wish" | "volume">,
    target: Target,
): Promise<Step> {
    const record = volume.record();
    const isPoint = target.kind === "name" && record?.phase === "paused";
    return nextStep(record, wish, target, isPoint ? await pointsAlong(revision, record) : []);
}

async function restoreChosen(job: Job, target: Target, facts: Facts): Promise<void> {
    const { wish, volume, say } = job;
    const chosen = (await wasDone(job, facts)) ?? choose(wish, target, facts);
    if ("why" in chosen) throw new Refused(chosen.why, chosen.instead);
    for (const line of planText(planOf(chosen, wish, target, facts))) say(line);
    const began = now();
    const taken = stopwatch();
    const bytes = await restoreBackup(job, chosen);
    volume.save({
        wish,
        phase: "restored",
        repository: chosen.name,
        backup: chosen.backup.label,
        timeline: chosen.timeline,
        atEnd: false,
        bytes,
        restoreSeconds: taken(),
        segments: 0,
        replaySeconds: 0,
        began,
    });
    say(`the backup ${chosen.backup.label} is restored, in ${taken()} s`);
}

/** As the repository was, it does not know what was restored since; as it is, it may, where it can be read. */
async function wasDone({ wish, revision }: Job, { running }: Facts): Promise<Impossible | undefined> {
    if (wish.repositoryTime === undefined || running !== undefined) return undefined;
    const asItIs = await gather(revision).catch(() => undefined);
    return asItIs && doneBefore(wish, asItIs);
}
