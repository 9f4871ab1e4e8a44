import * as v from "valibot";
import { RELEASES } from "../docker/release";
import { checkOptions } from "../pgbackrest/additions";
import { readServerSettings } from "../postgresql/postgresqlSettings";
import { refuse } from "../problems";
import { checkIdentifier, checkPassword } from "./database";
import { aws } from "../repository/s3/aws";
import { explain, redacted } from "./explain";
import { choice, field, flag, integer, map, text } from "../fields";
import { ACCEPTABLE } from "./guard";
import { configKeys, DEFAULT_CPUS, DEFAULT_FLOOR, DEFAULT_SCHEDULES } from "./keys";
import { completeRepositories } from "../repository/complete";
import { repositories } from "../repository/kinds";
import { repositorySecrets } from "../repository/secrets";
import { checkCron, checkTimezone } from "../schedule/cron";
import { checkNetwork } from "./tls";
import { volumeName } from "../repository/volume";
import type { Settings, SettingsContext } from "./types";

export { configKeys, DEFAULT_CPUS, settingsTable, type ConfigKey } from "./keys";
export type { AwsSettings } from "../repository/s3/aws";
export type { Repository } from "../repository/kinds";
export type { Schedules, Settings, SettingsContext } from "./types";

/** Keys that must be kept encrypted, and are never shown even when they are not. */
const SECRETS = ["password", "tlsKey"];

const scalar = v.union([v.string(), v.pipe(v.number(), v.finite()), v.boolean()]);
const name = text(
    "lower case letters, digits and . _ -, starting with a letter or digit, at most 40",
    /^[a-z0-9][a-z0-9_.-]{0,39}$/,
);
const plain = field("a text", (input) => (typeof input === "string" ? input : undefined));
const identifier = (kind: "database" | "role"): v.GenericSchema<unknown, string> =>
    v.pipe(
        plain,
        v.rawCheck(({ dataset, addIssue }) => {
            const problem = dataset.typed ? checkIdentifier(kind, dataset.value) : undefined;
            if (problem !== undefined) addIssue({ message: problem });
        }),
    );
const schedule = field("five cron fields, or off", (input) =>
    input === false ? "" : typeof input === "string" ? input.trim().replaceAll(/[ \t]+/g, " ") : undefined,
);

export const schema = v.strictObject({
    name: v.optional(name, "salespider"),
    stanza: v.optional(
        text(
            "letters, digits and _ -, starting with a letter, at most 40, and not global or all",
            /^(?!(?:global|all)$)[A-Za-z][A-Za-z0-9_-]{0,39}$/,
        ),
        "main",
    ),
    dockerHost: v.optional(
        text(
            "ssh://user@host, tcp://host:port or unix:///path",
            /^(?:ssh:\/\/[^\s/]+|tcp:\/\/[^\s/]+:\d+|unix:\/\/\/\S+|npipe:\/\/\S+)\/?$/,
        ),
    ),
    image: v.optional(
        text(
            "the name of an image, such as registry.example.com/pgbackrest:1",
            /^[a-z0-9][A-Za-z0-9_./:-]*(?:@sha256:[0-9a-f]{64})?$/,
        ),
    ),
    release: v.optional(choice(RELEASES), "newest"),
    dataVolume: v.optional(volumeName),
    repositories: v.optional(repositories, []),
    aws: v.optional(aws, {}),
    options: v.optional(map(map(v.union([scalar, v.array(scalar)]))), {}),
    port: v.optional(integer(1, 65535, "0: not published")),
    address: v.optional(plain, "127.0.0.1"),
    tlsCertificate: v.optional(plain),
    tlsKey: v.optional(plain),
    memory: v.optional(integer(256, 16_777_216, "MiB"), 1024),
    cpus: v.optional(integer(1, 1024, "CPUs")),
    shm: v.optional(integer(64, 16_777_216, "MiB"), 256),
    settings: v.optional(map(scalar), {}),
    database: v.optional(identifier("database"), "app"),
    role: v.optional(identifier("role"), "app"),
    password: v.optional(plain),
    passwordGeneration: v.optional(integer(1, 1_000_000, "the how-manieth password"), 1),
    initSql: v.optional(
        text(
            "path of a .sql file in the project, such as sql/init.sql",
            /^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$)).+\.sql$/,
        ),
    ),
    backupMemory: v.optional(integer(128, 16_777_216, "MiB"), 512),
    backupCpus: v.optional(integer(1, 1024, "CPUs")),
    schedules: v.optional(
        v.strictObject({
            full: v.optional(schedule, DEFAULT_SCHEDULES.full),
            diff: v.optional(schedule, DEFAULT_SCHEDULES.diff),
            incr: v.optional(schedule, DEFAULT_SCHEDULES.incr),
            verify: v.optional(schedule, DEFAULT_SCHEDULES.verify),
            timezone: v.optional(plain, DEFAULT_SCHEDULES.timezone),
        }),
        {},
    ),
    waitFor: v.optional(choice(["backup", "archiving"]), "backup"),
    waitTimeout: v.optional(integer(1, 10_080, "minutes"), 60),
    protect: v.optional(flag, false),
    retentionFloor: v.optional(
        v.strictObject({
            full: v.optional(integer(1, 9_999_999, "full backups"), DEFAULT_FLOOR.full),
            days: v.optional(integer(0, 36_500, "days"), DEFAULT_FLOOR.days),
        }),
        {},
    ),
    accept: v.optional(v.array(choice(ACCEPTABLE)), []),
    takeOver: v.optional(text("the mark that the refusal names, such as m1a2b3c4d", /^m[0-9a-f]{8}$/)),
    otherStacks: v.optional(v.array(text("the name of a stack", /^[A-Za-z0-9_.-]{1,100}$/)), []),
});

type Raw = v.InferOutput<typeof schema>;

/** The settings of a stack from its plain configuration values; throws a `UserError` with every mistake in them. */
export function parseSettings(raw: Readonly<Record<string, unknown>>, context: SettingsContext): Settings {
    const secretKeys = new Set([...context.secretKeys, ...SECRETS]);
    const result = v.safeParse(schema, withoutUnset(raw));
    const unprotected = checkEncrypted(raw, context);
    const complain = (problems: readonly string[]): void => {
        refuse(redacted([...problems, ...unprotected], raw, secretKeys));
    };
    if (!result.success) {
        complain(result.issues.map((issue) => explain(issue, secretKeys)));
        throw new Error("valibot refused the settings without a reason");
    }
    const found = result.output;
    const sql = readSql(found.initSql, context);
    const completed = completeRepositories(found.repositories, {
        name: found.name,
        stack: context.stack,
        readFile: context.readFile,
        now: context.now ?? new Date(),
        awsRegion: found.aws.region,
    });
    const { tlsCertificate, tlsKey, settings: written, ...same } = found;
    const options = checkOptions(found.options, found.stanza);
    const postgresql = readServerSettings(written, found.memory);
    complain([
        ...completed.problems,
        ...options.problems,
        ...postgresql.problems,
        ...checkAll(found),
        ...(typeof sql === "string" ? [sql] : []),
    ]);
    return {
        ...same,
        options: options.added,
        postgresql: postgresql.settings,
        repositories: completed.repositories,
        dockerHost: found.dockerHost,
        image: found.image,
        dataVolume: found.dataVolume,
        port: found.port,
        tls:
            tlsCertificate === undefined || tlsKey === undefined
                ? undefined
                : { certificate: tlsCertificate, key: tlsKey },
        password: found.password,
        cpus: found.cpus ?? DEFAULT_CPUS,
        backupCpus: found.backupCpus ?? DEFAULT_CPUS,
        open: (["cpus", "backupCpus"] as const).filter((key) => found[key] === undefined),
        takeOver: found.takeOver,
        initSql: typeof sql === "string" ? undefined : sql,
        schedules: {
            full: found.schedules.full,
            diff: unlessOff(found.schedules.diff),
            incr: unlessOff(found.schedules.incr),
            verify: unlessOff(found.schedules.verify),
            timezone: found.schedules.timezone,
        },
    };
}

/** A secret that stands readable in the stack file is one no more: refused, whatever else is right. */
function checkEncrypted(raw: Readonly<Record<string, unknown>>, context: SettingsContext): string[] {
    const told = (key: string, argument: string): string =>
        `pgbackrest:${key}: is not encrypted: set it with pulumi config set --secret ${argument} --stack ${context.stack}`;
    const single = SECRETS.filter((key) => isSet(key, raw[key]) && !context.secretKeys.has(key));
    // Pulumi tells of a whole key only whether anything in it is encrypted.
    const nested = context.secretKeys.has("repositories") ? [] : repositorySecrets(raw["repositories"]);
    return [
        ...single.map((key) => told(key, `pgbackrest:${key}`)),
        ...nested.map(({ path }) => told(path, `--path 'pgbackrest:${path}'`)),
    ];
}

/** Pulumi.yaml gives every key a default: for a key that need not be set it is the empty text, for the port 0. */
function isSet(key: string, value: unknown): boolean {
    const fallback = configKeys.find((entry) => entry.name === key)?.default;
    const unset: readonly unknown[] = fallback === "" ? [""] : fallback === 0 ? [0, "0"] : [];
    return value !== undefined && value !== null && !unset.includes(value);
}

function withoutUnset(raw: Readonly<Record<string, unknown>>): Record<string, unknown> {
    return Object.fromEntries(Object.entries(raw).filter(([key, value]) => isSet(key, value)));
}

function unlessOff(schedule: string): string | undefined {
    return schedule === "" || schedule === "off" ? undefined : schedule;
}

/** Problems beyond the type of a single value. */
function checkAll(found: Raw): string[] {
    const password = found.password === undefined ? undefined : checkPassword(found.password);
    return [
        ...checkVolumes(found),
        ...(found.image !== undefined && found.release !== "newest"
            ? [
                  "pgbackrest:release: is for the image that the program builds, and pgbackrest:image names another: remove one of them",
              ]
            : []),
        ...checkNetwork(found.address, found.tlsCertificate, found.tlsKey),
        ...(password === undefined ? [] : [`pgbackrest:password: ${password}`]),
        ...(found.passwordGeneration !== 1 && (found.password ?? found.dataVolume) !== undefined
            ? [
                  "pgbackrest:passwordGeneration: is for a generated password, and this stack has none: remove it, and change pgbackrest:password instead",
              ]
            : []),
        ...(found.shm > found.memory
            ? [
                  `pgbackrest:shm: ${found.shm} MiB is more than pgbackrest:memory (${found.memory} MiB), which it counts towards: make it smaller`,
              ]
            : []),
        ...checkSchedules(found.schedules),
    ];
}

/** A volume is one thing only. */
function checkVolumes({ dataVolume, initSql, repositories: list }: Raw): string[] {
    if (dataVolume === undefined) return [];
    return [
        ...list.flatMap((repository, index) =>
            repository.type === "posix" && repository.volume === dataVolume
                ? [
                      `pgbackrest:repositories[${index}].volume: ${dataVolume} is pgbackrest:dataVolume too: backups beside the data are none`,
                  ]
                : [],
        ),
        ...(initSql === undefined
            ? []
            : ["pgbackrest:initSql: is for a new database, and pgbackrest:dataVolume has one: remove it"]),
    ];
}

function checkSchedules(schedules: Raw["schedules"]): string[] {
    const { timezone, ...entries } = schedules;
    const zone = checkTimezone(timezone);
    return [
        ...Object.entries(entries).flatMap(([kind, fields]) => {
            if (unlessOff(fields) === undefined)
                return kind === "full"
                    ? [
                          "pgbackrest:schedules.full: cannot be off: all other backups and their expiry build on full ones",
                      ]
                    : [];
            const problem = checkCron(fields);
            return problem === undefined
                ? []
                : [`pgbackrest:schedules.${kind}: ${JSON.stringify(fields)} ${problem}`];
        }),
        ...(zone === undefined ? [] : [`pgbackrest:schedules.timezone: ${JSON.stringify(timezone)} ${zone}`]),
    ];
}

function readSql(path: string | undefined, context: SettingsContext): Settings["initSql"] | string {
    if (path === undefined) return undefined;
    try {
        return { path, text: context.readFile(path) };
    } catch {
        return `pgbackrest:initSql: ${path} cannot be read: give the path of a file, from the directory of Pulumi.yaml`;
    }
}
