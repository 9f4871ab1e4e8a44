import type { Backup } from "../../components/protection/info";
import { bytes, duration } from "../../components/protection/text";
import type { Drills } from "../operations/atWork";
import type { Seen } from "../operations/seen";

interface Known {
    readonly now: number;
    readonly drills: Pick<Drills, "isOn" | "ended" | "each">;
    readonly repositories: readonly {
        readonly name: string;
        readonly problem: string;
        readonly backups: readonly Pick<Backup, "damaged">[];
        readonly walBytes: number | undefined;
    }[];
}

/** What nothing has looked at, each in words: what the sentence does not rest on. */
export function untested(facts: Known, { service, database }: Pick<Seen, "service" | "database">): string[] {
    const { repositories, now } = facts;
    return [
        ...(typeof database === "string" ? [`what PostgreSQL says of its archiver: ${database}`] : []),
        ...drillsLack(facts),
        ...repositories.flatMap(({ name, problem, walBytes, backups }) => {
            const memory = service.state?.repositories[name];
            const verified = memory?.verified ?? 0;
            return [
                ...(problem === "" ? [] : [`what repository ${name} holds: ${problem}`]),
                ...(walBytes === undefined && problem === ""
                    ? [`how much WAL is in repository ${name}: it could not be listed in time`]
                    : []),
                ...(verified === 0
                    ? [`each file of repository ${name}: no verify has ended yet`]
                    : now - verified > LONG_AGO
                      ? [
                            `each file of repository ${name}: no verify has found all well for ${duration(now - verified)}`,
                        ]
                      : []),
                ...(backups.some(({ damaged }) => damaged)
                    ? [`the data in backups with damaged pages in repository ${name}`]
                    : []),
            ];
        }),
    ];
}

/** After that somebody may want to know, whatever the schedule of verify is. */
const LONG_AGO = 31 * 86_400;

function drillsLack({ drills, repositories }: Known): string[] {
    const { isOn, ended, each } = drills;
    if (each !== undefined) return each.flatMap(lackOfOne);
    const newest = ended.at(-1);
    if (newest === undefined)
        return [`whether the backups restore: ${isOn ? "no drill has ended yet" : "drills are off"}`];
    const passed = ended.flatMap(({ result, repository }) => (result === "passed" ? [repository] : []));
    return [
        ...(isOn ? [] : ["whether the backups of now restore: drills are off"]),
        ...repositories
            .filter(({ name }) => !passed.includes(name))
            .map(
                ({ name }) =>
                    `whether the backups of repository ${name} restore: no drill has passed with them`,
            ),
        ...newest.notTested.map((text) => `by the newest drill (${bytes(newest.bytes)}): ${text}`),
    ];
}

/** Of several. */
function lackOfOne({ name, isOn, ended }: NonNullable<Known["drills"]["each"]>[number]): string[] {
    const what = `whether the backups of repository ${name} restore`;
    const newest = ended.at(-1);
    if (!isOn) return [`${what}: its drills are off`];
    if (newest === undefined) return [`${what}: no drill has ended yet`];
    return [
        ...(ended.some(({ result }) => result === "passed")
            ? []
            : [`${what}: no drill has passed with them`]),
        ...newest.notTested.map((text) => `by the newest drill of ${name} (${bytes(newest.bytes)}): ${text}`),
    ];
}
