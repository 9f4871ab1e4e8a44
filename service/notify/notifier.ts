import { join } from "node:path";
import { countingDrills, type Drills, drillsOf } from "../../components/drill/due";
import { decide, isWell, nothingTold, type Seen } from "../../components/notify/decide";
import { NOTIFIED, type Notified, readNotified } from "../../components/notify/notified";
import { atOnce, delivered, dueNow, failed, withMessages } from "../../components/notify/outbox";
import { readSilence, SILENCE } from "../../components/notify/silence";
import type { Notify } from "../../components/notify/wish";
import type { State } from "../../components/protection/state";
import { contentOf, replaceFile } from "../files";
import type { Revision } from "../world";
import { readWish } from "./files";
import { type Answers, type JobInput, PING } from "./job";

/** Seconds after which what the service has said is too old to be told. */
const STALE = 60;

/** What it does to the world, and knows of it. */
export interface NotifierWorld {
    /** Seconds since the epoch. */
    now(): number;
    say(text: string): void;
    drills(): Drills;
    /** Of the revision in a directory. Takes its time, and throws. */
    send(directory: string, job: JobInput): Promise<Answers>;
}

/** The revision by which people are told. */
type Told = Pick<Revision, "name" | "directory" | "repositories">;

/** Tells people what becomes of the verdict, beside the service and without ever keeping it waiting. */
export class Notifier {
    /** The revision that was read last, and who is told by it. */
    #read: { readonly name: string; readonly wish: Notify | undefined } | undefined;
    #notified: Notified | undefined;
    #sending: Promise<void> | undefined;
    /** When the dead man's switch was asked last, and what was wrong. */
    #pinged = -Infinity;
    #pingProblem = "";
    #problem = "";

    /** @param directory its state is kept in */
    constructor(
        private readonly world: NotifierWorld,
        private readonly directory: string,
    ) {
        this.#notified = readNotified(contentOf(join(directory, NOTIFIED)));
    }

    /** To be called every second or so. Nothing that goes wrong here is the service's trouble. */
    tick(state: State, revision: Told | undefined): void {
        try {
            const wish = revision === undefined ? this.#read?.wish : this.wishOf(revision);
            if (wish === undefined) {
                if (revision !== undefined && this.#notified !== undefined) this.forget();
                return;
            }
            const isSilent = this.look(wish, state, revision);
            if (revision !== undefined && this.#sending === undefined)
                this.sendDue(revision.directory, isSilent, this.mayPing(wish, state, isSilent));
            this.#problem = "";
        } catch (error) {
            const problem = error instanceof Error ? error.message : String(error);
            if (problem !== this.#problem) this.world.say(`ERROR: notifications: ${problem}`);
            this.#problem = problem;
        }
    }

    /** Resolves when nothing is being sent. */
    async idle(): Promise<void> {
        await this.#sending;
    }

    private wishOf({ name, directory }: Told): Notify | undefined {
        if (this.#read?.name !== name) {
            this.#read = { name, wish: readWish(directory) };
            // What is other now may be the cure of what could not be sent.
            if (this.#notified !== undefined)
                this.save({ ...this.#notified, outbox: atOnce(this.#notified.outbox) });
        }
        return this.#read.wish;
    }

    /** @returns whether there is a silence */
    private look(wish: Notify, state: State, revision: Told | undefined): boolean {
        const now = this.world.now();
        const silence = readSilence(contentOf(join(this.directory, SILENCE)), now);
        // A service that says nothing is found by the dead man's switch.
        if (now - state.written > STALE) return silence !== undefined;
        const seen = this.seen(state, revision, now, silence !== undefined);
        const before = this.#notified ?? { version: 1, told: nothingTold(seen), outbox: {} };
        const { told, messages } = decide(wish, before.told, seen);
        const outbox = withMessages(before.outbox, wish.receivers, messages);
        this.save({ version: 1, told, outbox });
        return silence !== undefined;
    }

    private seen(
        { verdict, error, ends, repositories }: State,
        revision: Told | undefined,
        now: number,
        silent: boolean,
    ): Seen {
        const known = this.world.drills();
        const since = Math.min(...Object.values(repositories).map((repository) => repository.since));
        const drills = countingDrills(known, since, now);
        const drilled = (revision?.repositories ?? []).every(({ name, timetable }, _, all) => {
            const memory = repositories[name];
            if (memory === undefined || !timetable.schedules.has("drill")) return true;
            const names = all.map((repository) => repository.name);
            return countingDrills(drillsOf(known, name, names, memory), memory.since, now).length > 0;
        });
        return { now, verdict, error, ends, repositories, drills, drilled, silent };
    }

    /** While all is well, or is not told yet: who hears nothing of it looks. */
    private mayPing({ ping }: Notify, state: State, isSilent: boolean): boolean {
        const now = this.world.now();
        const condition = this.#notified?.told.condition ?? "";
        if (ping === undefined || !(isWell(condition) || isSilent) || now - state.written > STALE)
            return false;
        return now - this.#pinged >= ping.every || this.#pinged > now;
    }

    private sendDue(directory: string, isSilent: boolean, ping: boolean): void {
        const now = this.world.now();
        const outbox = this.#notified?.outbox ?? {};
        const letters = (isSilent ? [] : dueNow(outbox, now)).flatMap((receiver): JobInput["letters"] => {
            const { messages = [], forgotten = 0 } = outbox[receiver] ?? {};
            const last = messages.at(-1);
            return last === undefined ? [] : [{ receiver, last, earlier: messages.slice(0, -1), forgotten }];
        });
        if (letters.length === 0 && !ping) return;
        if (ping) this.#pinged = now;
        this.#sending = this.sendAll(directory, { letters, ping }).finally(() => {
            this.#sending = undefined;
        });
    }

    private async sendAll(directory: string, job: JobInput): Promise<void> {
        const answers = await this.world.send(directory, job).catch((error: unknown): Answers => {
            const text = error instanceof Error ? error.message : String(error);
            return Object.fromEntries(
                [...job.letters.map(({ receiver }) => receiver), ...(job.ping ? [PING] : [])].map((name) => [
                    name,
                    { ok: false, text },
                ]),
            );
        });
        for (const { receiver, last, earlier } of job.letters) {
            const answer = answers[receiver] ?? { ok: false, text: "is not told by this configuration" };
            this.answered(receiver, [...earlier, last], answer);
        }
        if (job.ping) this.answeredPing(answers[PING]);
    }

    private answered(
        name: string,
        sent: readonly JobInput["letters"][number]["last"][],
        { ok, text }: Answers[string],
    ): void {
        const notified = this.#notified;
        const waiting = notified?.outbox[name];
        if (notified === undefined || waiting === undefined) return;
        const { outbox } = notified;
        if (ok) this.world.say(`told ${name}: ${sent.map(({ event }) => event).join(", ")}`);
        else if (text !== waiting.problem)
            this.world.say(`${name} could not be told, and hears it later: ${text}`);
        this.save({
            ...notified,
            outbox: ok ? delivered(outbox, name, sent) : failed(outbox, name, text, this.world.now()),
        });
    }

    private answeredPing(answer: Answers[string] | undefined): void {
        const problem = answer === undefined || answer.ok ? "" : answer.text;
        if (problem !== "" && problem !== this.#pingProblem)
            this.world.say(`the dead man's switch could not be asked: ${problem}`);
        this.#pingProblem = problem;
    }

    private forget(): void {
        this.#notified = undefined;
        replaceFile(join(this.directory, NOTIFIED), "", true);
    }

    private save(notified: Notified): void {
        const json = `${JSON.stringify(notified)}\n`;
        const isSame = this.#notified !== undefined && json === `${JSON.stringify(this.#notified)}\n`;
        this.#notified = notified;
        if (!isSame) replaceFile(join(this.directory, NOTIFIED), json, true);
    }
}
