import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { PATIENCE } from "../support/containers";
import { Restores, type Wanted } from "../support/ledger/restores";

const FEW = 2;
const MANY = 30;

/** No checkpoint but those that somebody asks for. */
const SERVER = ["-c", "max_wal_size=64GB", "-c", "checkpoint_timeout=1d", "-c", "wal_init_zero=off"];

describe("what is replayed while PostgreSQL moves to a restore", function () {
    this.timeout(PATIENCE);
    let restores: Restores;

    before(async () => {
        restores = await Restores.create({ settings: SERVER });
    });
    after(() => restores.remove());

    /** Writes as many segments, all of them archived. @returns a moment after that */
    async function write(segments: number): Promise<string> {
        const { containers } = restores;
        const one = "perform pg_logical_emit_message(false, 'x', 'x'); perform pg_switch_wal();";
        await containers.query(`do $$ begin for i in 1..${segments} loop ${one} end loop; end $$`);
        const moment = await containers.query("select clock_timestamp()");
        await restores.write("behind it");
        return moment;
    }

    /** Segments that the restore has replayed while the old one served, and those of the new one's own start. */
    async function replayed(name: string, wanted: Wanted): Promise<readonly [number, number]> {
        const said = await restores.mustRun(name, wanted);
        await restores.containers.query("insert into entries (moment) values ('meanwhile')");
        await restores.move(name);
        const log = await restores.containers.logs("postgres");
        const own = [...log.matchAll(/restored log file "[0-9A-F]{24}"/g)].length;
        return [Number(/: (\d+) WAL segments? replayed/.exec(said)?.[1]), own];
    }

    for (const kind of ["latest", "time"] as const)
        it(`is as much of ${MANY} segments as of ${FEW}: to the ${kind}`, async () => {
            const away: number[] = [];
            for (const segments of [FEW, MANY]) {
                const moment = await write(segments);
                const at = kind === "latest" ? kind : moment;
                const [beside, own] = await replayed(`${kind}-${segments}`, { at });
                assert.ok(beside >= segments, `${beside} segments were replayed beside it`);
                away.push(own);
                await restores.backup("incr", `${kind}-${segments}`);
            }
            const [few = 0, many = 0] = away;
            assert.ok(many <= few + 1 && many <= 3, `${few} of ${FEW}, ${many} of ${MANY}`);
        });
});
