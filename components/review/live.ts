import { execFileSync } from "node:child_process";
import { type Backup, readInfo } from "../protection/info";
import { minute } from "../protection/text";
import type { RepositoryDescription } from "../state/description";

/** What a preview needs to know of a backup. */
export type LiveBackup = Pick<
    Backup,
    "label" | "type" | "needs" | "repository" | "start" | "stop" | "added" | "size"
>;

/** Seconds that a repository has for its answer. */
const PATIENCE = 4;

/** All at once; each by itself, because one that is away keeps pgBackRest trying for minutes. */
const ASK = `
stanza=$1; shift
ask() { timeout --kill-after=1 ${PATIENCE} pgbackrest --stanza="$stanza" --repo="$1" --output=json --log-level-console=off info; }
for number in "$@"; do exec {answer}< <(ask "$number"); answers+=("/dev/fd/$answer"); done
jq --compact-output . "\${answers[@]}"`;

/**
 * Asks the running backup service. A preview must not fail, nor wait for long, because it does not answer.
 * @returns the backups of those repositories that answer, oldest first; nothing where none does
 */
export function askRepository(
    deployed: {
        readonly name: string;
        readonly dockerHost: string;
        readonly stanza: string;
        readonly repositories: readonly Pick<RepositoryDescription, "number">[];
    },
    run: typeof execFileSync = execFileSync,
): readonly LiveBackup[] | undefined {
    const host = deployed.dockerHost === "" ? [] : ["--host", deployed.dockerHost];
    const numbers = deployed.repositories.map(({ number }) => String(number));
    const ask = ["bash", "-c", ASK, "bash", deployed.stanza, ...numbers];
    try {
        const answer = run("docker", [...host, "exec", `${deployed.name}-backup`, ...ask], {
            ...{ encoding: "utf8", timeout: (PATIENCE + 2) * 1000, killSignal: "SIGKILL" },
            stdio: ["ignore", "pipe", "ignore"],
        });
        const reports = answer
            .split("\n")
            .map((json) => readInfo(json, deployed.stanza))
            .filter((report) => report?.readable === true);
        if (reports.length === 0) return undefined;
        return reports.flatMap((report) => report?.backups ?? []).sort((a, b) => a.stop - b.stop);
    } catch {
        return undefined;
    }
}

/** What of these backups (oldest first) a retention removes at its next chance. */
export function expiring(
    backups: readonly LiveBackup[],
    retention: RepositoryDescription["retention"],
    now: Date,
): LiveBackup[] {
    const gone = new Set(fullsToGo(backups, retention, now).map((backup) => backup.label));
    const spread = (): void => {
        for (const backup of backups)
            if (backup.needs.some((label) => gone.has(label))) gone.add(backup.label);
    };
    spread();
    // pgBackRest counts full backups as diff ones here.
    const left = backups.filter((backup) => backup.type !== "incr" && !gone.has(backup.label));
    const diffs = retention.diff === 0 ? [] : left.slice(0, -retention.diff);
    for (const backup of diffs) if (backup.type === "diff") gone.add(backup.label);
    spread();
    return backups.filter((backup) => gone.has(backup.label));
}

function fullsToGo(
    backups: readonly LiveBackup[],
    { full, fullType }: RepositoryDescription["retention"],
    now: Date,
): LiveBackup[] {
    const fulls = backups.filter((backup) => backup.type === "full");
    if (full === 0) return [];
    if (fullType === "count") return fulls.slice(0, -full);
    const limit = now.getTime() / 1000 - full * 86_400;
    return fulls.filter((backup) => backup.stop < limit).slice(0, -1);
}

/** Those of these backups (oldest first) since which all WAL is kept: from the oldest of them on any time can be restored. */
export function withWal(
    backups: readonly LiveBackup[],
    { archive, archiveType }: RepositoryDescription["retention"],
): readonly LiveBackup[] {
    if (archive === 0) return backups;
    const kinds = ["full", "diff", "incr"] as const;
    const counting = kinds.slice(0, kinds.indexOf(archiveType) + 1);
    const first = backups.filter(({ type }) => counting.includes(type)).at(-archive);
    return first === undefined ? backups : backups.slice(backups.indexOf(first));
}

/** `to 2026-11-01 01:30 UTC`: point-in-time recovery begins where the oldest backup ends. */
export function reachText(backups: readonly LiveBackup[]): string {
    const oldest = backups[0];
    return oldest === undefined ? "to no time at all" : `to ${minute(oldest.stop)} UTC`;
}
