import * as v from "valibot";
import {
    type DrillRecord,
    DRILLS,
    readDrills,
    readRunningDrill,
    RUNNING_DRILL,
    type RunningDrill,
    SILENT_DRILL,
} from "../../components/drill/record";
import { drillsOf } from "../../components/drill/due";
import { type Report, readInfo } from "../../components/protection/info";
import { readRepositories, readState, type State } from "../../components/protection/state";
import { oneLine } from "../../components/protection/text";
import { PLACES } from "../../components/docker/places";
import { NOTIFIED, readNotified } from "../../components/notify/notified";
import { readSilence, SILENCE, type Silence } from "../../components/notify/silence";
import type { Outbox } from "../../components/notify/outbox";
import { readSchedules, type Timetable, timetableOf } from "../../components/schedule/file";
import { attempt, type Result, type RunOptions } from "../run";
import { type FoundStack, findStack, parsed } from "./findStack";
import type { Given } from "./operation";
import type { Held, Repository } from "./repositories";

/** What the backup service says of itself, and what is published, both as they are now. */
export interface Service {
    /** Of the container's host, in seconds since the epoch: this machine's clock may be another. */
    readonly now: number;
    /** Name of the published revision; empty where nothing is published. */
    readonly published: string;
    /** Nothing where there is none that this version can read. */
    readonly state: State | undefined;
    readonly timetable: Timetable | undefined;
    /** None for a configuration without. */
    readonly repositories: readonly Repository[];
    readonly drills: Drills;
    readonly notifications: {
        /** Nothing where there is none. */
        readonly silence: Silence | undefined;
        /** What waits for receivers. */
        readonly outbox: Outbox;
    };
}

export interface Drills {
    /** Does the stack have any? */
    readonly isOn: boolean;
    /** Oldest first. */
    readonly ended: readonly DrillRecord[];
    readonly running: RunningDrill | undefined;
    /** Where there are several repositories: those of each, in their order. */
    readonly each?: readonly (Omit<Drills, "each"> & { readonly name: string })[];
}

const Look = v.object({
    now: v.string(),
    published: v.string(),
    state: v.string(),
    schedules: v.string(),
    repositories: v.string(),
    none: v.string(),
    drills: v.string(),
    drill: v.string(),
    silence: v.string(),
    notified: v.string(),
});

const LOOK = `
file() { cat "$1" 2>/dev/null || true; }
directory=/etc/pgbackrest/current
exec jq --null-input --compact-output --arg now "$EPOCHSECONDS" \\
	--arg published "$(basename "$(readlink "$directory")" 2>/dev/null)" --arg none "$(ls "$directory/none" 2>/dev/null)" \\
	--rawfile state <(file /var/lib/pgbackrest-state/state.json) --rawfile schedules <(file "$directory/schedules") \\
	--rawfile silence <(file ${PLACES.state}/${SILENCE}) --rawfile notified <(file ${PLACES.state}/${NOTIFIED}) \\
	--rawfile repositories <(file "$directory/repositories.json") --rawfile drills <(file ${PLACES.drills}/${DRILLS}) \\
	--rawfile drill <(find ${PLACES.drills}/${RUNNING_DRILL} -newermt '-${SILENT_DRILL} seconds' -exec cat {} + 2>/dev/null) '$ARGS.named'`;

/** @param state nothing where it cannot be read: then names are what they are now */
export function drillsOfEach(
    found: Pick<Drills, "ended" | "running">,
    repositories: readonly Repository[],
    state: Pick<State, "repositories"> | undefined,
): Drills {
    const names = repositories.map(({ name }) => name);
    const each = repositories.map(({ name, timetable }) => {
        const { ended, running } = drillsOf(
            found,
            name,
            names,
            state?.repositories[name] ?? { formerNames: [] },
        );
        return {
            ...{ name, running, isOn: timetable?.schedules.has("drill") === true },
            ended: found.ended.filter((one) => ended.includes(one)),
        };
    });
    return {
        ...{ isOn: each.some(({ isOn }) => isOn), ...found },
        ...(each.length > 1 ? { each } : {}),
    };
}

/** Seconds that a repository has to say what it holds. One that is away keeps pgBackRest trying for minutes. */
const PATIENCE = 20;
/** Seconds after which it is away; so newer versions of pgBackRest can say in time why. */
const SILENT = 5;
/** How `timeout` ends when it has ended the command, and when it had to kill it. */
const TOO_LATE = [124, 137];

/** A stack that is up, asked and used through its containers, wherever its engine is. */
export class AtWork {
    constructor(readonly found: FoundStack) {}

    /** Or why there is none. */
    static async find({ directory, stack, environment }: Given): Promise<AtWork | string> {
        const found = await findStack(directory, stack, environment);
        return typeof found === "string" ? found : new AtWork(found);
    }

    get backup(): string {
        return this.found.outputs.containers.backup;
    }

    get postgres(): string {
        return this.found.outputs.containers.postgres;
    }

    /** It is there where drills are on. */
    get drill(): string {
        return `${this.prefix}-drill`;
    }

    /** What the names of all its objects begin with. */
    get prefix(): string {
        return this.postgres.replace(/-postgres$/, "");
    }

    get stanza(): string {
        return this.found.outputs.stanza;
    }

    docker(args: readonly string[], options: Omit<RunOptions, "environment"> = {}): Promise<Result> {
        return attempt("docker", args, { environment: this.found.engine, ...options });
    }

    /** pgBackRest in the backup container, where its locks are. */
    pgbackrest(args: readonly string[], options: Omit<RunOptions, "environment"> = {}): Promise<Result> {
        return this.docker(["exec", this.backup, "pgbackrest", `--stanza=${this.stanza}`, ...args], options);
    }

    /** As the superuser; `variables` are psql's, quoted in the text as `:'name'`. */
    psql(sql: string, variables: Readonly<Record<string, string>> = {}): Promise<Result> {
        const set = Object.entries(variables).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
        const quiet = ["--no-psqlrc", "--no-align", "--tuples-only", "--quiet", "--set", "ON_ERROR_STOP=1"];
        const command = [
            "exec",
            "--interactive",
            this.postgres,
            "psql",
            ...quiet,
            ...set,
            "--dbname=postgres",
        ];
        return this.docker(command, { input: sql, timeoutSeconds: 60 });
    }

    /** Or why it cannot be asked. */
    async service(): Promise<Service | string> {
        const asked = await this.docker(["exec", this.backup, "bash", "-c", LOOK], { timeoutSeconds: 60 });
        const look = v.safeParse(Look, parsed(asked.stdout));
        if (!asked.ok || !look.success)
            return `the container ${this.backup} cannot be asked: ${oneLine(asked.all, 500)}`;
        const {
            now,
            published: name,
            state,
            schedules,
            repositories,
            none,
            drills,
            drill,
            ...told
        } = look.output;
        const timetable = readSchedules(schedules);
        const known = readState(state);
        const published = readRepositories(repositories, none !== "").map((repository) => {
            const own = typeof timetable === "string" ? timetable : timetableOf(repository, timetable);
            return { ...repository, timetable: typeof own === "string" ? undefined : own };
        });
        const found = { ended: readDrills(drills), running: readRunningDrill(drill) };
        return {
            now: Number(now),
            published: name,
            state: known,
            timetable: typeof timetable === "string" ? undefined : timetable,
            repositories: published,
            drills:
                typeof timetable === "string"
                    ? { isOn: false, ...found }
                    : drillsOfEach(found, published, known),
            notifications: {
                silence: readSilence(told.silence, Number(now)),
                outbox: readNotified(told.notified)?.outbox ?? {},
            },
        };
    }

    /** What a repository holds. */
    async held(repository: Repository): Promise<Held> {
        const quiet = ["--log-level-console=off", "--log-level-stderr=error", "--output=json"];
        const asked = await this.#asked(repository, [...quiet, `--io-timeout=${SILENT}`]);
        const report = readInfo(asked.stdout, this.stanza);
        if (report?.readable === true) return { repository, report, json: asked.stdout };
        const problem = report?.problem ?? "";
        const why = TOO_LATE.includes(asked.exitCode)
            ? `it has not answered within ${PATIENCE} s`
            : oneLine(problem === "" ? asked.all : problem, 500);
        return { repository, report: why, json: asked.stdout };
    }

    /** Of a backup that runs in it now, whoever began that. */
    async progress(repository: Repository): Promise<Report["progress"]> {
        const quiet = ["--log-level-console=off", "--log-level-stderr=off", "--output=json"];
        const short = await this.#asked(repository, [...quiet, "--detail-level=progress"]);
        // Debian stable's pgBackRest does not know it.
        const { stdout } = short.ok ? short : await this.#asked(repository, quiet);
        return readInfo(stdout, this.stanza)?.progress;
    }

    /** The command would go on in the container when only the one here is ended. */
    #asked({ number }: Repository, options: readonly string[]): Promise<Result> {
        const patient = ["timeout", "--kill-after=2", String(PATIENCE)];
        const info = ["pgbackrest", `--stanza=${this.stanza}`, `--repo=${number}`, ...options, "info"];
        return this.docker(["exec", this.backup, ...patient, ...info], { timeoutSeconds: PATIENCE + 10 });
    }
}
