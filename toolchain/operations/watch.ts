// What takes long is watched: how far it is, how fast, and when it ends.
import { setTimeout as sleep } from "node:timers/promises";
import type { Report } from "../../components/protection/info";
import { bytes, duration } from "../../components/protection/text";
import { interruptedStatus } from "../errors";
import type { AtWork } from "./atWork";
import type { User } from "./operation";
import { amountText } from "./reach";
import type { Repository } from "./repositories";

type Progress = NonNullable<Report["progress"]>;

interface Sample extends Progress {
    /** In seconds. */
    readonly at: number;
}

/** `43 % of 1.2GiB, 85MiB/s, 12 s left`; without a rate before there is one. */
export function progressText(first: Sample, now: Sample): string {
    const rate = (now.done - first.done) / (now.at - first.at);
    const pace =
        Number.isFinite(rate) && rate > 0
            ? `, ${bytes(rate)}/s, ${duration((now.all - now.done) / rate)} left`
            : "";
    return `${amountText(now)}${pace}`;
}

/** Milliseconds between two looks. */
const LOOK_EVERY = 1000;

export interface Watched {
    readonly stack: AtWork;
    readonly user: User;
    readonly repository: Repository;
}

/** Shows how far a backup is, whoever began it, until what it waits for ends. ^C ends the watching; what runs in the container goes on. */
export async function watched<T>(
    { stack, user, repository }: Watched,
    what: () => string,
    running: Promise<T>,
): Promise<T> {
    const leave = (): void => {
        user.say(`${what()} goes on in ${stack.backup}: npm run ops -- status tells of it.`);
        process.exit(interruptedStatus);
    };
    process.once("SIGINT", leave);
    const end = new AbortController();
    const { signal } = end;
    const isRunning = (): boolean => !signal.aborted;
    const ended = running.finally(() => {
        end.abort();
    });
    let first: Sample | undefined;
    try {
        while (isRunning()) {
            await sleep(LOOK_EVERY, undefined, { signal }).catch(() => undefined);
            const progress = isRunning() ? await stack.progress(repository) : undefined;
            if (progress === undefined) continue;
            const now = { ...progress, at: Date.now() / 1000 };
            // Another backup has begun, or this one anew.
            if (first?.all !== now.all || now.done < first.done) first = now;
            user.progress(`${what()}: ${progressText(first, now)}`);
        }
        return await ended;
    } finally {
        process.off("SIGINT", leave);
    }
}
