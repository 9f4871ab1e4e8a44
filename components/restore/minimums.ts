// Recovery that lets readers in refuses less of these settings than the server had that wrote the WAL, wherever on the way it had more.
import * as v from "valibot";
import { fromJson } from "../fields";

/** Each with PostgreSQL's default, and its name in the control file. */
const SETTINGS = {
    max_connections: [100, "max_connections setting"],
    max_worker_processes: [8, "max_worker_processes setting"],
    max_wal_senders: [10, "max_wal_senders setting"],
    max_prepared_transactions: [0, "max_prepared_xacts setting"],
    max_locks_per_transaction: [64, "max_locks_per_xact setting"],
} as const;
export const MINIMUMS = Object.keys(SETTINGS);

/** By the name of the setting. */
export type Minimums = ReadonlyMap<string, number>;

/** What a server has by the arguments of its command line, and else by default. */
export function declaredMinimums(args: readonly string[]): Minimums {
    return new Map(
        Object.entries(SETTINGS).map(([name, [usual]]) => {
            const given = args.findLast((argument) => argument.startsWith(`${name}=`));
            const value = given === undefined ? NaN : Number(given.slice(name.length + 1));
            return [name, Number.isNaN(value) ? usual : value];
        }),
    );
}

/** Of each the greater of what a server has, and of what the control file of its data says that the WAL was written with. */
export function enough(declared: Minimums, control: ReadonlyMap<string, string>): Minimums {
    return new Map(
        Object.entries(SETTINGS).map(([name, [, label]]) => [
            name,
            Math.max(Number(control.get(label) ?? 0), declared.get(name) ?? 0),
        ]),
    );
}

/** Reads what a server says that it has; nothing when it says something else. */
export function readMinimums(json: string): Minimums | undefined {
    const found = fromJson(v.record(v.string(), v.number()), json);
    return found === undefined ? undefined : new Map(Object.entries(found));
}
