import { heartbeatOf, leastRpo } from "../drill/heartbeat";
import type { DrillWish, Goals } from "../drill/wish";
import { inOwnUnit, SETTINGS } from "../postgresql/catalog";
import { ARCHIVE_TIMEOUT } from "../postgresql/owned";
import type { ServerSettings } from "../postgresql/postgresqlSettings";
import { keyOf } from "../repository/complete";
import type { OwnDrill } from "../repository/entry";
import { checkCron } from "../schedule/cron";
import type { Written } from "./table";

/** By default each weekly full backup is proven, three days old. */
const WEEKLY = "30 3 * * 3";

/** How it is proven that backups restore. */
export interface Drill {
    /** When, of repositories that do not say it themselves: five cron fields; empty: never. */
    readonly schedule: string;
    /** What of it is for the drill itself. */
    readonly wish: DrillWish;
    /** Seconds between two commits that only tell how new what is recovered is. */
    readonly heartbeat: number;
    /** MiB that it may use. */
    readonly memory: number;
    /** CPUs that it may use; nothing: as many as PostgreSQL. */
    readonly cpus: number | undefined;
}

/** What is wrong with the setting `drill`. */
export function checkDrill(found: Written, postgresql: ServerSettings): string[] {
    const { schedule, queries, rpo } = found.drill;
    const timeout = archiveTimeout(postgresql);
    const isSet = schedule !== "" && schedule !== "off";
    const problem = isSet ? checkCron(schedule) : undefined;
    return [
        ...(problem === undefined
            ? []
            : [`pgbackrest:drill.schedule: ${JSON.stringify(schedule)} ${problem}`]),
        ...(isSet && !hasRepository(found)
            ? ["pgbackrest:drill.schedule: the stack has no repository that a drill could restore from"]
            : []),
        ...Object.keys(queries).flatMap((name) =>
            /^[\p{L}\p{N}](?:[\p{L}\p{N} _.-]{0,58}[\p{L}\p{N}])?$/u.test(name)
                ? []
                : [
                      `pgbackrest:drill.queries: ${JSON.stringify(name)}: a name has letters, digits, blanks and _ . -, at most 60, and begins and ends with a letter or digit`,
                  ],
        ),
        ...(rpo === 0 ? [] : checkRpo("pgbackrest:drill.rpo", rpo, timeout)),
        ...found.repositories.flatMap((repository, index) =>
            checkOwn(ownOf(repository), `${keyOf(index)}.drill`, scheduleOf(found), timeout),
        ),
    ];
}

/** @param usual the stack's schedule, or off */
function checkOwn(own: OwnDrill, key: string, usual: string, timeout: number): string[] {
    const { schedule = usual, rto, rpo = 0 } = own;
    const isOff = schedule === "off";
    const problem = isOff ? undefined : checkCron(schedule);
    const hasGoals = rto !== undefined || own.rpo !== undefined;
    return [
        ...(problem === undefined || own.schedule === undefined
            ? []
            : [`${key}.schedule: ${JSON.stringify(schedule)} ${problem}`]),
        ...(isOff && hasGoals
            ? [
                  own.schedule === undefined
                      ? `${key}: says what a drill may take, and the stack has no drills: give it a schedule here (such as "30 3 * * 3"), or at pgbackrest:drill`
                      : `${key}: is off and says what a drill may take: remove the one or the other`,
              ]
            : []),
        ...(rpo === 0 ? [] : checkRpo(`${key}.rpo`, rpo, timeout)),
    ];
}

type Entry = Written["repositories"][number];

function ownOf(repository: Entry): OwnDrill {
    return ("drill" in repository ? repository.drill : undefined) ?? {};
}

/** The stack's, for repositories that do not say it themselves. */
function scheduleOf({ drill, protect }: Written): string {
    return drill.schedule || (protect ? WEEKLY : "off");
}

/** What has been committed is not in the repository before the segment ends that it is in. */
function checkRpo(key: string, rpo: number, timeout: number): string[] {
    const least = leastRpo(timeout);
    if (least === undefined)
        return [
            `${key}: ${rpo} s cannot be held: pgbackrest:settings.archive_timeout is 0, so of an idle database nothing reaches the repository. Set it to ${Math.max(1, rpo - (leastRpo(1) ?? 0) + 1)}s or less`,
        ];
    if (rpo >= least) return [];
    const shorter = rpo - least + timeout;
    return [
        `${key}: ${rpo} s cannot be held: PostgreSQL archives at the latest after ${timeout} s (archive_timeout), a commit may be 30 s older than that, and its segment needs its way to the repository. Possible: ${least} s or more${shorter < 1 ? "" : `, or pgbackrest:settings.archive_timeout of ${shorter}s or less`}`,
    ];
}

/** Seconds; 0 where PostgreSQL ends no segment before it is full. */
function archiveTimeout(postgresql: ServerSettings): number {
    const rule = SETTINGS.get("archive_timeout");
    const value = postgresql["archive_timeout"] ?? ARCHIVE_TIMEOUT;
    return rule === undefined ? 0 : Math.round(inOwnUnit(rule, value) ?? 0);
}

function hasRepository({ repositories }: Written): boolean {
    return repositories.some(({ type }) => type !== "none");
}

/** @param found valid ones */
export function readDrill(found: Written, postgresql: ServerSettings): Drill | undefined {
    const { drill, database } = found;
    const usual = scheduleOf(found);
    const drilled = found.repositories.filter(
        (repository) => repository.type !== "none" && (ownOf(repository).schedule ?? usual) !== "off",
    );
    if (drilled.length === 0) return undefined;
    const goals = (repository?: Entry): Goals => {
        const { rto = drill.rto, rpo = drill.rpo } = repository === undefined ? {} : ownOf(repository);
        return { ...(rto === 0 ? {} : { rto }), ...(rpo === 0 ? {} : { rpo }) };
    };
    const own = drilled.filter((repository) => {
        const { rto, rpo } = ownOf(repository);
        return rto !== undefined || rpo !== undefined;
    });
    const rpos = drilled.flatMap((repository) => goals(repository).rpo ?? []);
    return {
        schedule: usual === "off" ? "" : usual,
        wish: {
            queries: Object.fromEntries(
                Object.entries(drill.queries).map(([name, query]) => [
                    name,
                    { ...query, database: query.database || database },
                ]),
            ),
            ...goals(),
            ...(own.length === 0
                ? {}
                : { repositories: Object.fromEntries(own.map((one) => [one.name, goals(one)])) }),
        },
        heartbeat: heartbeatOf(rpos.length === 0 ? undefined : Math.min(...rpos), archiveTimeout(postgresql)),
        memory: drill.memory,
        cpus: drill.cpus || undefined,
    };
}
