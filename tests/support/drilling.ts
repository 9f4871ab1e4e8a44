import assert from "node:assert/strict";
import { ORDER } from "../../components/drill/order";
import {
    type DrillRecord,
    DRILLS,
    readDrills,
    readRunningDrill,
    RUNNING_DRILL,
    type RunningDrill,
} from "../../components/drill/record";
import type { DrillWish } from "../../components/drill/wish";
import { Containers, HARDENED, READ_ONLY } from "./containers";
import { docker, eventually, mustDocker, type Result } from "./docker";
import { Ledger } from "./ledger/ledger";

const DATA = "/var/lib/postgresql/data";
const REPOSITORY = "/var/lib/pgbackrest";
const STATE = "/var/lib/pgbackrest-state";
const NOTES = "/var/lib/pgbackrest-drills";

export interface Wanted {
    readonly queries?: DrillWish["queries"];
    readonly rto?: number;
    readonly rpo?: number;
    /** Arguments of the stack's own server. */
    readonly settings?: readonly string[];
    /** Options of docker run in place of the mount of the scratch volume, and others. */
    readonly data?: readonly string[];
    readonly options?: readonly string[];
}

/** A copy of the ledger's repository, and the container that drills with it. Nothing else runs. */
export class Drills {
    private constructor(
        readonly containers: Containers,
        readonly ledger: Ledger,
    ) {}

    static async create(setup: Parameters<Containers["setup"]>[0] = {}): Promise<Drills> {
        const containers = await Containers.create();
        const ledger = await Ledger.copyTo(containers);
        const { ok, output } = await containers.setup(setup);
        if (!ok) throw new Error(output);
        return new Drills(containers, ledger);
    }

    /** Starts the container, in place of the one that there is. */
    async start({ queries = {}, rto, rpo, settings = [], data, options = [] }: Wanted = {}): Promise<void> {
        const { containers } = this;
        await docker(["rm", "--force", containers.name("drill")]);
        const wish: DrillWish = { queries, rto, rpo };
        await mustDocker([
            ...["run", "--detach", "--name", containers.name("drill"), ...HARDENED, ...READ_ONLY],
            ...["--env", `DRILL=${JSON.stringify(wish)}`, ...options],
            ...(data ?? containers.mount("drill-data", DATA)),
            ...containers.mount("drill-spool", "/var/spool/pgbackrest"),
            ...containers.mount("drill-state", NOTES),
            ...containers.mount("config", "/etc/pgbackrest", "ro"),
            ...containers.mount("repo", REPOSITORY, "ro"),
            ...containers.mount("state", STATE, "ro"),
            ...[containers.image, "drill-database.sh", "serve", "-c", "max_connections=110", ...settings],
        ]);
        await this.begun(1);
    }

    /** Waits until the container has begun so many times. */
    async begun(times: number): Promise<void> {
        await this.containers.logged(
            "drill",
            new RegExp(`(?:waiting until a drill is wanted[^]*){${times}}`),
        );
    }

    /** A drill by hand, to its end. */
    run(): Promise<Result> {
        return this.tell("run");
    }

    /** A command in the container. */
    tell(...command: readonly string[]): Promise<Result> {
        return this.containers.exec("drill", "drill-database.sh", ...command);
    }

    /** What a drill by hand has found; its exit status is what it should be for that. */
    async record(): Promise<DrillRecord> {
        const { exitCode, output } = await this.run();
        const record = await this.newest();
        assert.equal(exitCode, record.result === "passed" ? 0 : 1, output);
        return record;
    }

    async newest(): Promise<DrillRecord> {
        const newest = readDrills(await this.read(`${NOTES}/${DRILLS}`)).at(-1);
        assert.ok(newest, await this.containers.logs("drill"));
        return newest;
    }

    async many(): Promise<number> {
        return readDrills(await this.read(`${NOTES}/${DRILLS}`)).length;
    }

    async running(): Promise<RunningDrill | undefined> {
        return readRunningDrill(await this.read(`${NOTES}/${RUNNING_DRILL}`));
    }

    /** Waits until the running drill is so far. */
    during(what: string, isThere: (running: RunningDrill) => boolean): Promise<RunningDrill> {
        return eventually(what, async () => {
            const running = await this.running();
            return running !== undefined && isThere(running) ? running : undefined;
        });
    }

    /** As the backup service says it. */
    async order(wanted: number, aside: boolean, repository?: string): Promise<void> {
        const file = `${STATE}/${ORDER}`;
        const script = `printf %s '${JSON.stringify({ wanted, aside, repository })}' >${file}.new; mv ${file}.new ${file}`;
        const { ok, output } = await this.containers.shell(script);
        assert.ok(ok, output);
    }

    /** In the repository. */
    async damage(script: string): Promise<void> {
        const { ok, output } = await this.containers.shell(`cd ${REPOSITORY}; ${script}`);
        assert.ok(ok, output);
    }

    /** What lies in the scratch volume and in its spool. */
    async left(): Promise<string> {
        const find = ["find", DATA, "/var/spool/pgbackrest", "-mindepth", "1"];
        return (await this.containers.exec("drill", ...find)).output;
    }

    private async read(file: string): Promise<string> {
        return (await this.containers.exec("drill", "cat", file)).stdout;
    }

    async remove(): Promise<void> {
        await this.containers.remove();
    }
}
