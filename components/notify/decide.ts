import * as v from "valibot";
import type { Drilled } from "../drill/due";
import { CAUSES } from "../protection/cause";
import { type End, endsText } from "../protection/ends";
import type { RepositoryMemory, Verdict } from "../protection/state";
import { duration, minute } from "../protection/text";
import { nextRun } from "../schedule/runs";
import { digestText } from "./digest";
import { type Message, type Trouble, TROUBLES } from "./message";
import type { Notify } from "./wish";

/** More changes in an hour are not told one by one: the state that is there when the hour is over is. */
export const MOST_CHANGES = 6;
const HOUR = 3600;
/** What somebody has to see to though health is green: an error, and what ends soon. */
const BESIDE = ["error", "ending"] as const;
/** Seconds that these may last: they are part of how a stack begins, or are often over by themselves. */
const USUALLY_OVER = { first: HOUR, error: 900, unproven: 86_400 } as const;

/** What was told, and what is watched until it is. `error` and `ending` are beside a healthy verdict, nothing that all is well. */
const Condition = v.picklist(["", ...BESIDE, ...CAUSES]);
export type Condition = v.InferOutput<typeof Condition>;

const Newest = v.object({
    full: v.nullable(v.number()),
    diff: v.nullable(v.number()),
    incr: v.nullable(v.number()),
});

/** What the service remembers of what it told. All times are seconds since the epoch. */
export const Told = v.object({
    /** Was all well ever? What a stack begins with takes its time. */
    begun: v.boolean(),
    condition: Condition,
    /** When it was told last. */
    at: v.number(),
    /** The troubles that were told since all was well. */
    troubles: v.array(v.picklist(TROUBLES)),
    /** When changes were told, within the last hour. */
    changes: v.array(v.number()),
    /** What holds now, since when; and since when anything is wrong, whatever it is. */
    now: v.object({ condition: Condition, since: v.number() }),
    wrong: v.nullable(v.number()),
    /** When the newest drill ended that was told. */
    drill: v.number(),
    /** Of each repository. */
    newest: v.record(v.string(), Newest),
    /** When the last digest was made; troubles told since. */
    digest: v.number(),
    told: v.number(),
    /** How many messages there were ever. */
    count: v.number(),
});
export type Told = v.InferOutput<typeof Told>;

/** What is true now. */
export interface Seen {
    readonly now: number;
    readonly verdict: Verdict;
    /** The last error of the service, until it is over. */
    readonly error: string;
    /** What of the configuration is known to end. */
    readonly ends: readonly End[];
    readonly repositories: Readonly<Record<string, Pick<RepositoryMemory, "newest">>>;
    /** Those that say something of the repositories, oldest first. */
    readonly drills: readonly Drilled[];
    /** Has each repository that has drills had one? */
    readonly drilled: boolean;
    readonly silent: boolean;
}

type Wish = Pick<Notify, "after" | "repeat" | "digest" | "timezone">;

/** Before anything was told: what is there already is no news. */
export function nothingTold({ now, verdict, repositories, drills }: Seen): Told {
    return {
        begun: verdict.healthy,
        ...{ condition: "", at: now, troubles: [], changes: [], wrong: null, digest: now, told: 0, count: 0 },
        now: { condition: "", since: now },
        drill: drills.at(-1)?.ended ?? 0,
        newest: newestOf(repositories),
    };
}

/** What to tell now, given what was told last. Whoever receives it is another's matter. */
export function decide(
    wish: Wish,
    before: Told,
    seen: Seen,
): { readonly told: Told; readonly messages: readonly Message[] } {
    const watched = watch(before, seen);
    const news = [change(wish, watched, seen), ...results(watched, seen), digest(wish, watched, seen)];
    const found = seen.silent ? [] : news.filter((one) => one !== undefined);
    let count = watched.count;
    const messages = found.map(({ message }) => ({
        ...message,
        id: `${seen.now}-${++count}`,
        at: seen.now,
        protected: seen.verdict.protected,
        since: seen.verdict.since,
    }));
    const told = found.reduce<Told>((all, { changes }) => ({ ...all, ...changes }), watched);
    const newestDrill = seen.drills.at(-1)?.ended ?? 0;
    return {
        // Results that nobody was to hear of are old when the silence ends.
        told: {
            ...told,
            ...{ count, newest: newestOf(seen.repositories) },
            drill: Math.max(told.drill, newestDrill <= seen.now ? newestDrill : 0),
        },
        messages,
    };
}

interface News {
    readonly message: Pick<Message, "event" | "of" | "text">;
    /** Of what is remembered. */
    readonly changes: Partial<Told>;
}

function conditionOf({ verdict, error, ends, now }: Seen): Condition {
    if (!verdict.healthy) return verdict.cause ?? "configuration";
    if (error !== "") return "error";
    return endsText(ends, now) === "" ? "" : "ending";
}

/** Is the database protected, whatever somebody has to see to beside that? */
export function isWell(condition: Condition): boolean {
    return condition === "" || BESIDE.some((one) => one === condition);
}

/** Also where the clock was set back: what is of a time to come was just now. */
function watch(told: Told, seen: Seen): Told {
    const { now } = seen;
    const condition = conditionOf(seen);
    const { now: last } = told;
    return {
        ...told,
        begun: told.begun || seen.verdict.healthy,
        at: Math.min(told.at, now),
        digest: Math.min(told.digest, now),
        drill: Math.min(told.drill, now),
        changes: told.changes.filter((at) => at <= now && at > now - HOUR),
        now: {
            condition,
            since: last.condition === condition ? Math.min(last.since, now) : now,
        },
        wrong: condition === "" ? null : Math.min(told.wrong ?? now, now),
    };
}

/** Has it lasted for as long as it may without a word? */
function isRipe({ after }: Wish, { begun, now: { condition, since }, wrong }: Told, seen: Seen): boolean {
    const patience = begun ? patienceWith(after, condition, seen.drilled) : USUALLY_OVER.first;
    if (seen.now - since >= patience) return true;
    // What is wrong may change faster than that and still be wrong.
    return patience <= after && wrong !== null && seen.now - wrong >= Math.max(3 * after, USUALLY_OVER.error);
}

function patienceWith(after: number, condition: Condition, isDrilled: boolean): number {
    if (condition === "first" || condition === "error") return Math.max(after, USUALLY_OVER[condition]);
    return condition === "drill" && !isDrilled ? USUALLY_OVER.unproven : after;
}

/** Something has gone wrong, is another thing now, lasts for long, or is well again. */
function change(wish: Wish, told: Told, seen: Seen): News | undefined {
    const { now, verdict } = seen;
    const { condition } = told.now;
    if (told.changes.length >= MOST_CHANGES) return undefined;
    const again =
        condition === told.condition && condition !== "" && wish.repeat > 0 && now - told.at >= wish.repeat;
    if (!again && (condition === told.condition || !isRipe(wish, told, seen))) return undefined;
    const trouble = troubleOf(condition);
    const wasRed = !isWell(told.condition);
    const isRecovery = condition === "" || (verdict.healthy && wasRed);
    const still = again ? `still, since ${minute(told.now.since)} UTC: ` : "";
    return {
        message: isRecovery
            ? { event: "recovery", of: told.troubles, text: verdict.sentence }
            : { event: trouble, text: `${still}${verdict.sentence}` },
        changes: {
            ...{ condition, at: now, changes: [...told.changes, now] },
            troubles: condition === "" ? [] : [...new Set([...told.troubles, trouble])],
            told: told.told + (isRecovery || again ? 0 : 1),
        },
    };
}

function troubleOf(condition: Condition): Trouble {
    return condition === "late" || condition === "drill" ? condition : "failure";
}

/** Backups and drills that have ended well. */
function results(told: Told, { repositories, drills, now, verdict }: Seen): News[] {
    const backups = Object.entries(repositories).flatMap(([name, { newest }]) => {
        const known = told.newest[name];
        const kind = (["full", "diff", "incr"] as const).find(
            (one) => known !== undefined && (newest[one] ?? 0) > (known[one] ?? 0),
        );
        return kind === undefined
            ? []
            : [`the ${kind} backup of ${minute(newest[kind] ?? now)} UTC is in ${name}; ${verdict.sentence}`];
    });
    const drill = drills.at(-1);
    const isNew = drill !== undefined && drill.ended > told.drill && drill.ended <= now;
    return [
        ...backups.map((text): News => ({ message: { event: "success", text }, changes: {} })),
        // One that follows trouble with drills is told as the recovery from that.
        ...(isNew && drill.result === "passed" && told.condition !== "drill"
            ? [
                  {
                      message: { event: "drill", text: passed(drill, Object.keys(repositories).length > 1) },
                      changes: { drill: drill.ended },
                  } as const,
              ]
            : []),
    ];
}

function passed(
    { began, repository = "", recoveryTime, recoveryPoint }: Drilled,
    isOneOfSeveral: boolean,
): string {
    const newest = `the newest backup${isOneOfSeveral ? ` of ${repository}` : ""}`;
    const cost = [
        ...(recoveryTime === undefined ? [] : [`recovery time ${duration(recoveryTime)}`]),
        ...(recoveryPoint === undefined ? [] : [`recovery point ${duration(recoveryPoint)}`]),
    ];
    return [`the drill of ${minute(began)} UTC has passed: ${newest} restores`, ...cost].join(", ");
}

function digest({ digest, timezone }: Wish, told: Told, seen: Seen): News | undefined {
    if (digest === "" || (nextRun(digest, timezone, told.digest) ?? Infinity) > seen.now) return undefined;
    return {
        message: { event: "digest", text: digestText(seen, told.digest, told.told) },
        changes: { digest: seen.now, told: 0 },
    };
}

function newestOf(repositories: Seen["repositories"]): Told["newest"] {
    return Object.fromEntries(Object.entries(repositories).map(([name, { newest }]) => [name, newest]));
}
