// The pictures of the pages on monitoring, alerts and notifications, drawn from the code: of rules as they are, and of two simulated days.
import * as Plot from "@observablehq/plot";
import { alertRules } from "../../components/monitoring/alerts";
import { decide, nothingTold, type Seen } from "../../components/notify/decide";
import { newState } from "../../components/protection/state";
import { Service } from "../../service/service";
import { plotted } from "../../toolchain/report/plot.mjs";
import { FakeWorld } from "./fakeWorld";

const HOUR = 3600;
const START = Date.UTC(2026, 0, 5) / 1000;
/** From when to when no WAL arrives; and how long all of it is. */
const BROKEN = { from: START + 20 * HOUR, to: START + 26 * HOUR };
const END = START + 48 * HOUR;
const COLOURS = { good: "#1a7f4b", bad: "#c5303c", warning: "#b3541e", line: "#2457b3" };
const WISH = { after: 120, repeat: 0, digest: "0 7 * * 2", timezone: "UTC" };

interface Moment {
    readonly at: Date;
    readonly protected: boolean;
    /** Hours since the newest backup began. */
    readonly age: number | undefined;
    readonly told: readonly string[];
}

/** Two days of a backup service, and what people are told in them. */
async function days(): Promise<readonly Moment[]> {
    const world = new FakeWorld(START, "full 30 1 * * 0\ndiff 30 */6 * * *\ntimezone UTC\n");
    world.archiver = { archived: { last: "000000010000000000000001", segmentSize: 2 ** 24 } };
    [world.stride, world.stopAt] = [240, END];
    const moments: Moment[] = [];
    let told: Parameters<typeof decide>[1] | undefined;
    const [save, archiving] = [world.save.bind(world), world.archiving.bind(world)];
    world.archiving = async () => {
        const isBroken = world.now() >= BROKEN.from && world.now() < BROKEN.to;
        return { ...(await archiving()), failing: isBroken ? "since then" : undefined };
    };
    world.save = (state) => {
        save(state);
        const { verdict, error, ends, repositories } = state;
        const seen: Seen = {
            ...{ now: world.now(), verdict, error, ends, repositories },
            ...{ drills: [], drilled: true, silent: false },
        };
        const decided = decide(WISH, told ?? nothingTold(seen), seen);
        told = decided.told;
        const newest = world.backups.at(-1)?.start;
        moments.push({
            at: new Date(world.now() * 1000),
            protected: verdict.protected,
            age: newest === undefined ? undefined : (world.now() - newest) / HOUR,
            told: decided.messages.map(({ event }) => event).filter((event) => event !== "success"),
        });
    };
    await new Service(world, newState("host", world.now()), { lookEvery: 600, grace: HOUR }).run();
    return moments;
}

/** From when to when it is one or the other. */
function spans(moments: readonly Moment[]): { from: Date; to: Date; protected: boolean }[] {
    const found: { from: Date; to: Date; protected: boolean }[] = [];
    for (const { at, protected: isProtected } of moments) {
        const last = found.at(-1);
        if (last !== undefined) last.to = at;
        if (last?.protected !== isProtected) found.push({ from: at, to: at, protected: isProtected });
    }
    return found;
}

function picture(options: Parameters<typeof plotted>[0]): string {
    const svg = plotted({
        width: 760,
        style: { background: "white", color: "#1c2430", fontSize: "11px", fontFamily: "sans-serif" },
        ...options,
    });
    return `${svg.replace("<svg ", svg.includes("xmlns=") ? "<svg " : '<svg xmlns="http://www.w3.org/2000/svg" ')}\n`;
}

/** By the names of their files in docs. */
export async function pictures(): Promise<Readonly<Record<string, string>>> {
    const moments = await days();
    const verdicts = spans(moments);
    const colourOf = (one: { readonly protected: boolean }): string =>
        one.protected ? COLOURS.good : COLOURS.bad;
    const time = {
        type: "utc",
        label: null,
        domain: [new Date(START * 1000), new Date(END * 1000)],
    } as const;
    const minutes = alertRules({ stack: "prod", name: "shop", rto: 3600, rpo: 300 }).map((rule) => ({
        alert: rule.alert,
        minutes: Number.parseInt(rule.for, 10),
        colour: rule.labels["severity"] === "critical" ? COLOURS.bad : COLOURS.warning,
    }));
    return {
        "monitoring.svg": picture({
            height: 220,
            x: time,
            y: { label: "hours since the newest backup began; red: protection_protected is 0", grid: true },
            marks: [
                Plot.rectX(
                    verdicts.filter((one) => !one.protected),
                    { x1: "from", x2: "to", fill: COLOURS.bad, fillOpacity: 0.2 },
                ),
                Plot.lineY(moments, { x: "at", y: "age", stroke: COLOURS.line }),
                Plot.ruleY([0]),
            ],
        }),
        "alerts.svg": picture({
            height: 520,
            marginLeft: 160,
            marginRight: 70,
            x: {
                type: "log",
                axis: null,
            },
            y: { label: null, domain: minutes.map(({ alert }) => alert) },
            marks: [
                Plot.ruleY(minutes, { x1: 0.8, x2: "minutes", y: "alert", stroke: "colour" }),
                Plot.dot(minutes, { x: "minutes", y: "alert", fill: "colour", r: 4 }),
                Plot.text(minutes, {
                    ...{ x: "minutes", y: "alert", dx: 9, textAnchor: "start" },
                    text: (one: { readonly minutes: number }) => `${one.minutes} min`,
                }),
            ],
        }),
        "notifications.svg": picture({
            height: 120,
            x: time,
            y: { axis: null, domain: [0, 3] },
            marks: [
                Plot.rect(verdicts, { x1: "from", x2: "to", y1: 0, y2: 1, fill: colourOf }),
                Plot.ruleX(
                    moments.filter(({ told }) => told.length > 0),
                    { x: "at", y1: 1.1, y2: 1.7, stroke: "#1c2430" },
                ),
                Plot.text(
                    moments.filter(({ told }) => told.length > 0),
                    { x: "at", y: 2, text: ({ told }: Moment) => told.join(", ") },
                ),
            ],
        }),
    };
}
