// `ops status --watch`: the answer of `status`, again and again, until ^C.
import { setTimeout as sleep } from "node:timers/promises";
import { isBackingUp } from "../../components/protection/doing";
import type { AtWork } from "./atWork";
import { type Answer, cannotTell } from "./operation";
import { rendered, renderedJson } from "./render";
import { look, readAll, type Seen, WHAT } from "./seen";
import { databaseWal } from "./wal";

/** Milliseconds between two looks. */
const EVERY = 2000;
/** Seconds after which the repositories are read again: a bucket is asked for each of its names then, which costs something. */
const REPOSITORIES_EVERY = 60;
/** Seconds after which a line is written although nothing is new, where there is no terminal. */
const SIGN_OF_LIFE = 600;

/** Where a watch is shown. */
export interface Output {
    /** Is it a terminal, on which a picture can be drawn anew? Then its size. */
    readonly size: { readonly columns: number; readonly rows: number } | undefined;
    readonly hasColours: boolean;
    write(text: string): void;
}

/**
 * Looks at a stack again and again. What is in its repositories stays as it was seen for a minute, unless the service has noted something new;
 * it is read beside the rest, for one that is away says nothing for long.
 */
export class Looks {
    #seen: Seen | undefined;
    #read = 0;
    #noted = "";
    #isReading = false;

    constructor(
        private readonly stack: AtWork,
        private readonly answerOf: (seen: Seen) => Answer,
    ) {}

    async next(): Promise<Answer> {
        const service = this.#seen === undefined ? undefined : await this.stack.service();
        if (typeof service !== "object") return this.#all();
        if (this.#isOld(service)) this.#readAgain(service);
        const [database, running] = await Promise.all([databaseWal(this.stack), this.#running(service)]);
        // What was read meanwhile is taken, too.
        const before = this.#seen;
        if (before === undefined) return this.#all();
        this.#seen = { ...before, service, database, running };
        return this.answerOf(this.#seen);
    }

    async #all(): Promise<Answer> {
        const seen = await look(this.stack);
        this.#seen = "status" in seen ? undefined : seen;
        if ("status" in seen) return seen;
        this.#note(seen.service);
        return this.answerOf(seen);
    }

    #readAgain(service: Seen["service"]): void {
        if (this.#isReading) return;
        this.#isReading = true;
        this.#note(service);
        void readAll(this.stack, service.repositories).then((read) => {
            this.#isReading = false;
            if (this.#seen !== undefined) this.#seen = { ...this.#seen, ...read };
        });
    }

    #note(service: Seen["service"]): void {
        this.#read = service.now;
        this.#noted = noted(service);
    }

    #isOld(service: Seen["service"]): boolean {
        return service.now - this.#read >= REPOSITORIES_EVERY || noted(service) !== this.#noted;
    }

    /** Of a backup that the service takes; one by hand is seen when the repositories are read. */
    async #running({ state, repositories }: Seen["service"]): Promise<Seen["running"]> {
        const doing = (name: string) =>
            repositories.length === 1 ? state?.activity : state?.doing?.[name]?.activity;
        const repository = repositories.find(({ name }) => isBackingUp(doing(name) ?? ""));
        const progress = repository === undefined ? undefined : await this.stack.progress(repository);
        return repository === undefined || progress === undefined
            ? undefined
            : { repository: repository.name, ...progress };
    }
}

/** What changes when a backup, expire or anything else has ended. */
function noted({ state, published }: Seen["service"]): string {
    const memories = Object.values(state?.repositories ?? {}).map(({ newest, expired, wal, verified }) => [
        ...[newest, expired, wal.gaps, verified],
    ]);
    return JSON.stringify([published, memories]);
}

/**
 * Shows one answer after another until `ended`.
 * @returns the last one
 */
export async function watch(
    next: () => Promise<Answer>,
    output: Output,
    asJson: boolean,
    ended: AbortSignal,
    every = EVERY,
): Promise<Answer> {
    const isOver = (): boolean => ended.aborted;
    const shown = asJson
        ? asObjects(output)
        : output.size === undefined
          ? asLines(output)
          : asPicture(output);
    let last: Answer | undefined;
    try {
        while (!isOver()) {
            const answer = await next();
            // The ^C that ends this has ended the docker commands, too: they have not told the truth.
            if (isOver()) break;
            last = answer;
            shown.show(answer);
            await sleep(every, undefined, { signal: ended }).catch(() => undefined);
        }
    } finally {
        shown.close();
    }
    return last ?? cannotTell(WHAT, "the watch was ended before anything was seen");
}

interface Shown {
    show(answer: Answer): void;
    close(): void;
}

/** One a line. */
function asObjects(output: Output): Shown {
    return {
        show: (answer) => {
            output.write(`${JSON.stringify(JSON.parse(renderedJson(answer)))}\n`);
        },
        close: () => undefined,
    };
}

/** A line when the sentence is another, and now and then as a sign of life. */
function asLines(output: Output): Shown {
    let said = "";
    let at = -Infinity;
    return {
        show: ({ lines }) => {
            const [sentence = ""] = lines.filter((line) => typeof line === "string");
            const now = Date.now() / 1000;
            if (sentence === said && now - at < SIGN_OF_LIFE) return;
            [said, at] = [sentence, now];
            output.write(`${new Date().toISOString().slice(0, 19)}Z ${sentence}\n`);
        },
        close: () => undefined,
    };
}

/** On the other screen that a terminal has, so that what was there before comes back. */
const ENTER = "\u001b[?1049h\u001b[?25l";
const LEAVE = "\u001b[?25h\u001b[?1049l";

function asPicture(output: Output): Shown {
    let isOpen = false;
    return {
        show: (answer) => {
            if (!isOpen) output.write(ENTER);
            isOpen = true;
            output.write(picture(answer, output));
        },
        close: () => {
            if (isOpen) output.write(LEAVE);
        },
    };
}

/** What draws an answer over the one before it: no line is longer than the terminal is wide, and none is below its end. */
export function picture(answer: Answer, { size, hasColours }: Pick<Output, "size" | "hasColours">): string {
    const { columns, rows } = size ?? { columns: 80, rows: 24 };
    const all = rendered(answer, true, false)
        .split("\n")
        .flatMap((line) => wrapped(line, columns));
    const footer = `${new Date().toISOString().slice(11, 19)} UTC, ^C ends`;
    const kept = all.length < rows - 1 ? all : [...all.slice(0, rows - 3), "..."];
    const first = wrapped(
        rendered({ ...answer, lines: answer.lines.slice(0, 1) }, true, false),
        columns,
    ).length;
    const coloured = kept.map((line, index) =>
        hasColours && index < first ? rendered({ ...answer, lines: [line] }, true, true) : line,
    );
    return `\u001b[H${[...coloured, "", footer.slice(0, columns)].map((line) => `${line}\u001b[K`).join("\r\n")}\u001b[J`;
}

/** As a terminal would break it. */
function wrapped(line: string, columns: number): string[] {
    const parts = line.match(new RegExp(`.{1,${columns}}`, "gu"));
    return parts === null ? [""] : [...parts];
}
