import * as v from "valibot";
import { minute, oneLine } from "../protection/text";
import { EVENTS, type Notify } from "./wish";

/** The kinds of trouble that a receiver chooses between. */
export const TROUBLES = ["failure", "late", "drill"] as const;
export type Trouble = (typeof TROUBLES)[number];

/** As it waits for its receivers. All of it derives from one verdict. */
export const Message = v.object({
    /** Another one for each; a receiver that gets it twice knows it by that. */
    id: v.string(),
    /** Seconds since the epoch. */
    at: v.number(),
    event: v.picklist(EVENTS),
    /** What a recovery is of: all that was told since all was well. */
    of: v.optional(v.array(v.picklist(TROUBLES))),
    protected: v.boolean(),
    /** Since when it is that. */
    since: v.number(),
    /** The verdict's own sentence, or what was found beside it; of a digest several lines. */
    text: v.string(),
});
export type Message = v.InferOutput<typeof Message>;

/** What a receiver gets: one message, or several that had to wait, as one. */
export interface Letter {
    readonly id: string;
    readonly event: Message["event"] | "test";
    readonly time: string;
    readonly name: string;
    readonly stack: string;
    readonly protected: boolean;
    readonly since: string;
    readonly title: string;
    readonly text: string;
    /** Earlier ones that had to wait, oldest first. */
    readonly missed: readonly { readonly time: string; readonly event: string; readonly text: string }[];
}

const TITLES: Readonly<Record<Message["event"], string>> = {
    failure: "NOT PROTECTED",
    late: "BACKUP LATE",
    drill: "RESTORE NOT PROVEN",
    recovery: "well again",
    success: "done",
    digest: "summary",
};

function titleOf({ event, protected: isProtected }: Message): string {
    // Beside a protected database trouble is less than a failure, and of a drill only one that has passed is told.
    if (isProtected && event === "failure") return "TROUBLE";
    return isProtected && event === "drill" ? "drill passed" : TITLES[event];
}

/**
 * What waits for a receiver, as one.
 * @param last the newest
 * @param earlier those before it, oldest first
 * @param forgotten how many there were before those
 */
export function letterOf(
    { name, stack }: Pick<Notify, "name" | "stack">,
    {
        last,
        earlier,
        forgotten,
    }: { readonly last: Message; readonly earlier: readonly Message[]; readonly forgotten: number },
    now: number,
): Letter {
    const late = now - last.at > 300 ? ` (of ${minute(last.at)} UTC)` : "";
    const missed = earlier.map(({ at, event, text }) => ({ time: iso(at), event, text }));
    const before =
        earlier.length === 0
            ? ""
            : [
                  "",
                  "",
                  "Before that, while nothing could be sent:",
                  ...(forgotten === 0 ? [] : [`${forgotten} more, which are forgotten`]),
                  ...earlier.map(({ at, text }) => `${minute(at)} UTC: ${oneLine(text, 500)}`),
              ].join("\n");
    return {
        id: last.id,
        event: last.event,
        time: iso(last.at),
        name,
        stack,
        protected: last.protected,
        since: iso(last.since),
        title: `${name} (${stack}): ${titleOf(last)}${late}`,
        text: `${last.text}${before}`,
        missed,
    };
}

/** What somebody gets who tries whether it arrives. */
export function testLetter({ name, stack }: Pick<Notify, "name" | "stack">, now: number): Letter {
    return {
        ...{
            id: `test-${now}`,
            event: "test",
            time: iso(now),
            name,
            stack,
            protected: true,
            since: iso(now),
        },
        title: `${name} (${stack}): test`,
        text: "A test: nothing has happened. What follows trouble with the backups of this database arrives here.",
        missed: [],
    };
}

function iso(seconds: number): string {
    return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}

/** The body for those who have no template: its schema is docs/notification.schema.json. */
export function ownBody(letter: Letter): string {
    return JSON.stringify({ version: 1, ...letter });
}
