import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, describe, it } from "mocha";
import * as v from "valibot";
import { docker, eventually, mustDocker } from "../support/docker";
import { type ToldAlert, Watching } from "../support/watching";
import { mainStack, type MainStack } from "./mainStack";

const Monitoring = v.object({ monitoring: v.object({ scrape: v.string() }) });
const Queries = v.object({ queries: v.array(v.string()) });

describe("a real Prometheus and Alertmanager", function () {
    this.timeout(900_000);
    let main: MainStack;
    let watching: Watching;
    let queries: readonly string[] = [];

    const ops = async (...args: readonly string[]): Promise<string> => {
        const { ok, output } = await main.stack.launch(args, "ops").ended;
        assert.ok(ok, output);
        return output;
    };
    /** What was told last of each alert. */
    const last = async (): Promise<ReadonlyMap<string, ToldAlert>> =>
        new Map((await watching.told()).map((told) => [told.labels["alertname"] ?? "", told]));
    const becomes = (name: string, wanted: ToldAlert["status"]): Promise<ToldAlert> =>
        eventually(`${name} is ${wanted}`, async () => {
            const told = (await last()).get(name);
            return told?.status === wanted && told;
        });
    const fires = (name: string) => becomes(name, "firing");
    const isOver = (name: string) => becomes(name, "resolved");
    const isQuiet = (): Promise<boolean> =>
        eventually("nothing fires", async () =>
            [...(await last()).values()].every(({ status }) => status === "resolved"),
        );
    /** The labels of a critical alert that is of no repository. */
    const common = (alertname: string) => ({
        ...{ alertname, severity: "critical", job: "protection" },
        ...{ stack: main.stack.name, database: main.stack.name },
    });
    /**
     * What the dashboard asks for and Prometheus has nothing of; a query that it refuses fails here. What backups add in a day is not known
     * before they go back for one.
     */
    const empty = async (): Promise<readonly string[]> =>
        [...(await watching.counts(queries))]
            .filter(([query, count]) => count === 0 && !query.includes("repository_added_bytes_per_day"))
            .map(([query]) => query);
    const isComplete = (): Promise<boolean> =>
        eventually("each query has data", async () => (await empty()).length === 0, 500);
    /** PostgreSQL's own are there, by the second job of the scrape configuration. */
    const hasOwn = (): Promise<boolean> => {
        const { name } = main.stack;
        const up = `pg_up{job="postgresql",stack="${name}",database="${name}"} == 1`;
        return eventually("PostgreSQL's own", async () => (await watching.counts([up])).get(up) === 1);
    };

    before(async () => {
        main = await mainStack();
        const drill = { schedule: "0 4 1 * *" };
        main.stack.configure({ monitoring: { metrics: "on", postgresql: "on" }, drill });
        await main.stack.mustUp();
        const [outputs, dashboard, rules] = await Promise.all([
            main.stack.outputs(),
            ops("dashboard", "--json"),
            ops("alerts"),
        ]);
        ({ queries } = v.parse(Queries, JSON.parse(dashboard)));
        const { scrape } = v.parse(Monitoring, outputs).monitoring;
        watching = await Watching.start(main.stack.name, { scrape, rules });
    });
    after(async () => {
        await watching.stop();
        main.stack.configure({ monitoring: undefined, drill: undefined });
        await main.stack.mustUp();
    });

    it("tell nobody anything while all is well, and have data for each query of the dashboard", async () => {
        // Also for those on drills: the first one begins by itself.
        await isComplete();
        await hasOwn();
        // Until then it may have been red for the seconds that the quickened rules wait.
        await isQuiet();
        const told = await watching.told();
        await sleep(12_000);
        assert.deepEqual(await watching.told(), told);
    });

    it("tell that WAL does not arrive, that the service is silent, and which repository is away; and that each is over", async () => {
        const { repository, running } = main;
        chmodSync(repository, 0);
        try {
            await running.switchWal();
            const instance = `${main.stack.name}-backup:9464`;
            const stuck = { ...common("ArchivingStuck"), instance };
            assert.deepEqual((await fires("ArchivingStuck")).labels, stuck);
            // The broken stack has all of it, too: no query has data in one of the two only.
            assert.deepEqual(await empty(), []);

            await mustDocker(["stop", running.name("backup")]);
            const silent = common("BackupServiceSilent");
            assert.deepEqual((await fires("BackupServiceSilent")).labels, silent);

            // A service that begins looks at once, and not only when its next look is due.
            await mustDocker(["start", running.name("backup")]);
            await isOver("BackupServiceSilent");
            const away = { ...common("RepositoryAway"), instance, repository: "host" };
            assert.deepEqual((await fires("RepositoryAway")).labels, away);
        } finally {
            chmodSync(repository, 0o750);
            // It would try again by itself, some time later.
            await docker(["restart", running.name("backup")]);
        }
        await running.switchWal();
        for (const name of ["ArchivingStuck", "RepositoryAway"]) await isOver(name);
        await isQuiet();
        await isComplete();
        await hasOwn();
    });
});
