import { setTimeout as sleep } from "node:timers/promises";
import { PLACES } from "../../components/docker/places";
import { type Job, Refused, targetOf } from "./job";
import { startPaused } from "./replay";

const LATEST = { kind: "latest" } as const;

/** Seconds that the restore may take to let go of the volume. */
const PATIENCE = 60;
/** Milliseconds between two looks whether the restore wants to go on. */
const LOOK_EVERY = 500;

/** Shows a paused restore to people, read-only, on this container's own socket, until it is stopped or the restore wants to go on. */
export async function look(job: Job, stop: AbortSignal): Promise<void> {
    const { wish, volume, say } = job;
    const record = volume.record();
    if (record?.phase !== "paused" || record.wish.name !== wish.name) {
        say(`restore ${wish.name} is not paused any more: nothing to show`);
        return;
    }
    if (!(await volume.lock(PATIENCE))) throw new Refused("another container uses this data volume");
    volume.remove("postmaster.pid");
    const target = record.atEnd ? LATEST : targetOf(record.wish);
    const server = await startPaused(job, record, target, { unix_socket_directories: PLACES.sockets });
    say(`restore ${wish.name} can be read`);
    const ended = { yet: false };
    void server.ended.then(() => {
        ended.yet = true;
    });
    while (!stop.aborted && !volume.isWanted()) {
        if (ended.yet) throw new Refused(`PostgreSQL has ended: ${server.log.failure}`);
        await sleep(LOOK_EVERY, undefined, { signal: stop }).catch(() => undefined);
    }
    say(stop.aborted ? "stopping" : "the restore goes on: stopping");
    await server.stop();
}
