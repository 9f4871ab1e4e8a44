import * as v from "valibot";
import { fromJson } from "../../components/fields";
import { Message } from "../../components/notify/message";

export const USUAL_PATIENCE = 20_000;

/** What the service asks of the program that sends. Nothing of it is secret. */
export const Job = v.object({
    letters: v.array(
        v.object({
            receiver: v.string(),
            last: Message,
            /** Oldest first. */
            earlier: v.array(Message),
            forgotten: v.number(),
        }),
    ),
    ping: v.boolean(),
    /** Milliseconds until a receiver that says nothing is taken for away. */
    patience: v.optional(v.number(), USUAL_PATIENCE),
});
export type Job = v.InferOutput<typeof Job>;
export type JobInput = v.InferInput<typeof Job>;

/** How each has answered, by name; `ping` is the dead man's switch. */
export const Answers = v.record(v.string(), v.object({ ok: v.boolean(), text: v.string() }));
export type Answers = v.InferOutput<typeof Answers>;

/** The name of the dead man's switch among the answers. */
export const PING = "ping";

export function readAnswers(json: string): Answers | undefined {
    return fromJson(Answers, json);
}

export function readJob(json: string): Job | undefined {
    return fromJson(Job, json);
}
