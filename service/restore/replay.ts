import { existsSync, readFileSync } from "node:fs";
import { readLsn } from "../../components/protection/lsn";
import { oneLine } from "../../components/protection/text";
import { timelineName, timelineNumber, withRestore } from "../../components/restore/history";
import type { RestoreRecord } from "../../components/restore/record";
import type { RecoveryLog } from "../../components/restore/serverLog";
import { lsnText, recoverySettings, type Target } from "../../components/restore/target";
import { argumentsFor, eachOf } from "../world";
import { type Job, now, Refused, stopwatch } from "./job";
import { pgbackrest } from "./pgbackrest";
import { controlData, RecoveryFailed, Server } from "./server";

type ServerSettings = Readonly<Record<string, string>>;

const RECOVERY = "recovery.signal";
/** PostgreSQL replays and waits for more, and never ends that by itself. */
const STANDBY = "standby.signal";
/** Seconds between two lines of progress. */
const SHOW_EVERY = 10;
/** pgBackRest's error where another file of that name is there. */
const CONFLICT = "[045]";
/** Whoever connects too early. */
const TURNED_AWAY = /^FATAL: {2}the database system is/;

type Done = Pick<RestoreRecord, "lsn" | "lastCommit" | "segments"> &
    Partial<Pick<RestoreRecord, "atEnd">> & {
        readonly phase: "done" | "paused" | "following";
    };

/**
 * Replays WAL to the target, and goes on as far as the wish wants: a timeline of its own, a pause, or PostgreSQL's start.
 * @param newest segment of the running database, which is to be there; nothing where none runs
 */
export async function replay(job: Job, target: Target, newest: string | undefined): Promise<void> {
    const { wish, volume, say, note } = job;
    const record = volume.record();
    if (record === undefined) throw new Error("nothing was restored");
    const taken = stopwatch();
    volume.save({ ...record, wish, phase: "replaying" });
    try {
        const done = await goTo(job, record, target, newest);
        const segments = record.segments + done.segments;
        const replaySeconds = record.replaySeconds + taken();
        volume.save({ ...record, ...done, wish, segments, replaySeconds, ended: now() });
        say(doneText(wish.name, done, taken()));
        if (done.phase === "paused") note(pausedText(job, done));
    } catch (error) {
        if (!(error instanceof RecoveryFailed)) throw error;
        throw new Refused(
            `the recovery ended: ${error.message}`,
            error.lastCommit === undefined ? [] : [`the last commit on the way is of ${error.lastCommit}`],
        );
    }
}

async function goTo(
    job: Job,
    record: RestoreRecord,
    target: Target,
    newest: string | undefined,
): Promise<Done> {
    const { pause: isPaused, repositoryTime } = job.wish;
    // Of a repository as it was, more will never come.
    if (target.kind === "latest" && (isPaused || repositoryTime === undefined))
        return follow(job, record, newest);
    try {
        return await (isPaused ? pause(job, record, target) : promote(job, record, target));
    } catch (error) {
        // PostgreSQL knows that a time is past only by a later commit, and this one lies in the WAL that there is.
        if (!(error instanceof RecoveryFailed) || !error.isAtEnd || target.kind !== "time") throw error;
        job.say(`no commit after ${error.lastCommit ?? "the backup"} is in the WAL: its end is that moment`);
        if (!isPaused) return promote(job, record, { kind: "latest" });
        return { ...(await follow(job, record, newest)), atEnd: true };
    }
}

function doneText(name: string, { phase, lastCommit, segments }: Done, seconds: number): string {
    const replayed = `${segments} WAL segment${segments === 1 ? "" : "s"} replayed in ${seconds} s`;
    const commit = lastCommit === undefined ? "" : `, last commit ${lastCommit}`;
    const state: Readonly<Record<Done["phase"], string>> = {
        done: "it is at its target, on a timeline of its own",
        paused: "it waits at its target, for people to look",
        following: "it is at the end of the WAL; what is written until PostgreSQL starts on it follows then",
    };
    return `restore ${name}: ${replayed}${commit}: ${state[phase]}`;
}

function pausedText({ wish, look }: Job, { lsn, lastCommit }: Done): string {
    const at = lsn === undefined ? "" : `, at ${lsnText(BigInt(lsn))} in the WAL`;
    const commit = lastCommit === undefined ? "" : `, its last commit of ${lastCommit}`;
    return `restore ${wish.name} waits for people to look${at}${commit}: docker exec -it ${look} psql`;
}

/** A server that replays along the history of a timeline, and tells how far it is. */
export function startServer(
    { serverArguments, say }: Pick<Job, "serverArguments" | "say">,
    { timeline }: Pick<RestoreRecord, "timeline">,
    settings: ServerSettings,
): Promise<Server> {
    let shown = now();
    return Server.start(
        serverArguments,
        { ...settings, recovery_target_timeline: String(timeline) },
        (line, { segments, segment }) => {
            if (/^(?:WARNING|ERROR|FATAL|PANIC): /.test(line) && !TURNED_AWAY.test(line)) say(line);
            if (now() - shown < SHOW_EVERY) return;
            shown = now();
            say(`replaying: ${segments} segments, now ${segment}`);
        },
    );
}

/** To the end of the WAL that there is. */
async function follow(job: Job, record: RestoreRecord, newest: string | undefined): Promise<Done> {
    const { volume, wish } = job;
    volume.write(STANDBY, "");
    const server = await startServer(job, record, {
        hot_standby: "off",
        // So often it asks whether there is more.
        wal_retrieve_retry_interval: "1s",
    });
    // That of another timeline is not expected.
    const last = newest !== undefined && timelineNumber(newest) === record.timeline ? newest : "";
    await server.until(({ segment, isWaiting }) => isWaiting && segment >= last);
    await server.stop();
    if (wish.pause) return { phase: "paused", ...(await reached(server.log)) };
    volume.write(RECOVERY, "");
    volume.remove(STANDBY);
    return { phase: "following", ...(await reached(server.log)) };
}

/** To the target, without writing anything. */
async function pause(job: Job, record: RestoreRecord, target: Target): Promise<Done> {
    const server = await startPaused(job, record, target);
    const { ok, output } = await server.ask("select pg_last_xact_replay_timestamp()");
    await server.stop();
    const commit = ok && output !== "" ? { lastCommit: output } : {};
    return { phase: "paused", ...(await reached(server.log)), ...commit };
}

/** A server that stands at the target and can be read; at the end of the WAL it goes on with what comes. */
export async function startPaused(
    job: Job,
    record: RestoreRecord,
    target: Target,
    settings: ServerSettings = {},
): Promise<Server> {
    // Once more than needed only where settings turn out to be too small on the way.
    for (;;) {
        const server = await startServer(job, record, {
            hot_standby: "on",
            ...recoverySettings(target, job.wish.inclusive),
            recovery_target_action: "pause",
            ...settings,
        });
        const isThere = (log: RecoveryLog) => (target.kind === "latest" ? log.isReadable : log.isPaused);
        await server.until((log) => isThere(log) || log.isTooSmall);
        if (isThere(server.log)) return server;
        await server.stop();
    }
}

/** To the target and on to a timeline of its own. */
async function promote(job: Job, record: RestoreRecord, target: Target): Promise<Done> {
    const { volume } = job;
    // One that was to follow would wait for ever where the target is the end of the WAL.
    if (volume.has(STANDBY)) volume.write(RECOVERY, "");
    volume.remove(STANDBY);
    const server = await startServer(job, record, {
        hot_standby: "off",
        ...recoverySettings(target, job.wish.inclusive),
        recovery_target_action: "promote",
    });
    await server.until(({ isReady }) => isReady);
    await pushHistory(job, server.log.newTimeline ?? (await timelineOf(server)));
    // Nothing has to be replayed at PostgreSQL's start then.
    await server.ask("checkpoint", 3600);
    await server.stop();
    return { phase: "done", ...(await reached(server.log)) };
}

/** Of one that had its own already when an earlier run was killed: it is not told again. */
async function timelineOf(server: Server): Promise<number | undefined> {
    const { ok, output } = await server.ask("select pg_walfile_name(pg_current_wal_insert_lsn())");
    return ok ? Number.parseInt(output.slice(0, 8), 16) : undefined;
}

/** Makes the new timeline known in the repository at once, so that no other restore takes the same number. */
async function pushHistory(
    { revision, volume, wish, say }: Job,
    timeline: number | undefined,
): Promise<void> {
    if (timeline === undefined) throw new Error("PostgreSQL has not told its timeline");
    const name = `pg_wal/${timelineName(timeline)}.history`;
    const file = volume.file(name);
    if (!existsSync(file)) throw new Error(`PostgreSQL has not written ${file}`);
    // Before PostgreSQL's own start archives it, too.
    volume.write(name, withRestore(readFileSync(file, "utf8"), wish));
    const pushed = await Promise.all(
        eachOf(revision).map(async (one) => {
            const options = ["--log-level-console=warn", "--no-archive-async", "archive-push", file];
            const { status, all } = await pgbackrest(revision, argumentsFor(one, options));
            return { name: one.repository.name, said: status === 0 ? undefined : all };
        }),
    );
    const refused = pushed.flatMap(({ name, said }) => (said === undefined ? [] : [`${name}: ${said}`]));
    if (refused.length === 0) return;
    // What the repository is now may be what somebody has left of it: PostgreSQL archives the file when it can. Where one has taken it, too.
    const isKnown = refused.length < pushed.length || wish.repositoryTime !== undefined;
    if (!isKnown || refused.some((said) => said.includes(CONFLICT)))
        throw new Refused(`the new timeline cannot be made known in the repository ${refused.join("; ")}`);
    for (const said of refused)
        say(
            `PostgreSQL makes the new timeline known when the repository takes it; now: ${oneLine(said, 300)}`,
        );
}

async function reached(log: RecoveryLog): Promise<Pick<RestoreRecord, "lsn" | "lastCommit" | "segments">> {
    const control = await controlData();
    const end = control.get("Minimum recovery ending location") ?? "0/0";
    const text = end === "0/0" ? (control.get("Latest checkpoint location") ?? "0/0") : end;
    return {
        segments: log.segments,
        lsn: String(readLsn(text) ?? 0n),
        ...(log.lastCommit === undefined ? {} : { lastCommit: log.lastCommit }),
    };
}
