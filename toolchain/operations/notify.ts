import * as v from "valibot";
import { LONGEST_SILENCE } from "../../components/notify/silence";
import { duration, minute, oneLine } from "../../components/protection/text";
import { parseTime } from "../../components/pgbackrest/value";
import { AtWork } from "./atWork";
import { parsed } from "./findStack";
import { type Answer, cannotTell, type Given, NEVER, notDone, type Operation, optionOf } from "./operation";

const WHAT = "who is told";
const PROGRAM = ["node", "/usr/local/bin/notify.cjs"];

const Answers = v.record(v.string(), v.object({ ok: v.boolean(), text: v.string() }));
type Answers = v.InferOutput<typeof Answers>;

export const notifyTest: Operation = {
    name: "notify test",
    summary: "Sends a test message to each receiver of notify, and shows what each answers.",
    args: [["[receiver]", "one of them, by its name; ping is the dead man's switch (default: all)"]],
    examples: ["notify test", "notify test chat --stack prod"],
    statuses: [
        "each has taken it",
        "one has not, and what it says",
        "it was not tried: no stack, or nobody is told",
    ],
    run: async (given) => {
        const stack = await AtWork.find(given);
        if (typeof stack === "string") return notDone(stack);
        const [receiver] = given.args;
        const command = [...PROGRAM, "test", ...(receiver === undefined ? [] : [receiver])];
        const asked = await stack.docker(["exec", stack.backup, ...command], { timeoutSeconds: 120 });
        const answers = v.safeParse(Answers, parsed(asked.stdout));
        if (!asked.ok || !answers.success) return cannotTell(WHAT, oneLine(asked.all, 500));
        return testAnswer(answers.output, receiver);
    },
};

export function testAnswer(answers: Answers, receiver: string | undefined): Answer {
    const all = Object.entries(answers);
    if (all.length === 0)
        return notDone(
            receiver === undefined
                ? "nobody is told: pgbackrest:notify is empty, see docs/notifications.md"
                : `pgbackrest:notify has no ${receiver}`,
        );
    return {
        status: all.every(([, { ok }]) => ok) ? 0 : 1,
        lines: [
            {
                head: ["receiver", "", "answer"],
                rows: all.map(([name, { ok, text }]) => [name, ok ? "has it" : "FAILED", text]),
            },
        ],
        data: { answers },
    };
}

export const silence: Operation = {
    name: "silence",
    summary: "Nobody is told anything for a while; status and health stay what they are. It ends by itself.",
    args: [["<time>", "how long, such as 30m or 2h, at most 30d; or off"]],
    options: [["--why <text>", "for who looks at status meanwhile"]],
    examples: ["silence 2h --why maintenance", "silence off"],
    statuses: ["it is so", NEVER, "it was not done: no stack, no container, or no such time"],
    run: async (given) => {
        const wanted = secondsOf(given);
        if (typeof wanted === "string") return notDone(wanted);
        const stack = await AtWork.find(given);
        if (typeof stack === "string") return notDone(stack);
        const why = optionOf(given, "why") ?? "";
        const word = wanted === 0 ? "off" : String(wanted);
        const command = ["exec", "--interactive", stack.backup, ...PROGRAM, "silence", word];
        const done = await stack.docker(command, { input: why, timeoutSeconds: 60 });
        if (!done.ok) return notDone(oneLine(done.all, 500));
        return {
            status: 0,
            lines: [
                wanted === 0
                    ? "no silence: trouble is told again, also what came meanwhile and is not over"
                    : `silence for ${duration(wanted)}: npm run ops -- silence off ends it earlier`,
            ],
            data: { seconds: wanted },
        };
    },
};

/** 0: none any more. Or what is wrong. */
function secondsOf(given: Given): number | string {
    const [time = ""] = given.args;
    if (time === "off") return 0;
    const seconds = Math.round((parseTime(time) ?? NaN) / 1000);
    if (!(seconds >= 1 && seconds <= LONGEST_SILENCE))
        return `${JSON.stringify(time)}: a time such as 30m or 2h, at most 30d, or off`;
    if ((optionOf(given, "why") ?? "").trim() === "")
        return 'who looks at status has to know why: add --why "the network is moved"';
    return seconds;
}

/** What a silence, and receivers that cannot be reached, add to status. */
export function notifyLines({ silence: silent, outbox }: Notifications, now: number): string[] {
    return [
        ...(silent === undefined
            ? []
            : [
                  `silence until ${minute(silent.until)} UTC (${duration(silent.until - now)} more), nobody is told anything: ${silent.why}`,
              ]),
        ...Object.entries(outbox).flatMap(([name, { messages, problem }]) =>
            problem === ""
                ? []
                : [
                      `notifications: ${name} cannot be told (${messages.length} ${messages.length === 1 ? "message waits" : "messages wait"}): ${problem}`,
                  ],
        ),
    ];
}

export interface Notifications {
    readonly silence: { readonly until: number; readonly why: string } | undefined;
    readonly outbox: Readonly<
        Record<string, { readonly messages: readonly unknown[]; readonly problem: string }>
    >;
}
