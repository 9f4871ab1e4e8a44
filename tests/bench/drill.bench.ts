// What a live server loses to a drill: pgbench's throughput while one runs, beside that of the seconds before it, several times in one run.
// The goal is 0.95x: docs/decisions/0006-drills.md.
import { execa } from "execa";
import { setTimeout as sleep } from "node:timers/promises";
import { Running } from "../e2e/running";
import { eventually, mustDocker } from "../support/docker";
import { amount, median, runs, shown, spread } from "./measure";
import { seconds, sharedStack } from "./stacks";

const DATABASE = "bench";
/** Of pgbench: 15 MB each. */
const SCALE = amount(70, 1);
/** Seconds without a drill before each, and between a drill's end and the next measurement. */
const REST = amount(30, 2);
const PAUSE = amount(5, 1);
/** Seconds that the first drill may take. */
const LONGEST = 900;

/** pgbench at work for as long as it is measured, and how many transactions it has made in each second. */
class Load {
    private readonly rates: { readonly time: number; readonly tps: number }[] = [];
    /** In the container. */
    private pid = "";
    private readonly ended: Promise<void>;

    constructor(
        private readonly container: string,
        clients: number,
    ) {
        const pgbench = [
            ...["pgbench", "--no-vacuum", `--client=${clients}`, "--jobs=1", "--time=86400"],
            ...["--progress=1", "--progress-timestamp", DATABASE],
        ];
        const script = 'echo "pid $$"; exec "$@" 2>&1';
        const child = execa("docker", ["exec", container, "sh", "-c", script, "sh", ...pgbench], {
            ...{ reject: false, buffer: false, stdin: "ignore" },
        });
        this.ended = this.read(child.iterable());
    }

    private async read(lines: AsyncIterable<unknown>): Promise<void> {
        for await (const line of lines) {
            const text = String(line);
            const [, time, tps] = /^progress: ([\d.]+) s, ([\d.]+) tps/.exec(text) ?? [];
            if (time !== undefined) this.rates.push({ time: Number(time), tps: Number(tps) });
            this.pid ||= /^pid (\d+)$/.exec(text)?.[1] ?? "";
        }
    }

    /** How many a second between two moments, in seconds since the epoch; nothing where that was too short to tell. */
    async between(from: number, to: number): Promise<number> {
        await eventually("pgbench has told of it", () =>
            Promise.resolve((this.rates.at(-1)?.time ?? 0) >= to),
        );
        // The second in which it began was not wholly its own.
        const of = this.rates.filter(({ time }) => time > from + 1 && time <= to);
        return of.reduce((sum, { tps }) => sum + tps, 0) / of.length;
    }

    async end(): Promise<void> {
        await mustDocker(["exec", this.container, "kill", this.pid]);
        await this.ended.catch(() => undefined);
    }
}

const now = (): number => Date.now() / 1000;

/** When each phase of a drill began, and when it ended. */
async function drill(container: string): Promise<ReadonlyMap<string, number>> {
    const began = new Map<string, number>();
    const run = execa("docker", ["exec", container, "drill-database.sh", "run"], { buffer: false });
    for await (const line of run.iterable()) {
        // What follows the last phase is what was found.
        const phase = /^(restore|replay|start|amcheck|queries|checksums): (?!\w+ in )/.exec(line)?.[1];
        if (phase !== undefined && !began.has(phase)) began.set(phase, now());
    }
    await run;
    return began.set("end", now());
}

export default async function (): Promise<void> {
    const stack = await sharedStack();
    const running = new Running(stack);
    // By hand only, and no checkpoint of the server's own within a measurement.
    stack.configure({
        drill: { schedule: "0 0 1 1 *" },
        settings: { checkpoint_timeout: "1h", max_wal_size: "32GB" },
    });
    seconds(await stack.up());
    try {
        // The first is due at once, and shows that the next one can be asked for.
        await eventually("the first drill has passed", async () => (await running.healthCheck()).ok, LONGEST);
        await running.sql(`create database ${DATABASE}`);
        await running.mustExec(
            "postgres",
            ...["pgbench", "--initialize", "--quiet", "--scale", String(SCALE), DATABASE],
        );
        await running.pgbackrest("--type=full", "backup");
        await running.sql("checkpoint");
        await measure(running.name("postgres"), `${stack.name}-drill`);
    } finally {
        await running.sql(`drop database if exists ${DATABASE} with (force)`);
        stack.configure({ drill: undefined, settings: undefined });
        seconds(await stack.up());
    }
}

async function measure(postgres: string, drilling: string): Promise<void> {
    const load = new Load(postgres, amount(4, 1));
    const rest = async (): Promise<number> => {
        const from = now();
        await sleep(REST * 1000);
        return load.between(from, now());
    };
    const without: number[] = [];
    const during: number[] = [];
    const lengths: number[] = [];
    const phases = new Map<string, number[]>();
    try {
        await sleep(amount(30, 2) * 1000);
        for (let run = 0; run < runs(5); run++) {
            const before = await rest();
            const from = now();
            const times = [...(await drill(drilling))];
            const to = now();
            await sleep(PAUSE * 1000);
            const usual = (before + (await rest())) / 2;
            without.push(usual);
            during.push(await load.between(from, to));
            lengths.push(to - from);
            for (const [index, [phase, time]] of times.entries()) {
                const end = times[index + 1]?.[1];
                if (end === undefined) continue;
                const tps = await load.between(time, end);
                phases.set(phase, [
                    ...(phases.get(phase) ?? []),
                    ...(Number.isNaN(tps) ? [] : [tps / usual]),
                ]);
            }
        }
    } finally {
        await load.end();
    }
    const ratios = during.map((tps, run) => tps / (without[run] ?? Number.NaN));
    console.log(
        `throughput during a drill ${median(ratios).toFixed(2)}x (goal 0.95x; ${shown(median(without))} -> ${shown(median(during))} transactions a second, ` +
            `${during.length} drills of ${shown(median(lengths))} s, ${SCALE * 15} MB, spread ${spread(ratios)})`,
    );
    for (const [phase, some] of phases)
        if (some.length > 0) console.log(`  ${phase} ${median(some).toFixed(2)}x`);
}
