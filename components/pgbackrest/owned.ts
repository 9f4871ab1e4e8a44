import { PLACES } from "../docker/places";
import type { NamedOption } from "./options";

/** What the containers are built around. Another value would take pgBackRest somewhere else. */
const FIXED: Readonly<Record<string, { value: string; why: string }>> = {
    "pg1-path": { value: PLACES.data, why: "the data volume is mounted there" },
    "pg1-socket-path": { value: PLACES.sockets, why: "the server's socket is there" },
    "pg1-user": { value: "pgbackrest", why: "that is the role made for backups" },
    "pg1-database": { value: "postgres", why: "the backup role connects there" },
    "pg1-port": { value: "5432", why: "the server listens there" },
    "spool-path": { value: PLACES.spool, why: "the spool volume is mounted there" },
};

/** What the section of the stanza must say: pgBackRest's own defaults fit neither the containers nor the least-privilege role. */
export const REQUIRED: readonly (readonly [string, string])[] = [
    "pg1-path",
    "pg1-socket-path",
    "pg1-user",
].map((name) => [name, FIXED[name]?.value ?? ""] as const);

const REPOSITORY =
    /^repo-(?:type|path|s3-|azure-|gcs-|cipher-|sftp-|storage-(?:ca-|host|port|verify-tls)|host|local)/;

/** File systems of the containers are read-only but for these. */
const WRITABLE: Readonly<Record<string, string>> = {
    "lock-path": PLACES.scratch,
    "log-path": PLACES.scratch,
};

/** Why this option is not the user's to set in a file; nothing when it is. */
export function ownedByProgram(option: NamedOption, value: string): string | undefined {
    const { base, name, index } = option;
    if (REPOSITORY.test(base))
        return "is set by the program from pgbackrest:repositories: remove it here and set it there";
    if (option.rule.group === "repo" && index !== 1)
        return `names one repository, where repo1- means all of them: set ${base} at options of its entry in pgbackrest:repositories`;
    if (option.rule.group === "pg" && index !== 1)
        return "names a second PostgreSQL: this stack has one, write pg1-";
    if (/^pg-(?:host|local)/.test(base))
        return "does not apply: PostgreSQL and its backup service share one host";
    const fixed = FIXED[name];
    if (fixed !== undefined && value !== fixed.value)
        return `must be ${fixed.value}, because ${fixed.why}: write ${name}=${fixed.value}`;
    const below = WRITABLE[name];
    if (below !== undefined && !value.startsWith(`${below}/`))
        return `must be below ${below}, the only place where every container can write`;
    return undefined;
}
