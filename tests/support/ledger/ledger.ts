import * as v from "valibot";
import { Containers } from "../containers";
import { mustDocker } from "../docker";
import { prepared } from "../images";
import { ledgerImage } from "./image";

const Moment = v.object({
    name: v.string(),
    timeline: v.number(),
    /** Its transaction: where the record of its commit begins, and its time. */
    commit: v.object({ lsn: v.string(), time: v.string() }),
    /** Where the restore point after it is. */
    point: v.string(),
    /** All that was there then, sorted. */
    rows: v.array(v.string()),
});
export type Moment = v.InferOutput<typeof Moment>;

/** What the ledger has of each moment, in the order in which they were. */
export class Ledger {
    private constructor(private readonly moments: readonly Moment[]) {}

    /** Copies data and repository into volumes of `containers`, which have neither yet. */
    static async copyTo(containers: Containers): Promise<Ledger> {
        const lines = await mustDocker([
            ...["run", "--rm", "--network", "none"],
            ...containers.mount("data", "/var/lib/postgresql/data"),
            ...containers.mount("repo", "/var/lib/pgbackrest"),
            ...[await prepared(ledgerImage()), "cat", "/var/lib/postgresql/moments"],
        ]);
        return new Ledger(lines.split("\n").map((line) => v.parse(Moment, JSON.parse(line))));
    }

    at(name: string): Moment {
        const found = this.moments.find((moment) => moment.name === name);
        if (found === undefined) throw new Error(`the ledger has no moment ${name}`);
        return found;
    }
}
