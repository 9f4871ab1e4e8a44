// Another retention by `pulumi up`, beside the same change as it was made before: edit the configuration, restart both services. Both
// end when the backup service has proven the new configuration, and both have clients at work on connections that stay open.
import { Running, SERVICES } from "../e2e/running";
import { eventually, mustDocker } from "../support/docker";
import type { TestStack } from "../support/stack";
import { Clients, type Seen } from "./clients";
import { median, ratio, runs, shown } from "./measure";
import { seconds, sharedStack } from "./stacks";

const OPTION = "repo1-retention-full";

interface Change {
    readonly seconds: number;
    readonly seen: Seen;
}

async function byUp(stack: TestStack, full: number): Promise<number> {
    stack.edit("config/pgbackrest/pgbackrest.conf", (text) =>
        text.replace(new RegExp(`^${OPTION}=.*`, "m"), `${OPTION}=${full}`),
    );
    return seconds(await stack.up());
}

async function byRestart(running: Running, image: string, full: number): Promise<number> {
    const begun = performance.now();
    const volume = `${running.stack.name}-pgbackrest-config:/config`;
    const edit = [
        "sed",
        "--in-place",
        `s/^${OPTION}=.*/${OPTION}=${full}/`,
        "/config/current/pgbackrest.conf",
    ];
    await mustDocker(["run", "--rm", "--network", "none", "--volume", volume, image, ...edit]);
    await mustDocker(["restart", ...SERVICES.map((role) => running.name(role))]);
    await running.answers();
    await eventually("the backup service is at work", async () => (await running.healthCheck()).ok);
    return (performance.now() - begun) / 1000;
}

function print(name: string, changes: readonly Change[]): void {
    const total = (key: "failed" | "dropped"): number =>
        changes.reduce((sum, { seen }) => sum + seen[key], 0);
    const gaps = changes.map(({ seen }) => seen.gap);
    const times = shown(median(changes.map((change) => change.seconds)));
    console.log(
        `${name}: ${times} s, failed queries ${total("failed")}, dropped connections ${total("dropped")}, longest gap ${Math.max(...gaps).toFixed(2)} s (median ${median(gaps).toFixed(2)} s) in ${changes.length} runs`,
    );
}

export default async function (): Promise<void> {
    const stack = await sharedStack();
    const running = new Running(stack);
    const image = await running.inspect("postgres", "{{.Image}}");
    await running.sql("create table beats (time timestamptz); grant all on beats to public", "app");
    const clients = await Clients.start(stack.name, image, String((await stack.outputs())["connection"]));
    const ups: Change[] = [];
    const restarts: Change[] = [];
    try {
        const measured = async (change: () => Promise<number>): Promise<Change> => {
            const [taken, seen] = await clients.during(change);
            return { seconds: taken, seen };
        };
        for (let run = 0; run < runs(5); run++) {
            restarts.push(await measured(() => byRestart(running, image, 20 + run)));
            ups.push(await measured(() => byUp(stack, 10 + run)));
        }
    } finally {
        await clients.stop();
    }
    print("by restart", restarts);
    print("by up     ", ups);
    const times = (changes: readonly Change[]): number[] => changes.map((change) => change.seconds);
    console.log(`change ${ratio(times(restarts), times(ups))}`);
}
