// What each compression costs on a cloud repository: full backups and asynchronous archiving to versitygw over TLS, encrypted as by
// default, with the processes and CPUs that the containers have by default. The server works on the machine's other cores.
import { mustDocker } from "../support/docker";
import { VersityGateway } from "../support/servers/kinds";
import { Servers } from "../support/servers/servers";
import { CloudStack } from "../cloud/cloudStack";
import { load, SEGMENTS } from "./load";
import { backup, type Cost, defaultCompression, push } from "./pushes";
import { compared, median, ratio, runs, shown, spread } from "./measure";

const BUCKET = "bench";
const USER = { key: "bench-user", secret: "secret-of-the-bench" };
const DEFAULT = defaultCompression();
const COMPRESSIONS = compared([...new Set([DEFAULT, "lz4-1", "lz4-3", "zst-1", "zst-3"])]);

type Costs = ReadonlyMap<string, readonly Cost[]>;

/** Every compression in turn, and that several times; each into a repository of its own. */
async function measure(
    gateway: VersityGateway,
    work: (compression: string, path: string) => Promise<Omit<Cost, "megabytes">>,
): Promise<Costs> {
    const all = new Map<string, Cost[]>(COMPRESSIONS.map((compression) => [compression, []]));
    for (let run = 0; run < runs(3); run++)
        for (const [compression, costs] of all) {
            const path = `${work.name}/${compression}/${run}`;
            const cost = await work(compression, `/${path}`);
            const size = await mustDocker([
                "exec",
                gateway.server.name,
                "du",
                "-sb",
                `/data/s3/${BUCKET}/${path}`,
            ]);
            costs.push({ ...cost, megabytes: parseInt(size) / 1e6 });
        }
    return all;
}

const of = (costs: readonly Cost[], key: keyof Cost): number[] => costs.map((cost) => cost[key]);

function print(what: string, all: Costs): void {
    const base = all.get(DEFAULT) ?? [];
    const own = of(base, "seconds");
    console.log(`${what} ${DEFAULT} (the default) ${shown(median(own))} s, spread ${spread(own)}`);
    for (const [compression, costs] of all) {
        if (compression === DEFAULT) continue;
        const rest = (["cpu", "megabytes"] as const).map((key) => [
            median(of(base, key)),
            median(of(costs, key)),
        ]);
        const [cpu = "", size = ""] = rest.map(
            ([from = NaN, to = NaN]) => `${(to / from).toFixed(2)}x (${shown(from)} -> ${shown(to)})`,
        );
        console.log(
            `${what} ${compression} ${ratio(own, of(costs, "seconds"))}, CPU seconds ${cpu}, repository MB ${size}`,
        );
    }
    const against = (key: keyof Cost, unit: string): string => {
        const medians = [...all].map(([name, costs]) => ({ name, value: median(of(costs, key)) }));
        const best = medians.reduce((a, b) => (b.value < a.value ? b : a));
        return `${(median(of(base, key)) / best.value).toFixed(2)}x the ${unit} of ${best.name}`;
    };
    console.log(
        `${what} the default, ${DEFAULT}, costs ${against("seconds", "seconds")}, ${against("cpu", "CPU seconds")}, ${against("megabytes", "MB")}`,
    );
}

export default async function (): Promise<void> {
    const servers = await Servers.create("s3");
    try {
        const [gateway, cloud] = await Promise.all([VersityGateway.start(servers), CloudStack.create()]);
        try {
            await gateway.createUser(USER);
            await gateway.administrator.createBucket(BUCKET);
            const resources = [`arn:aws:s3:::${BUCKET}`, `arn:aws:s3:::${BUCKET}/*`];
            await gateway.administrator.putPolicy(BUCKET, {
                Version: "2012-10-17",
                Statement: [
                    {
                        Effect: "Allow",
                        Principal: { AWS: [USER.key] },
                        Action: ["s3:*"],
                        Resource: resources,
                    },
                ],
            });
            await cloud.join(gateway.server);
            await cloud.mustSwitchTo({
                ...{ name: "cloud", type: "s3", bucket: BUCKET, region: "us-east-1", uriStyle: "path" },
                ...{ endpoint: gateway.server.name, caFile: "ca.crt", key: USER.key, keySecret: USER.secret },
            });
            const megabytes = await load(cloud.running);
            const wal = await measure(gateway, push(cloud.running));
            print(`archive-push of ${SEGMENTS} segments,`, wal);
            const full = await measure(gateway, backup(cloud.running));
            print(`full backup of ${shown(megabytes)} MB,`, full);
        } finally {
            await cloud.remove();
        }
    } finally {
        await servers.remove();
    }
}
