import * as v from "valibot";
import { anyText, cronFields, integer, map, scalar, text } from "../../fields";
import { repositories } from "../../repository/kinds";
import { aws } from "../../repository/s3/aws";
import { GREATEST_MEMORY, optional, part, setting } from "../setting";

const schedule = cronFields("");

/** Where backups go, when they are taken, how they are made, and what is kept. */
export const backups = {
    repositories: setting(repositories, [], {
        description:
            "Where backups go: a list of {name, type, ...} whose types and settings are in docs/repositories.md. Empty: nothing is backed up.",
        change: "mounts",
        described: "at repositories",
    }),
    aws: setting(
        aws,
        {},
        {
            description:
                "How Amazon is reached to make buckets and keys: region, profile, assumeRole, allowedAccountIds, endpoints and more of the AWS provider's settings.",
            change: "command",
            described: "not, what is made with it tells",
        },
    ),
    stanza: setting(
        text(
            "letters, digits and _ -, starting with a letter, at most 40, and not global or all",
            /^(?!(?:global|all)$)[A-Za-z][A-Za-z0-9_-]{0,39}$/,
        ),
        "main",
        {
            description:
                "pgBackRest's name of this database; a section of the base template has it too. Another name starts a new backup history.",
            change: "publish",
            described: "at stanza",
        },
    ),
    options: setting(
        map(map(v.union([scalar, v.array(scalar)]))),
        {},
        {
            description:
                "pgBackRest options by section, added to config/pgbackrest/pgbackrest.conf or put in place of its lines.",
            change: "publish",
            described: "at options",
        },
    ),
    schedules: setting(
        v.strictObject({
            full: part(schedule, "30 1 * * 0", "Full backups."),
            diff: part(
                schedule,
                "30 1 * * 1-6",
                "Differential backups: what has changed since the last full one.",
            ),
            incr: part(schedule, "", "Incremental backups: what has changed since the last one of any type."),
            verify: part(
                schedule,
                "0 5 * * 6",
                "Reads the whole repository and compares it with its checksums.",
            ),
            timezone: part(anyText, "UTC", "Time zone of all four, such as Europe/Paris."),
        }),
        {},
        {
            description:
                "When backups run: five cron fields each for full, diff, incr and verify, and a timezone. off or empty: never (not for full).",
            change: "publish",
            described: "at schedules",
        },
    ),
    retentionFloor: setting(
        v.strictObject({
            full: part(integer(1, 9_999_999, "full backups"), 2, "Full backups."),
            days: part(
                integer(0, 36_500, "days"),
                7,
                "Days that point-in-time recovery reaches back for certain.",
            ),
        }),
        {},
        {
            description:
                "What a stack with protect must keep at least: full backups, and days that point-in-time recovery reaches back for certain.",
            change: "command",
            described: "not, it is a rule for commands",
        },
    ),
    backupMemory: setting(integer(128, GREATEST_MEMORY, "MiB"), 512, {
        description: "Memory limit of the backup service in MiB (at least 128).",
        change: "inPlace",
        described: "at backup.memory",
    }),
    backupCpus: optional(integer(1, 1024, "CPUs"), 0, {
        description: "CPUs that the backup service may use. 0: as for cpus.",
        change: "backup",
        described: "at backup.cpus",
    }),
};
