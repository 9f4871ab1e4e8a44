import { readFileSync } from "node:fs";
import { join } from "node:path";
import { letterOf, type Letter, testLetter } from "../../components/notify/message";
import { type Notify, type Receiver, secretsOf, withoutSecrets } from "../../components/notify/wish";
import { oneLine } from "../../components/protection/text";
import { sendEmail } from "./email";
import { readWish } from "./files";
import { type Answers, type Job, PING, USUAL_PATIENCE } from "./job";
import { type Answer, askPing, postWebhook } from "./post";
import { makeReport } from "./report";

/** What is wrong with a revision's, for whoever published it. */
export function problemOf(directory: string): string | undefined {
    try {
        const wish = readWish(directory);
        for (const { ca } of [...(wish?.receivers ?? []), ...(wish?.ping === undefined ? [] : [wish.ping])])
            certificate(directory, ca);
        return undefined;
    } catch (error) {
        return error instanceof Error ? error.message : String(error);
    }
}

/** Sends all of it at once: who is slow keeps nobody else waiting. */
export async function send(directory: string, job: Job, now: number): Promise<Answers> {
    const wish = readWish(directory);
    if (wish === undefined) return {};
    const letters = job.letters.flatMap(({ receiver, ...waiting }) => {
        const known = wish.receivers.find(({ name }) => name === receiver);
        return known === undefined ? [] : [[known, letterOf(wish, waiting, now)] as const];
    });
    return all(directory, wish, letters, { ...job, now });
}

/** Sends everybody a test, the dead man's switch too. */
export async function sendTest(directory: string, only: string | undefined, now: number): Promise<Answers> {
    const wish = readWish(directory);
    if (wish === undefined) return {};
    const letter = testLetter(wish, now);
    const chosen = wish.receivers.filter(({ name }) => only === undefined || name === only);
    const letters = chosen.map((receiver) => [receiver, letter] as const);
    const ping = only === undefined || only === PING;
    return all(directory, wish, letters, { ping, patience: USUAL_PATIENCE, now });
}

async function all(
    directory: string,
    wish: Notify,
    letters: readonly (readonly [Receiver, Letter])[],
    { ping: isPinged, patience, now }: Pick<Job, "ping" | "patience"> & { readonly now: number },
): Promise<Answers> {
    const secrets = secretsOf(wish);
    const answered = async (name: string, asked: () => Promise<Answer>) => {
        const { ok, text } = await attempt(asked);
        return [name, { ok, text: oneLine(withoutSecrets(text, secrets), 500) }] as const;
    };
    const { ping } = wish;
    // Made once, and only where somebody gets it; who gets another letter does not wait for it.
    const isWanted = letters.some(([{ kind }, { event }]) => kind === "email" && event === "digest");
    const report = isWanted ? makeReport(wish) : undefined;
    const answers = [
        ...letters.map(([receiver, letter]) =>
            answered(receiver.name, async () => {
                const ca = certificate(directory, receiver.ca);
                const how = { ca, now, patience };
                if (receiver.kind === "webhook") return postWebhook(receiver, letter, how);
                return sendEmail(receiver, letter, how, letter.event === "digest" ? await report : undefined);
            }),
        ),
        ...(isPinged && ping !== undefined
            ? [answered(PING, () => askPing(ping, { ca: certificate(directory, ping.ca), now, patience }))]
            : []),
    ];
    return Object.fromEntries(await Promise.all(answers));
}

async function attempt(asked: () => Promise<Answer>): Promise<Answer> {
    try {
        return await asked();
    } catch (error) {
        return { ok: false, text: error instanceof Error ? error.message : String(error) };
    }
}

function certificate(directory: string, file: string | undefined): string | undefined {
    return file === undefined ? undefined : readFileSync(join(directory, "files", file), "utf8");
}
