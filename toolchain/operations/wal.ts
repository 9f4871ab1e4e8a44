import * as v from "valibot";
import { oneLine } from "../../components/protection/text";
import type { AtWork } from "./atWork";
import { parsed } from "./findStack";
import type { Held } from "./repositories";

/** What PostgreSQL says of its archiver. */
export interface DatabaseWal {
    /** Segments that are to be archived, and their bytes. */
    readonly waiting: number;
    readonly waitingBytes: number;
    /** The file that was archived last, and when, in seconds since the epoch. */
    readonly last: string;
    readonly lastTime: number;
}

const QUERY = `select json_build_object(
    'waiting', (select count(*) from pg_ls_archive_statusdir() where name like '%.ready'),
    'waitingBytes', (select count(*) from pg_ls_archive_statusdir() where name like '%.ready')
        * pg_size_bytes(current_setting('wal_segment_size')),
    'last', coalesce(last_archived_wal, ''),
    'lastTime', coalesce(floor(extract(epoch from last_archived_time)), 0))
from pg_stat_archiver;`;

const Answered = v.object({
    waiting: v.number(),
    waitingBytes: v.number(),
    last: v.string(),
    lastTime: v.number(),
});

/** Or why it cannot be asked. */
export async function databaseWal(stack: AtWork): Promise<DatabaseWal | string> {
    const asked = await stack.psql(QUERY);
    const answer = v.safeParse(Answered, parsed(asked.stdout));
    return asked.ok && answer.success ? answer.output : oneLine(asked.all, 300);
}

/** The archive of a repository. */
export interface RepositoryWal {
    readonly files: number;
    readonly bytes: number;
    /** When the newest segment of the running cluster was archived, in seconds since the epoch; nothing where there is none. */
    readonly newest: number | undefined;
}

/** A bucket gives so many names in a minute that this is enough for most; more is not worth to be waited for. */
const PATIENCE = 30;

const LIST = `set -o pipefail
timeout "$1" pgbackrest --stanza="$2" --repo="$3" --output=json --log-level-console=off --log-level-stderr=off --recurse \\
	repo-ls "archive/$2" | jq --compact-output --arg newest "$4" '
	to_entries | {
		files: map(select(.value.type == "file")) | length,
		bytes: map(.value.size // 0) | add,
		newest: map(select(.key | startswith($newest)).value.time) | max }'`;

const Listed = v.object({
    files: v.number(),
    bytes: v.nullish(v.number(), 0),
    newest: v.nullish(v.number()),
});

/** How much WAL there is, and up to when. Of what cannot be listed, or takes too long, nothing. */
export async function repositoryWal(
    stack: AtWork,
    { repository: { number }, report }: Held,
): Promise<RepositoryWal | undefined> {
    if (typeof report === "string") return undefined;
    const { id = "", newest = "" } = report.archive ?? {};
    const path = `${id}/${newest.slice(0, 16)}/${newest}`;
    const args = [String(PATIENCE), stack.stanza, String(number), path];
    const asked = await stack.docker(["exec", stack.backup, "bash", "-c", LIST, "bash", ...args]);
    const listed = v.safeParse(Listed, parsed(asked.stdout));
    if (!asked.ok || !listed.success) return undefined;
    const { newest: time, ...amount } = listed.output;
    return { ...amount, newest: newest === "" ? undefined : (time ?? undefined) };
}
