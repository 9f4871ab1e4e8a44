// What the service says that it does while it takes a backup: people read it, and it tells whether a backup that is late is on its way.
import { BACKUPS } from "../schedule/file";
import type { State } from "./state";

const RUNNING = " backup: running";
const AGAIN = `${RUNNING} after a failure`;

/** @param failing what has failed and was not well since */
export function backingUpText(kind: (typeof BACKUPS)[number], failing: readonly string[]): string {
    return `${kind}${BACKUPS.some((one) => failing.includes(one)) ? AGAIN : RUNNING}`;
}

/** Does it take a backup? */
export function isBackingUp(activity: string): boolean {
    return activity.includes(RUNNING);
}

/** After one that failed? It may fail again, so what is late stays late: it would come and go with each try otherwise. */
export function isTryingAgain(activity: string): boolean {
    return activity.includes(AGAIN);
}

/** What it does for a repository, one of several or the only one. */
export function activityFor({ activity, doing }: Pick<State, "activity" | "doing">, name: string): string {
    return doing === undefined ? activity : (doing[name]?.activity ?? "");
}
