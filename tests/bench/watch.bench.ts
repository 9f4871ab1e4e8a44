// What it costs to see that the database is protected, for a stack of four repositories: memory of the backup service's container with the
// exporter of PostgreSQL's own figures, and while a digest is made and sent; CPU while nothing is due; series; questions to the store.
import {
    METRICS_PATH,
    MONITORING,
    MONITORING_ROLE,
    POSTGRESQL_PATH,
} from "../../components/monitoring/serving";
import { renderRepo } from "../../components/pgbackrest/repository";
import { newState, renderRepositories } from "../../components/protection/state";
import { fileEnvironment } from "../../components/publication/publication";
import { Service } from "../../service/service";
import { Containers } from "../support/containers";
import { FakeWorld, repositoryOf, revisionOf } from "../support/fakeWorld";
import { FILES } from "../support/inputs";
import { amount, shown } from "./measure";

const NAMES = ["one", "two", "three", "four"];
/** MiB: the container's own limit beside backupMemory, see components/services/backup.ts. */
const LIMIT = 128;
const HOUR = 3600;

export default async function (): Promise<void> {
    const containers = await Containers.create();
    try {
        await start(containers);
        await wait(20);
        console.log(`four repositories, nobody asks: ${await memory(containers, "sleep 1")}`);
        const [own, postgresql] = [
            await series(containers, METRICS_PATH),
            await series(containers, POSTGRESQL_PATH),
        ];
        console.log(`series: ${own} of protection, ${postgresql} of PostgreSQL`);
        console.log(`scraped, with the exporter: ${await memory(containers, "sleep 1")}`);
        const seconds = amount(90, 5);
        const before = await cpuSeconds(containers);
        for (let passed = 0; passed < seconds; passed += 15) {
            await wait(Math.min(15, seconds));
            await series(containers, METRICS_PATH);
            await series(containers, POSTGRESQL_PATH);
        }
        const used = ((await cpuSeconds(containers)) - before) / seconds;
        console.log(
            `nothing is due, both scraped every 15 s: ${(used * 100).toFixed(2)} % of a CPU (with what asks: node)`,
        );
        const programs = ["/usr/local/bin/notify.cjs test", "/usr/local/bin/report.cjs test shop"];
        for (const program of programs) {
            const options = "--max-semi-space-size=1 --max-old-space-size=64";
            console.log(`${program}: ${await memory(containers, `node ${options} ${program}`)}`);
        }
        console.log(`with a limit of ${LIMIT} MiB, killed: ${await killed(containers)}`);
    } finally {
        await containers.remove();
    }
    console.log(await questions());
}

async function start(containers: Containers): Promise<void> {
    const repositories = NAMES.map((name, index) => ({
        number: index + 1,
        options: new Map([["path", `/var/lib/pgbackrest/${name}`]]),
    }));
    const published = NAMES.map((name, index) => ({ name, number: index + 1, place: `posix:${name}` }));
    const environment = fileEnvironment([
        { name: "conf.d/repo.conf", content: renderRepo(repositories) },
        { name: "repositories.json", content: renderRepositories(published) },
    ]);
    const retention = NAMES.map((_, index) => `repo${index + 1}-retention-full=8\n`).slice(1);
    const files = {
        ...FILES,
        [MONITORING]: '{"tls":false,"database":"app"}',
        "pg_hba.conf": `local all ${MONITORING_ROLE} peer map=pgbackrest\n${FILES["pg_hba.conf"]}`,
        "pg_ident.conf": `${FILES["pg_ident.conf"]}pgbackrest postgres ${MONITORING_ROLE}\n`,
        "pgbackrest.conf": FILES["pgbackrest.conf"].replace("[main]", `${retention.join("")}[main]`),
    };
    await must(containers.setup({ environment, files }));
    await containers.postgres();
    await containers.backup([], ["--memory", `${LIMIT}m`, "--memory-swap", `${LIMIT}m`]);
    await must(containers.apply());
}

const wait = (seconds: number): Promise<void> =>
    new Promise((resolve) => {
        setTimeout(resolve, seconds * 1000);
    });

async function must(result: Promise<{ readonly ok: boolean; readonly output: string }>): Promise<string> {
    const { ok, output } = await result;
    if (!ok) throw new Error(output);
    return output;
}

/** How many series an address has. */
async function series(containers: Containers, path: string): Promise<number> {
    const ask = `fetch("http://127.0.0.1:9464${path}").then((answer) => answer.text()).then(console.log)`;
    const text = await must(containers.exec("backup", "node", "-e", ask));
    return text.split("\n").filter((line) => /^[a-z]/.test(line)).length;
}

/** The most that all processes of the container have of their own while a command runs, and that without the command's. */
async function memory(containers: Containers, command: string): Promise<string> {
    const script = `${command} >/dev/null 2>&1 & child=$!
        while kill -0 "$child" 2>/dev/null; do
            awk -v child="$child" -v self="$$" '
                FILENAME != file { split(FILENAME, parts, "/"); pid = parts[3]; file = FILENAME }
                /^RssAnon/ && pid != self { all += $2; if (pid != child) others += $2 }
                END { print all, others }' /proc/[0-9]*/status 2>/dev/null
            sleep 0.05
        done`;
    const lines = (await must(containers.exec("backup", "bash", "-c", script))).trim().split("\n");
    const [all, others] = [0, 1].map((column) =>
        Math.max(...lines.map((line) => Number(line.split(" ")[column] ?? 0))),
    );
    return `${shown((all ?? 0) / 1024)} MiB of ${LIMIT} at most, ${shown((others ?? 0) / 1024)} MiB without the program itself`;
}

async function killed(containers: Containers): Promise<string> {
    const script =
        "sed -n 's/^oom_kill //p' /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control 2>/dev/null";
    const { stdout } = await containers.exec("backup", "sh", "-c", script);
    return stdout.trim() === "" ? "not known" : stdout.trim();
}

/** In cgroups of version 1 and 2. */
async function cpuSeconds(containers: Containers): Promise<number> {
    const script =
        "if [ -e /sys/fs/cgroup/cpu.stat ]; then sed -n 's/usage_usec //p' /sys/fs/cgroup/cpu.stat; else echo $(($(cat /sys/fs/cgroup/cpuacct/cpuacct.usage) / 1000)); fi";
    return Number((await containers.exec("backup", "sh", "-c", script)).stdout) / 1e6;
}

/** What is asked of four stores in an hour of a day: counted in a simulated one, in which a segment is written every five minutes. */
async function questions(): Promise<string> {
    const began = Date.UTC(2026, 0, 5, 12) / 1000;
    const schedules = "full 30 1 * * 0\ndiff 30 1 * * 1-6\ntimezone UTC\n";
    const world = new FakeWorld(began, schedules);
    const repositories = NAMES.map((name, index) =>
        repositoryOf(schedules, { name, number: index + 1, place: `posix:${name}` }),
    );
    world.revision = revisionOf(schedules, { repositories });
    for (const name of NAMES.slice(1)) world.others.set(name, { backups: [], wal: new Map() });
    world.archiver = { archived: { last: "000000010000000000000001", segmentSize: 2 ** 24 } };
    world.stride = 10;
    const asked: Record<string, number> = {};
    const [startOne, sleep] = [world.start.bind(world), world.sleep.bind(world)];
    world.start = (one, args, options) => {
        const what = args.includes("repo-ls") ? "repo-ls" : (args.at(-1) ?? "");
        if (world.now() >= began + HOUR) asked[what] = (asked[what] ?? 0) + 1;
        return startOne(one, args, options);
    };
    let written = began;
    world.sleep = async (seconds, event) => {
        if (world.now() - written >= 300) {
            written = world.now();
            world.write(1);
        }
        await sleep(seconds, event);
    };
    world.stopAt = began + 25 * HOUR;
    await new Service(world, newState("host", world.now()), { lookEvery: 600, grace: HOUR }).run();
    const all = Object.entries(asked).map(([what, count]) => `${what} ${shown(count / 24)}`);
    return `started an hour for four repositories: ${all.join(", ")} (repo-ls is one LIST, info two GETs)`;
}
