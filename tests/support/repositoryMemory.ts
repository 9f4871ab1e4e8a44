import type { Backup } from "../../components/protection/info";
import { type RepositoryMemory, UNWATCHED } from "../../components/protection/state";

export const NOW = Date.UTC(2026, 10, 27, 6) / 1000;
export const DAY = 86_400;

/** What the service remembers of a repository that has all that it should have, but for `changes`. */
export const memory = (changes: Partial<RepositoryMemory> = {}): RepositoryMemory => ({
    ...{ place: "main\nposix:volume x", since: 0, archiving: "1-abc", protected: "1-abc" },
    ...{ newest: { full: NOW - 3600, diff: NOW - 3600, incr: NOW - 3600 }, verified: NOW - DAY },
    ...{ damage: "", damagedPages: "", expired: null },
    ...UNWATCHED,
    ...changes,
});

/** A good full backup of an hour ago whose WAL is one segment, but for `changes`. */
export const fullBackup = (segment: string, changes: Partial<Backup> = {}): Backup => ({
    ...{ label: "1F", type: "full", damaged: false, needs: [], repository: 1, added: 1, size: 1 },
    ...{ lsn: undefined, start: NOW - 3600, stop: NOW - 3000, wal: { first: segment, last: segment } },
    ...changes,
});
