import { BACKUPS, nextScheduled, type Timetable } from "../schedule/file";
import type { RepositoryMemory, State, Verdict } from "./state";
import { isBehind } from "./backlog";
import type { Cause } from "./cause";
import { conflictText } from "./conflict";
import { dataVolumeText, fillingText, type Sample } from "./dataVolume";
import { isBackingUp, isTryingAgain } from "./doing";
import { driftText, type Loaded } from "./drift";
import { endsText } from "./ends";
import { listed, minute, oneLine } from "./text";

/** What PostgreSQL says about its archiving. */
export interface Archiving extends Loaded {
    /** Why it could not be asked. */
    readonly unreachable?: string | undefined;
    /** The last failure, after which nothing was archived: since when, and which segment. */
    readonly failing?: string | undefined;
    /** That segment, or another of the archiver's files. */
    readonly failed?: string | undefined;
    /** A segment that has waited for long: an archive_command that hangs fails nothing. */
    readonly waiting?: string | undefined;
    /** The newest segment that has waited as long. */
    readonly late?: string | undefined;
    /** How many segments wait. */
    readonly backlog?: number | undefined;
    /** What somebody should do away with in PostgreSQL before it does harm, in words. */
    readonly forgotten?: string | undefined;
    /** As far as PostgreSQL knows. */
    readonly archived?:
        | {
              /** The file that was archived last, most often a segment. */
              readonly last: string;
              /** Bytes. */
              readonly segmentSize: number;
              /** The timeline that PostgreSQL writes, as names of segments begin with it; nothing while it recovers. */
              readonly timeline?: string | undefined;
              /** The first segment of its timeline, where that is not the first timeline. */
              readonly fork?: string | undefined;
          }
        | undefined;
}

/** Is there anything wrong with it? */
export function isTroubled({ unreachable, failing, waiting }: Archiving): boolean {
    return [unreachable, failing, waiting].some((trouble) => trouble !== undefined);
}

/** In words, of a repository that has drills. */
interface Proof {
    readonly lacking: string;
    readonly given: string;
}

/** The published configuration, as far as it decides what protection is. */
export interface Published {
    readonly revision: string;
    /** In order; none for one without. */
    readonly repositories: readonly PublishedRepository[];
}

interface PublishedRepository {
    readonly name: string;
    readonly timetable: Timetable;
}

export interface Evidence {
    /** Nothing where nothing is published, and what is wrong with what cannot be used. */
    readonly published: Published | string | undefined;
    readonly state: Pick<State, "activity" | "error" | "doing" | "repositories"> &
        Partial<Pick<State, "ends">>;
    readonly archiving: Archiving;
    /** Of the data volume. */
    readonly samples: readonly Sample[];
    /** What drills tell of repositories, by name: why it is not proven that the backups restore, or nothing, and how it is. Nothing of those without. */
    readonly drills?: Readonly<Record<string, Proof>> | undefined;
    /** How late a backup may be, in seconds. */
    readonly grace: number;
    readonly now: number;
}

/** Minutes that a segment may wait. */
export const LONGEST_WAIT = 5;

/**
 * Is the database protected, since when, and why not? Everything that tells whether it is tells this. One repository that is well protects it,
 * proven by its drills where it has some; all is well when every one is.
 * @param before the last answer, which knows since when
 */
export function judge(evidence: Evidence, before: Verdict): Verdict {
    const { published, now } = evidence;
    if (typeof published !== "object") {
        const text =
            published === undefined
                ? "no configuration is published"
                : `the published configuration cannot be used: ${published}`;
        return lacks(because("configuration", text), "protected", before, now);
    }
    const { repositories } = published;
    if (repositories.length === 0)
        return since(before, now, {
            healthy: true,
            protected: false,
            sentence: "no repository: not protected",
        });
    const judged = repositories.map(({ name, timetable }) => {
        const own = ofOne(evidence, name, repositories.length);
        const reason = withLoss(
            reasonOf(own, published.revision, timetable),
            Object.values(own.state.repositories),
        );
        return { name, reason };
    });
    const troubled = judged.flatMap(({ name, reason }) => (reason === undefined ? [] : [{ name, reason }]));
    const bad = judged.flatMap(({ name, reason }) => {
        const found = reason ?? unproven(evidence, name);
        return found === undefined ? [] : [{ name, reason: found }];
    });
    const [worst] = [...troubled, ...bad];
    if (worst !== undefined && troubled.length === judged.length)
        return lacks(because(worst.reason.cause, togetherText(troubled)), "protected", before, now);
    if (worst !== undefined && bad.length === judged.length)
        return lacks(because(worst.reason.cause, togetherText(bad)), "proven", before, now);
    const well = judged.map(({ name }) => name).filter((name) => !bad.some((one) => one.name === name));
    const others = worst === undefined ? "" : ` by ${listed(well)} only; ${bad.map(ofRepository).join("; ")}`;
    const sentence = `protected${others}${worst === undefined ? ", " : "; "}${wellText(evidence, well, judged.length)}`;
    return since(before, now, {
        ...{ healthy: worst === undefined, protected: true, sentence: oneLine(sentence, LONGEST) },
        ...(worst === undefined ? {} : { cause: worst.reason.cause }),
    });
}

/** Backups are there, and it is not proven that they restore. */
function unproven({ drills }: Evidence, name: string): Reason | undefined {
    const { lacking = "" } = drills?.[name] ?? {};
    return lacking === "" ? undefined : because("drill", lacking);
}

interface Bad {
    readonly name: string;
    readonly reason: Reason;
}

function ofRepository({ name, reason: { text } }: Bad): string {
    return `repository ${name}: ${text}`;
}

/** What is true of all is said once. */
function togetherText(bad: readonly Bad[]): string {
    const texts = new Set(bad.map(({ reason }) => reason.text));
    const [first = ""] = texts;
    return texts.size === 1 ? first : bad.map(ofRepository).join("; ");
}

function lacks({ cause, text }: Reason, what: "protected" | "proven", before: Verdict, now: number): Verdict {
    const verdict = since(before, now, { healthy: false, protected: false, sentence: "" });
    const sentence = `${oneLine(text, LONGEST)} (not ${what} since ${minute(verdict.since)} UTC)`;
    return { ...verdict, cause, sentence };
}

/** What is to be known although all is well: of several, which is proven by what. */
function wellText(
    { published, state, drills, samples, archiving, now }: Evidence,
    well: readonly string[],
    all: number,
): string {
    const unreachable = Object.values(state.repositories).map((repository) => repository.unreachable);
    const revision = typeof published === "object" ? published.revision : "";
    const others = [
        archiving.forgotten ?? "",
        driftText(archiving, revision),
        endsText(state.ends ?? [], now),
    ];
    const rest = [...unreachable, dataVolumeText(samples), ...others]
        .filter((one) => one !== "")
        .map((one) => `; ${one}`);
    const proofs = well.flatMap((name) => {
        const { given = "" } = drills?.[name] ?? {};
        return given === "" ? [] : [`, ${all === 1 ? "" : `${name} `}${given}`];
    });
    const error = state.error === "" ? "" : `; last error: ${state.error}`;
    return [activityText(state), ...proofs, error, ...rest].join("");
}

/** Of several that are idle the sentence would grow long: when each of them is due is told elsewhere. */
function activityText({ activity, doing = {} }: Evidence["state"]): string {
    if (Object.keys(doing).length === 0) return activity;
    const busy = Object.entries(doing).filter(([, one]) => !one.activity.startsWith("idle"));
    return busy.length === 0 ? "idle" : busy.map(([name, one]) => `${name}: ${one.activity}`).join("; ");
}

/** What there is to judge one of several by. What PostgreSQL waits for is its fault only where the WAL lacks. */
function ofOne(evidence: Evidence, name: string, all: number): Evidence {
    if (all === 1) return evidence;
    const { state, archiving } = evidence;
    const memory = state.repositories[name];
    const { activity, error } = state.doing?.[name] ?? { activity: state.activity, error: "" };
    return {
        ...evidence,
        archiving:
            memory?.isBehind === true ? archiving : { ...archiving, failing: undefined, waiting: undefined },
        state: { activity, error, repositories: memory === undefined ? {} : { [name]: memory } },
    };
}
const LONGEST = 2000;

function since(before: Verdict, now: number, verdict: Omit<Verdict, "since">): Verdict {
    return { ...verdict, since: before.protected === verdict.protected ? before.since : now };
}

/** Why it is not protected, and what kind of trouble that is. */
interface Reason {
    readonly cause: Cause;
    readonly text: string;
}

function because(cause: Cause, text: string): Reason {
    return { cause, text };
}

/** Nothing where it is protected. The worst comes first. */
function reasonOf(evidence: Evidence, revision: string, timetable: Timetable): Reason | undefined {
    const { state, archiving } = evidence;
    const last = state.error === "" ? state.activity : state.error;
    const repositories = Object.values(state.repositories);
    for (const { damage } of repositories) if (damage !== "") return because("damage", damage);
    for (const { full } of repositories) if (full !== "") return because("full", full);
    for (const { conflict } of repositories)
        if (conflict !== null)
            return because("conflict", conflictText(conflict, archiving.archived?.last ?? ""));
    if (repositories.length === 0 || repositories.some((repository) => repository.archiving !== revision))
        return because("configuration", `this configuration is not in force yet: ${last}`);
    if (archiving.unreachable !== undefined)
        return because("database", `PostgreSQL does not answer: ${archiving.unreachable}`);
    if (archiving.failing !== undefined)
        return because(
            "archiving",
            `WAL does not arrive in the repository ${archiving.failing}: see the log of the postgres container`,
        );
    if (archiving.waiting !== undefined)
        return because(
            "archiving",
            `WAL segment ${archiving.waiting} has waited for more than ${LONGEST_WAIT} minutes to be archived`,
        );
    for (const repository of repositories) {
        for (const trouble of [repository.missingWal, repository.lostBackups, repository.ahead])
            if (trouble !== "") return because("gap", trouble);
        if (repository.damagedPages !== "") return because("pages", repository.damagedPages);
        const missing = missingBackup(evidence, timetable, repository);
        if (missing !== undefined) return missing;
    }
    const filling = fillingText(evidence.samples);
    return filling === undefined ? undefined : because("filling", filling);
}

/** What is gone is said beside whatever else is wrong, and when nothing else is. */
function withLoss(reason: Reason | undefined, repositories: readonly RepositoryMemory[]): Reason | undefined {
    const gone = repositories.map((repository) => repository.gone).filter((text) => text !== "");
    if (gone.length === 0) return reason;
    return because(
        reason?.cause ?? "gone",
        [...(reason === undefined ? [] : [reason.text]), ...gone].join("; "),
    );
}

/** The newest backups must be as young as their schedules want them. */
function missingBackup(
    { state, grace, now }: Evidence,
    timetable: Timetable,
    { newest, firstBackupAt }: RepositoryMemory,
): Reason | undefined {
    if (newest.full === null && firstBackupAt !== null)
        return because(
            "first",
            `the first backup is scheduled for ${minute(firstBackupAt)} UTC, and nothing can be restored before it`,
        );
    if (newest.full === null)
        return because(
            "first",
            `there is no full backup yet: ${state.error === "" ? state.activity : state.error}`,
        );
    if (isBackingUp(state.activity) && !isTryingAgain(state.activity)) return undefined;
    for (const kind of BACKUPS) {
        const last = newest[kind];
        const next = last === null ? undefined : nextScheduled(timetable, kind, last);
        if (next !== undefined && next + grace < now) {
            const why = state.error === "" && isBehind(state.activity) ? state.activity : state.error;
            return because(
                "late",
                `the ${kind} backup of ${minute(next)} UTC is missing${why === "" ? "" : `: ${why}`}`,
            );
        }
    }
    return undefined;
}
