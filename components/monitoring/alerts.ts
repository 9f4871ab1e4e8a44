import type { Goals } from "../drill/wish";
import { LEAST_FREE, LEAST_HOURS } from "../protection/dataVolume";
import { NOTICE } from "../protection/ends";
import { seriesOf } from "./scrape";

/** What of a stack its alerts depend on. Its schedules are in the figures: when something is due, they say. */
export interface Alerted {
    readonly stack: string;
    /** Prefix of the containers. */
    readonly name: string;
    /** Seconds that a drill may take, and be behind; nothing: any. */
    readonly rto: number | undefined;
    readonly rpo: number | undefined;
    /** The same of repositories that have their own, by name. */
    readonly own?: Readonly<Record<string, Goals>>;
}

/** A rule as Prometheus reads it. */
export interface AlertRule {
    readonly alert: string;
    readonly expr: string;
    readonly for: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<"summary" | "description" | "runbook", string>>;
}

type Severity = "critical" | "warning";

const VERIFY_LATEST = 86_400;
/** A week of backups has to fit beside those that expire after them. */
const DAYS_AHEAD = 7;

/** What somebody has to be told of, each with what to do. */
export function alertRules({ stack, name, rto, rpo, own = {} }: Alerted): AlertRule[] {
    const of = seriesOf(stack);
    const trouble = (kinds: string): string => `${of("repository_trouble", `trouble=~"${kinds}"`)} == 1`;
    const rule = (
        alert: string,
        [severity, minutes]: readonly [Severity, number],
        expr: string,
        [summary, description, section]: readonly [string, string, string],
    ): AlertRule => ({
        alert,
        expr,
        for: `${minutes}m`,
        labels: { severity, stack, database: name },
        annotations: { summary: `${name}: ${summary}`, description, runbook: `docs/health.md#${section}` },
    });
    const on = "on (instance)";
    // One that is tried again after a failure is late or missing all the while: `for` would begin anew with each try.
    const begun = `on (instance, repository) ${of("backup_running", `try="first"`)} == 1`;
    const free = of("repository_free_bytes");
    const exceeded = (
        alert: string,
        figure: string,
        goal: keyof Goals,
        [what, ...text]: readonly [string, string, string],
    ): AlertRule[] => {
        const others = Object.keys(own).length === 0 ? "" : `repository!~"${Object.keys(own).join("|")}"`;
        const limits = [
            [others, { rto, rpo }[goal]] as const,
            ...Object.entries(own).map(([one, goals]) => [`repository="${one}"`, goals[goal]] as const),
        ].filter(([, limit]) => limit !== undefined);
        const expr = limits.map(([labels, limit]) => `${of(figure, labels)} > ${limit ?? 0}`).join(" or ");
        const [[, only] = ["", 0]] = limits;
        const wanted = limits.length > 1 ? "is wanted of it" : `the ${only ?? 0} s that are wanted`;
        return limits.length === 0 ? [] : [rule(alert, ["warning", 1], expr, [`${what} ${wanted}`, ...text])];
    };
    return [
        rule("DatabaseNotProtected", ["critical", 10], `${of("healthy")} == 0`, [
            "the database is not protected, or not proven to be",
            `npm run ops -- status says why and since when; each sentence it can say has its section.`,
            "when-health-is-red",
        ]),
        rule(
            "BackupServiceSilent",
            ["critical", 2],
            // A container that is made anew is away for some seconds; one that never was is told by nothing else.
            `absent(${of("written_timestamp_seconds")}) or time() - ${of("written_timestamp_seconds")} > 180`,
            [
                "the backup service says nothing",
                `docker logs --tail 20 ${name}-backup; docker start ${name}-backup where it is stopped, docker restart where it hangs.`,
                "the-service-says-nothing",
            ],
        ),
        rule("DatabaseDown", ["critical", 5], `${of("database_up")} == 0`, [
            "PostgreSQL does not answer",
            `docker logs --tail 50 ${name}-postgres; with "too many clients" end connections.`,
            "postgresql-does-not-answer",
        ]),
        rule(
            "ArchivingStuck",
            ["critical", 5],
            `${of("archiving_failing")} == 1 or ${of("archiving_waiting")} == 1`,
            [
                "WAL does not arrive in the repository",
                `docker logs --tail 50 ${name}-postgres has pgBackRest's error. Nothing is lost before archive-push-queue-max is reached.`,
                "wal-does-not-arrive",
            ],
        ),
        rule("RepositoryAway", ["critical", 5], `${of("configuration_in_force")} == 0`, [
            "the repository {{ $labels.repository }} cannot be read, or no WAL is known to arrive there",
            `Mend the network or the mount, or rotate credentials that have run out. npm run ops -- status has pgBackRest's words.`,
            "it-is-not-in-force-yet",
        ]),
        rule("WalGap", ["critical", 1], trouble("missing_wal"), [
            "WAL is missing in the repository {{ $labels.repository }}",
            "A backup that closes the gap begins by itself. Find out who deleted the WAL, or why the repository was away for so long.",
            "wal-is-missing",
        ]),
        rule(
            "BackupLate",
            ["warning", 5],
            `(time() - ${of("backup_due_timestamp_seconds")} > ${on} group_left () ${of("backup_grace_seconds")}) unless ${begun}`,
            [
                "the {{ $labels.kind }} backup to {{ $labels.repository }} is late",
                `Mend what npm run ops -- status names; it is tried again every half hour at least. Or take one: npm run ops -- backup {{ $labels.kind }}`,
                "one-is-late",
            ],
        ),
        rule(
            "NoBackup",
            ["critical", 30],
            `(${of("backup_timestamp_seconds", `kind="full"`)} == 0) unless ${begun}`,
            [
                "there is no full backup in {{ $labels.repository }}",
                "npm run ops -- status has why it failed.",
                "there-is-none",
            ],
        ),
        rule("BackupFailed", ["warning", 5], `${of("run_failing", `run=~"full|diff|incr|verify"`)} == 1`, [
            "{{ $labels.run }} has failed and is tried again",
            `docker logs --tail 50 ${name}-backup has why.`,
            "what-pgbackrest-says",
        ]),
        rule("RepositoryDamaged", ["critical", 1], trouble("damage|damaged_pages|lost_backups"), [
            "backups in {{ $labels.repository }} are damaged ({{ $labels.trouble }})",
            "npm run ops -- status names them. Take a full backup, and look at the disk or the store.",
            "verify-has-found-damage",
        ]),
        rule("RepositoryForeign", ["critical", 1], trouble("conflict|emptied"), [
            "{{ $labels.repository }} is not what it was ({{ $labels.trouble }})",
            "npm run ops -- status says what is there, and what to decide.",
            "another-wal-segment",
        ]),
        rule("ClockWrong", ["warning", 5], trouble("clock"), [
            "a backup in {{ $labels.repository }} is dated in the future",
            "date -u on the Docker host, and time synchronisation there.",
            "a-backup-is-dated-in-the-future",
        ]),
        rule("ExpireBlocked", ["warning", 30], `${of("run_failing", `run=~"expire|room"`)} == 1`, [
            "nothing expires ({{ $labels.run }} fails)",
            `docker logs --tail 50 ${name}-backup has why; until it is mended the repository grows.`,
            "what-pgbackrest-says",
        ]),
        rule("RepositoryFull", ["critical", 1], trouble("full"), [
            "the disk of {{ $labels.repository }} is full",
            "Lower the retention and run pulumi up, which expires at once, or give the disk more room.",
            "the-repository-is-full",
        ]),
        rule(
            "RepositoryFilling",
            ["warning", 60],
            // What expire frees comes again: a disk that has as much room as a week ago is not filling.
            `${free} < ${DAYS_AHEAD} * ${of("repository_added_bytes_per_day")} unless 2 * ${free} - ${free} offset 7d >= 0`,
            [
                "the disk of {{ $labels.repository }} has no room for the backups of another week",
                "Lower the retention and run pulumi up, or give the disk more room.",
                "the-repository-is-full",
            ],
        ),
        rule(
            "CredentialEnds",
            ["warning", 60],
            `${of("credential_end_timestamp_seconds")} - time() < ${NOTICE}`,
            [
                "{{ $labels.setting }} {{ $labels.repository }} ends within two weeks",
                "Make a new one, set pgbackrest:{{ $labels.setting }} with it, and run pulumi up.",
                "something-ends-soon",
            ],
        ),
        rule(
            "ConfigurationDrift",
            ["warning", 30],
            `${of("configuration_loaded")} == 0 or ${of("settings_waiting")} > 0`,
            [
                "not all runs with the published configuration",
                "npm run ops -- status says what; npm run pulumi -- up has it read again.",
                "postgresql-runs-with-another-one",
            ],
        ),
        rule(
            "VolumeFilling",
            ["critical", 5],
            `${of("data_volume_free_bytes")} < ${LEAST_FREE} or ${of("data_volume_hours_left")} < ${LEAST_HOURS}`,
            [
                "the data volume fills, and PostgreSQL stops when it is full",
                "Look what grows (pg_wal or tables), give the Docker host more room, or delete what is not needed.",
                "it-fills",
            ],
        ),
        rule(
            "VerifyLate",
            ["warning", 30],
            `time() - ${of("verify_due_timestamp_seconds")} > ${VERIFY_LATEST}`,
            [
                "{{ $labels.repository }} was not verified when its schedule wanted it",
                "npm run ops -- status says what runs in its place. Or do it now: npm run ops -- verify",
                "verify-has-found-damage",
            ],
        ),
        rule("DrillFailed", ["critical", 1], `${of("drill_result", `result="failed"`)} == 1`, [
            "what is in {{ $labels.repository }} does not restore as it should",
            "npm run ops -- drill show has what was found. Mend it, then npm run ops -- drill run.",
            "it-has-failed",
        ]),
        rule("DrillUnverified", ["warning", 360], `${of("drill_result", `result="unverified"`)} == 1`, [
            "no drill of {{ $labels.repository }} comes to an end",
            "npm run ops -- drill show has why. It is made again by itself.",
            "it-could-not-verify",
        ]),
        rule(
            "DrillLate",
            ["warning", 30],
            `time() - ${of("drill_due_timestamp_seconds")} > ${on} group_left () ${of("drill_grace_seconds")}`,
            [
                "the drill of {{ $labels.repository }} is late",
                `docker logs ${name}-drill; docker start ${name}-drill where it is stopped.`,
                "it-is-missing",
            ],
        ),
        rule("DrillNever", ["warning", 1440], `${of("drill_timestamp_seconds")} == 0`, [
            "no drill of {{ $labels.repository }} has ever ended",
            `docker logs ${name}-drill says why.`,
            "none-has-been-yet",
        ]),
        ...exceeded("RecoveryTimeExceeded", "drill_recovery_time_seconds", "rto", [
            "a restore from {{ $labels.repository }} takes longer than",
            "npm run ops -- drill show has how long each step took.",
            "it-has-failed",
        ]),
        ...exceeded("RecoveryPointExceeded", "drill_recovery_point_seconds", "rpo", [
            "a restore from {{ $labels.repository }} brings nothing newer back than",
            "npm run ops -- drill show has how old the newest commit was.",
            "it-has-failed",
        ]),
    ];
}

/** The file of rules. */
export function ruleFile(alerted: Alerted): unknown {
    return { groups: [{ name: `protection-${alerted.stack}`, interval: "30s", rules: alertRules(alerted) }] };
}
