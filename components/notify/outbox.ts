import * as v from "valibot";
import { Message } from "./message";
import type { Receiver } from "./wish";

/** Seconds until it is tried again: longer each time, and never given up. */
const FIRST_WAIT = 30;
const LONGEST_WAIT = 3600;
/** A receiver that is away for long hears of the newest so many, and that there were more. */
export const KEPT_MESSAGES = 50;

const Waiting = v.object({
    /** Oldest first. */
    messages: v.array(Message),
    /** Messages that were forgotten because there were too many. */
    forgotten: v.number(),
    /** How often the sending of these has failed, when it is tried again, and what was wrong. */
    tries: v.number(),
    next: v.number(),
    problem: v.string(),
});
export type Waiting = v.InferOutput<typeof Waiting>;

export const Outbox = v.record(v.string(), Waiting);
/** What waits for each receiver, by its name. */
export type Outbox = v.InferOutput<typeof Outbox>;

const NOTHING: Waiting = { messages: [], forgotten: 0, tries: 0, next: 0, problem: "" };

/** Does a receiver want to hear this? Of a recovery who heard of the trouble. */
export function wants(
    { events }: Pick<Receiver, "events">,
    { event, of }: Pick<Message, "event" | "of">,
): boolean {
    return events.includes(event) && (of === undefined || of.some((trouble) => events.includes(trouble)));
}

export function withMessages(
    outbox: Outbox,
    receivers: readonly Pick<Receiver, "name" | "events">[],
    messages: readonly Message[],
): Outbox {
    return Object.fromEntries(
        receivers.flatMap((receiver) => {
            const waiting = outbox[receiver.name] ?? NOTHING;
            const all = [...waiting.messages, ...messages.filter((message) => wants(receiver, message))];
            const forgotten = Math.max(0, all.length - KEPT_MESSAGES);
            return all.length === 0
                ? []
                : [
                      [
                          receiver.name,
                          {
                              ...waiting,
                              messages: all.slice(forgotten),
                              forgotten: waiting.forgotten + forgotten,
                          },
                      ] as const,
                  ];
        }),
    );
}

/** Whose turn it is. */
export function dueNow(outbox: Outbox, now: number): string[] {
    return Object.entries(outbox).flatMap(([name, { messages, next, tries }]) =>
        // Where the clock was set back, not for as long as that.
        messages.length > 0 && (next <= now || next > now + waitAfter(tries)) ? [name] : [],
    );
}

/** Seconds after so many failures. */
function waitAfter(tries: number): number {
    return Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(Math.max(tries - 1, 0), 10));
}

/** @param sent the messages that have arrived: others may have come meanwhile */
export function delivered(outbox: Outbox, name: string, sent: readonly Message[]): Outbox {
    const ids = new Set(sent.map(({ id }) => id));
    const rest = (outbox[name]?.messages ?? []).filter(({ id }) => !ids.has(id));
    const others = Object.entries(outbox).filter(([other]) => other !== name);
    return Object.fromEntries([
        ...others,
        ...(rest.length === 0 ? [] : [[name, { ...NOTHING, messages: rest }] as const]),
    ]);
}

export function failed(outbox: Outbox, name: string, problem: string, now: number): Outbox {
    const waiting = outbox[name];
    if (waiting === undefined) return outbox;
    const tries = waiting.tries + 1;
    return { ...outbox, [name]: { ...waiting, tries, next: now + waitAfter(tries), problem } };
}

/** Who has changed its settings is tried at once: that may be the cure. */
export function atOnce(outbox: Outbox): Outbox {
    return Object.fromEntries(
        Object.entries(outbox).map(([name, waiting]) => [name, { ...waiting, next: 0 }]),
    );
}
