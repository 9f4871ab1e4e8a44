import type { Guard } from "./guard";
import type { Release } from "../docker/release";
import type { SectionOption } from "../pgbackrest/line";
import type { ServerSettings } from "../postgresql/postgresqlSettings";
import type { AwsSettings } from "../repository/s3/aws";
import type { Repository } from "../repository/kinds";
import type { Tls } from "./tls";

/** When backups run: five cron fields each; what is not there never runs. */
export interface Schedules {
    readonly full: string;
    readonly diff: string | undefined;
    readonly incr: string | undefined;
    readonly verify: string | undefined;
    readonly timezone: string;
}

/** All settings of a stack, valid. Secrets among them: `password`, `tls.key`, and what repositories have of them. */
export interface Settings {
    readonly name: string;
    readonly stanza: string;
    readonly dockerHost: string | undefined;
    /** Built from `image/` without one. */
    readonly image: string | undefined;
    /** Whose pgBackRest the built image gets: Debian testing's, or Debian stable's. */
    readonly release: Release;
    /** Volume of another set-up with the data to take over; one of our own without it. */
    readonly dataVolume: string | undefined;
    readonly repositories: readonly Repository[];
    /** How Amazon is reached to make what repositories need there. */
    readonly aws: AwsSettings;
    /** pgBackRest's, that the stack adds to the base template or puts in place of its lines. */
    readonly options: readonly SectionOption[];
    /** Port on the host; not published without one. */
    readonly port: number | undefined;
    readonly address: string;
    readonly tls: Tls | undefined;
    /** MiB */
    readonly memory: number;
    readonly cpus: number;
    /** MiB */
    readonly shm: number;
    /** PostgreSQL's own: the setting `settings`. */
    readonly postgresql: ServerSettings;
    readonly database: string;
    readonly role: string;
    /** One is generated where there is none. */
    readonly password: string | undefined;
    /** Another number: another generated password. */
    readonly passwordGeneration: number;
    /** The file and what is in it. */
    readonly initSql: { readonly path: string; readonly text: string } | undefined;
    /** MiB */
    readonly backupMemory: number;
    readonly backupCpus: number;
    /** Those of the two that the stack leaves to the program. */
    readonly open: readonly ("cpus" | "backupCpus")[];
    readonly schedules: Schedules;
    readonly waitFor: "backup" | "archiving";
    /** Minutes */
    readonly waitTimeout: number;
    readonly protect: boolean;
    readonly retentionFloor: Guard["floor"];
    readonly accept: Guard["accept"];
    /** Mark of what a lost state had made, to take it over. */
    readonly takeOver: string | undefined;
    /** Names of other stacks of this project. */
    readonly otherStacks: readonly string[];
}

export interface SettingsContext {
    /** Keys that the stack keeps encrypted: their values are never shown. */
    readonly secretKeys: ReadonlySet<string>;
    /** Reads a file of the project; throws when it cannot. */
    readonly readFile: (path: string) => string;
    /** Name of the stack, for the commands in messages. */
    readonly stack: string;
    /** When certificates and signatures must be valid; now when it is not given. */
    readonly now?: Date;
}
