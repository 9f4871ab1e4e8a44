import { newState, type State } from "../../components/protection/state";
import { Service } from "../../service/service";
import type { Seen } from "../../components/monitoring/figures";
import { type Series, seriesOf } from "./alertCases";
import { FakeDrill } from "./fakeDrill";
import { FakeWorld } from "./fakeWorld";
import { DAY } from "./repositoryMemory";

/** A Monday; what a new stack has to do is done when the week begins. */
const START = Date.UTC(2026, 0, 5, 12) / 1000;
const WEEK_BEGINS = START + 3 * DAY;
const MINUTE = 60;
const SCHEDULES =
    "full 30 1 * * 0\ndiff 30 1 * * 1-6\nverify 0 5 * * 6\ndrill 0 4 * * 3\nheartbeat 300\ntimezone UTC\n";

/** A world in which somebody looks each time something is noted. */
class WatchedWorld extends FakeWorld {
    look: () => void = () => undefined;

    override save(state: State): void {
        super.save(state);
        this.look();
    }
}

/** What Prometheus scrapes each minute of a week in which all is well; and what has run. */
export async function quietWeek(
    stack: string,
): Promise<{ readonly series: readonly Series[]; readonly runs: readonly string[] }> {
    const world = new WatchedWorld(START, SCHEDULES);
    world.drill = new FakeDrill();
    [world.stride, world.runningStride] = [MINUTE / 2, MINUTE / 2];
    world.lasts = { ...world.lasts, backup: 7200 };
    const service = new Service(world, newState("host", START), { lookEvery: 600, grace: 3600 });
    const scrapes: ReadonlyMap<string, number>[] = [];
    let last: Seen | undefined;
    world.look = () => {
        while (last !== undefined && WEEK_BEGINS + scrapes.length * MINUTE < world.now())
            scrapes.push(seriesOf(last, stack, WEEK_BEGINS));
        last = service.seen();
    };
    world.stopAt = WEEK_BEGINS + 7 * DAY;
    await service.run();
    const names = [...new Set(scrapes.flatMap((scrape) => [...scrape.keys()]))];
    const runs = world.commands
        .filter(({ at }) => at >= WEEK_BEGINS)
        .map(({ args }) => args.find((arg) => arg.startsWith("--type="))?.slice(7) ?? args.at(-1) ?? "");
    const drilled = world.drill.begun.some(({ at }) => at >= WEEK_BEGINS) ? ["drill"] : [];
    return {
        series: names.map((series) => ({ series, values: shortened(scrapes, series) })),
        runs: [...runs, ...drilled],
    };
}

/** `5x3` is 5 four times; `_x3` is nothing three times. */
function shortened(scrapes: readonly ReadonlyMap<string, number>[], series: string): string {
    const parts: { readonly value: number | undefined; count: number }[] = [];
    for (const scrape of scrapes) {
        const value = scrape.get(series);
        const before = parts.at(-1);
        if (before !== undefined && before.value === value) before.count++;
        else parts.push({ value, count: 1 });
    }
    return parts
        .map(({ value, count }) => (value === undefined ? `_x${count}` : `${value}x${count - 1}`))
        .join(" ");
}
