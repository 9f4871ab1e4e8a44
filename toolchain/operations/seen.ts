// What can be seen of a stack that is up, and what that says of its protection: for `status` and for the report.
import type { AtWork, Service } from "./atWork";
import { type Answer, CANNOT_TELL, cannotTell, type Status } from "./operation";
import { type Held, type Repository, runningIn, type Running } from "./repositories";
import { type DatabaseWal, databaseWal, type RepositoryWal, repositoryWal } from "./wal";

export const WHAT = "whether the database is protected";
/** Seconds after which the service should have said something: as in healthcheck-pgbackrest.sh. */
const STALE = 60;

export interface Seen {
    readonly service: Service;
    /** What was read of each repository. */
    readonly held: readonly Held[];
    /** A backup that runs, whoever began it. */
    readonly running: Running | undefined;
    /** What PostgreSQL says of its archiver; or why it does not. */
    readonly database: DatabaseWal | string;
    /** By the number of the repository, where it could be listed. */
    readonly wal: ReadonlyMap<number, RepositoryWal>;
}

/** Or the answer that nothing can be seen. */
export async function look(stack: AtWork): Promise<Seen | Answer> {
    const service = await stack.service();
    if (typeof service === "string")
        return cannotTell(WHAT, service, `  docker start ${stack.backup}  starts it where it was stopped`);
    const [read, database] = await Promise.all([readAll(stack, service.repositories), databaseWal(stack)]);
    return { service, ...read, running: runningIn(read.held, service.state?.doing), database };
}

/** Reads them side by side. */
export async function readAll(
    stack: AtWork,
    repositories: readonly Repository[],
): Promise<Pick<Seen, "held" | "wal">> {
    const all = await Promise.all(
        repositories.map(async (repository) => {
            const held = await stack.held(repository);
            return { held, wal: await repositoryWal(stack, held) };
        }),
    );
    return {
        held: all.map(({ held }) => held),
        wal: new Map(
            all.flatMap(({ held, wal }) =>
                wal === undefined ? [] : [[held.repository.number, wal] as const],
            ),
        ),
    };
}

/** What is held in one of them. */
export function heldIn({ held }: Pick<Seen, "held">, repository: Repository): Held {
    const known = held.find((one) => one.repository.name === repository.name);
    return known ?? { repository, report: "it is being asked", json: "" };
}

/** What the service says of protection, as far as it can be relied on. */
export interface Told {
    /** 0: it is protected. */
    readonly status: Status;
    /** The service's own sentence, or why it does not count. */
    readonly sentence: string;
    /** Since when it is as it is; nothing where that cannot be told. */
    readonly since: number | undefined;
}

export function toldOf({ state, now, published }: Pick<Service, "state" | "now" | "published">): Told {
    const unknown = (sentence: string): Told => ({ status: CANNOT_TELL, sentence, since: undefined });
    if (state === undefined) return unknown("the backup service has not begun yet");
    const { verdict, activity, written } = state;
    const age = now - written;
    if (age > STALE)
        return unknown(
            `the backup service has said nothing for ${age} s; it said before: ${verdict.sentence}`,
        );
    const { since, sentence } = verdict;
    if (state.revision !== published)
        return { status: 1, sentence: `this configuration is not in force yet: ${activity}`, since };
    return { status: verdict.protected ? 0 : 1, sentence, since };
}
