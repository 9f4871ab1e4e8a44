import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { decide, MOST_CHANGES, nothingTold, type Seen, type Told } from "../../components/notify/decide";
import { letterOf, type Message } from "../../components/notify/message";
import {
    delivered,
    dueNow,
    failed,
    KEPT_MESSAGES,
    type Outbox,
    wants,
    withMessages,
} from "../../components/notify/outbox";
import type { Receiver } from "../../components/notify/wish";
import { CAUSES, type Cause } from "../../components/protection/cause";
import { NO_BACKUPS } from "../../components/protection/state";

const NOW = Date.UTC(2026, 10, 27, 6) / 1000;
const MINUTE = 60;
const DAY = 86_400;
const WISH = { after: 2 * MINUTE, repeat: DAY, digest: "", timezone: "UTC" };
const DRILL = { began: NOW - DAY, ended: NOW - DAY, result: "passed", why: "" } as const;

/** What is seen with such trouble, or none; `error` is trouble beside a protected database. */
function seen(now: number, trouble: Cause | "error" | "" = "", changes: Partial<Seen> = {}): Seen {
    const healthy = trouble === "" || trouble === "error";
    return {
        now,
        verdict: {
            ...{
                healthy,
                protected: healthy,
                since: now,
                sentence: trouble === "" ? "protected" : `bad: ${trouble}`,
            },
            ...(healthy ? {} : { cause: trouble }),
        },
        error: trouble === "error" ? "verify failed" : "",
        ends: [],
        repositories: { local: { newest: NO_BACKUPS } },
        ...{ drills: [DRILL], drilled: true, silent: false },
        ...changes,
    };
}

/** Looks every 20 seconds. @returns what was told, when, in seconds since the beginning */
function tell(
    until: number,
    at: (after: number) => Seen,
    wish: Parameters<typeof decide>[0] = WISH,
): { readonly said: (readonly [after: number, message: Message])[]; readonly told: Told } {
    let told = nothingTold(at(0));
    const said: (readonly [number, Message])[] = [];
    for (let after = 0; after <= until; after += 20) {
        const decided = decide(wish, told, at(after));
        told = decided.told;
        said.push(...decided.messages.map((message) => [after, message] as const));
    }
    return { said, told };
}

const events = (said: readonly (readonly [number, Message])[]) =>
    said.map(([after, { event }]) => [after, event]);

describe("what is told", () => {
    it("a failure once it has lasted, its reminder each day, and its end once", () => {
        const { said } = tell(2 * DAY + 600, (after) =>
            seen(NOW + after, after >= 60 && after < 2 * DAY ? "archiving" : ""),
        );
        assert.deepEqual(events(said), [
            [180, "failure"],
            [180 + DAY, "failure"],
            [2 * DAY + 120, "recovery"],
        ]);
        assert.match(said[1]?.[1].text ?? "", /^still, since 2026-11-27 06:01 UTC: bad: archiving$/);
        assert.deepEqual(said[2]?.[1].of, ["failure"]);
    });

    it("nothing of what is over before that", () => {
        const { said } = tell(DAY, (after) => seen(NOW + after, after % 3600 < 100 ? "database" : ""));
        assert.deepEqual(said, []);
    });

    for (const [cause, event, after] of [
        ["late", "late", 120],
        ["drill", "drill", 120],
        ["damage", "failure", 120],
        ["first", "failure", 3600],
        ["error", "failure", 900],
    ] as const)
        it(`${cause} as ${event}, after ${after} s`, () => {
            const { said } = tell(7200, (time) => seen(NOW + time, time === 0 ? "" : cause));
            assert.deepEqual(events(said), [[after + 20, event]]);
            assert.equal(said[0]?.[1].protected, cause === "error");
        });

    it("what ends within two weeks, and that it does not any more", () => {
        const ends = (after: number) => [
            { setting: "sas", repository: "offsite", at: NOW + (after < 2 * DAY ? 15 : 400) * DAY },
        ];
        const { said } = tell(3 * DAY, (after) => seen(NOW + after, "", { ends: ends(after) }), {
            ...WISH,
            repeat: 0,
        });
        assert.deepEqual(events(said), [
            [DAY + 140, "failure"],
            [2 * DAY + 120, "recovery"],
        ]);
        assert.equal(said[0]?.[1].protected, true);
    });

    it("that no drill has ended yet only when one should have long", () => {
        const { said } = tell(DAY + 40, (after) =>
            seen(NOW + after, after === 0 ? "" : "drill", { drills: [], drilled: false }),
        );
        assert.deepEqual(events(said), [[DAY + 20, "drill"]]);
    });

    it("another trouble than was told, and trouble that changes faster than anything lasts", () => {
        const other = tell(1200, (after) => seen(NOW + after, after < 600 ? "archiving" : "damage"));
        assert.deepEqual(
            other.said.map(([after, { text }]) => [after, text]),
            // All was never well before: it takes longer.
            [],
        );
        const known = tell(1200, (after) =>
            seen(NOW + after, after === 0 ? "" : after < 600 ? "archiving" : "damage"),
        );
        assert.deepEqual(
            known.said.map(([after, { text }]) => [after, text]),
            [
                [140, "bad: archiving"],
                [720, "bad: damage"],
            ],
        );
        const unsteady = tell(1800, (after) =>
            seen(NOW + after, after === 0 ? "" : after % 120 < 60 ? "archiving" : "database"),
        );
        assert.ok((unsteady.said[0]?.[0] ?? Infinity) <= 1000, JSON.stringify(unsteady.said));
    });

    it("a backup that is done, a drill that has passed, and a digest", () => {
        const newest = { full: NOW + 100, diff: NOW + 100, incr: NOW + 100 };
        const drill = { ...DRILL, began: NOW + 300, ended: NOW + 400, recoveryTime: 240 };
        const { said } = tell(
            DAY,
            (after) =>
                seen(NOW + after, "", {
                    repositories: { local: { newest: after < 200 ? NO_BACKUPS : newest } },
                    drills: after < 400 ? [DRILL] : [DRILL, drill],
                }),
            { ...WISH, digest: "0 7 * * *" },
        );
        assert.deepEqual(events(said), [
            [200, "success"],
            [400, "drill"],
            [3600, "digest"],
        ]);
        assert.equal(said[0]?.[1].text, "the full backup of 2026-11-27 06:01 UTC is in local; protected");
        assert.match(said[1]?.[1].text ?? "", /has passed: the newest backup restores, recovery time 4 min$/);
        assert.match(
            said[2]?.[1].text ?? "",
            /^protected\n\nSince 2026-11-27 06:00 UTC: no trouble was told\.\nBackups in local: newest full .*\nDrills: 1, all passed; a restore took 4 min at most\.$/,
        );
    });

    it("nothing in a silence, and after it what is still so", () => {
        const silent = (after: number): boolean => after < 3600;
        const over = tell(7200, (after) =>
            seen(NOW + after, after > 60 && after < 1800 ? "database" : "", { silent: silent(after) }),
        );
        assert.deepEqual(over.said, []);
        const lasts = tell(7200, (after) =>
            seen(NOW + after, after > 60 ? "database" : "", { silent: silent(after) }),
        );
        assert.deepEqual(events(lasts.said), [[3600, "failure"]]);
    });

    it("goes on where the clock is set back by a year", () => {
        const back = (after: number): number => (after < 600 ? NOW + after : NOW - 365 * DAY + after);
        const { said } = tell(1200, (after) => seen(back(after), after < 60 || after > 900 ? "" : "gap"));
        assert.deepEqual(
            said.map(([, { event }]) => event),
            ["failure", "recovery"],
        );
    });

    it("never more than some changes an hour, and in the end what is true", () => {
        const spans = fc.array(
            fc.tuple(fc.constantFrom("", "error" as const, ...CAUSES), fc.integer({ min: 1, max: 200 })),
            { minLength: 1, maxLength: 40 },
        );
        fc.assert(
            fc.property(spans, fc.boolean(), (list, ends) => {
                const troubles = list.flatMap(([trouble, steps]) =>
                    Array.from({ length: steps }, () => trouble),
                );
                const last = ends ? "" : "archiving";
                const length = troubles.length * 20;
                const { said, told } = tell(length + 3 * 3600, (after) =>
                    seen(NOW + after, after === 0 ? "" : (troubles[after / 20] ?? last)),
                );
                const changes = said.filter(([, { event }]) => event !== "success");
                for (const [index, [after]] of changes.entries()) {
                    const [earlier] = changes[index - MOST_CHANGES] ?? [-Infinity];
                    assert.ok(after - earlier >= 3600, JSON.stringify(changes));
                }
                assert.equal(told.condition, last);
                // Told well only after trouble, and no trouble is left without its end.
                const open = changes.at(-1)?.[1].event;
                assert.ok(ends ? open === undefined || open === "recovery" : open === "failure");
                assert.equal(new Set(said.map(([, { id }]) => id)).size, said.length);
            }),
            { numRuns: 60 },
        );
    });
});

describe("what waits for receivers", () => {
    const message = (id: number, event: Message["event"] = "failure"): Message => ({
        ...{ id: String(id), at: NOW + id, event, protected: false, since: NOW, text: `text ${id}` },
    });
    const chat: Pick<Receiver, "name" | "events"> = { name: "chat", events: ["failure", "recovery"] };
    const receivers = [chat];

    it("is what each wants to hear: of a recovery who heard of the trouble", () => {
        const recovery = (...of: ("failure" | "late")[]) => ({ event: "recovery" as const, of });
        assert.ok(wants(chat, recovery("failure", "late")));
        assert.ok(!wants(chat, recovery("late")));
        assert.ok(!wants(chat, { event: "drill" }));
    });

    it("is tried again at longer and longer distances, never given up, and told as one", () => {
        let outbox: Outbox = withMessages({}, receivers, [message(1)]);
        let now = NOW;
        const waits: number[] = [];
        for (let tries = 0; tries < 9; tries++) {
            assert.deepEqual(dueNow(outbox, now), ["chat"]);
            outbox = failed(outbox, "chat", "no", now);
            const next = outbox["chat"]?.next ?? 0;
            waits.push(next - now);
            assert.deepEqual(dueNow(outbox, next - 1), []);
            now = next;
        }
        assert.deepEqual(waits, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
        outbox = withMessages(outbox, receivers, [message(2, "recovery"), message(3, "drill")]);
        const { messages = [] } = outbox["chat"] ?? {};
        const [first, last] = messages;
        assert.ok(first !== undefined && last !== undefined && messages.length === 2);
        const letter = letterOf(
            { name: "shop", stack: "prod" },
            { last, earlier: [first], forgotten: 0 },
            now,
        );
        assert.match(letter.title, /^shop \(prod\): well again \(of 2026-11-27 06:00 UTC\)$/);
        assert.match(
            letter.text,
            /^text 2\n\nBefore that, while nothing could be sent:\n2026-11-27 06:00 UTC: text 1$/,
        );
        // What came while it was sent waits on.
        outbox = withMessages(outbox, receivers, [message(4)]);
        outbox = delivered(outbox, "chat", messages);
        assert.deepEqual(outbox["chat"]?.messages, [message(4)]);
        assert.deepEqual(delivered(outbox, "chat", [message(4)]), {});
    });

    it("is the newest of them where there are many, and nothing of who is told no more", () => {
        const many = Array.from({ length: KEPT_MESSAGES + 7 }, (_, id) => message(id));
        const outbox = withMessages({}, receivers, many);
        assert.equal(outbox["chat"]?.messages.length, KEPT_MESSAGES);
        assert.equal(outbox["chat"].forgotten, 7);
        assert.deepEqual(withMessages(outbox, [], []), {});
    });
});
