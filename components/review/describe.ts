import { createHash, pbkdf2Sync } from "node:crypto";
import type { RenderedFiles } from "../publication/publication";
import { type SectionOption, sectionParts } from "../pgbackrest/line";
import { inForce } from "../pgbackrest/together";
import { STOP_SECONDS } from "../docker/limits";
import { PLACES } from "../docker/places";
import { noncurrentDays, type RepositoryUse } from "../repository/retention";
import type { Settings } from "../settings/schema";
import { type Description, type RepositoryDescription, VERSION } from "./description";
import { OWN_KEY } from "./repositories";

/** What any kind of repository may say of itself in the settings; each kind has some of it. */
export interface RepositorySettings {
    readonly name: string;
    readonly type: string;
    readonly path?: string;
    readonly hostPath?: string | undefined;
    readonly volume?: string | undefined;
    readonly endpoint?: string;
    readonly region?: string;
    readonly host?: string | undefined;
    readonly port?: number | undefined;
    readonly uriStyle?: string;
    readonly verifyTls?: boolean;
    readonly plain?: boolean;
    readonly ca?: string | undefined;
    readonly account?: string;
    readonly container?: string;
    /** Its name, or what the program makes. */
    readonly bucket?: string | MadeBucket;
    readonly kmsKeyId?: string | undefined;
    readonly userProject?: string | undefined;
    readonly encryption?: "generated" | "none" | { readonly passphrase: string };
    readonly keyType?: string;
    readonly key?: string | undefined;
    readonly credentials?: object;
}

export interface MadeBucket {
    readonly versioning: boolean;
    readonly lock: { readonly mode: string; readonly days: number } | undefined;
    readonly kms: true | string | undefined;
    readonly noncurrentDays: number | undefined;
    readonly role: { readonly for: string } | undefined;
}

type Described = Omit<Settings, "repositories"> & { readonly repositories: readonly RepositorySettings[] };

/** What is not in the settings. */
export interface Circumstances {
    /** Hash or name of the image. */
    readonly image: string;
    /** Name of the Docker volume for a local repository. */
    readonly volume: string;
    /** Of the fingerprints: the deployed one, so that the same secret has the same fingerprint. */
    readonly salt: string;
}

/** What these settings will make of the stack. */
export function describeStack(
    settings: Described,
    rendered: Pick<RenderedFiles, "options" | "restartSettings" | "reloadSettings" | "uses">,
    { image, volume, salt }: Circumstances,
): Description {
    const { options } = rendered;
    const option = (name: string, command?: string): string => inForce(options, name, command)?.value ?? "";
    const secret = (content: unknown): string => fingerprint(content, salt);
    const { schedules, tls } = settings;
    return {
        version: VERSION,
        salt,
        name: settings.name,
        dockerHost: settings.dockerHost ?? "",
        image,
        stanza: settings.stanza,
        dataVolume: settings.dataVolume ?? "",
        protect: settings.protect,
        repositories: settings.repositories
            .filter((repository) => repository.type !== "none")
            .map((repository, index) => ({
                ...describePlace(repository, volume, secret, rendered.uses[index]?.kept),
                ...describeStorage(index + 1, option),
            })),
        wiring: [
            // Mounted also while no repository uses it.
            ...(settings.repositories.some(({ type }) => type === "posix")
                ? []
                : [`volume ${volume} at ${PLACES.repository}`]),
            ...settings.repositories.flatMap((repository) => wiringOf(repository, volume)),
        ],
        compression: {
            type: option("compress-type", "backup") || "gz",
            level: option("compress-level", "backup"),
        },
        archiving: {
            async: option("archive-async", "archive-push") === "y",
            queueMax: option("archive-push-queue-max", "archive-push"),
        },
        options: namedOptions(options),
        schedules: {
            full: schedules.full,
            diff: schedules.diff ?? "",
            incr: schedules.incr ?? "",
            verify: schedules.verify ?? "",
            timezone: schedules.timezone,
        },
        postgres: {
            port: settings.port === undefined ? "" : `${settings.address}:${settings.port}`,
            memory: settings.memory,
            cpus: settings.cpus,
            shm: settings.shm,
            stopTimeout: STOP_SECONDS.postgres,
            restartSettings: { ...rendered.restartSettings },
            reloadSettings: { ...rendered.reloadSettings },
        },
        backup: {
            memory: settings.backupMemory,
            cpus: settings.backupCpus,
            stopTimeout: STOP_SECONDS.backup,
        },
        tls: tls === undefined ? "" : secret([tls.certificate, tls.key]),
        initSql: settings.initSql === undefined ? "" : hash(settings.initSql.text),
        application: {
            database: settings.database,
            role: settings.role,
            password:
                settings.password === undefined
                    ? `generated ${settings.passwordGeneration}`
                    : secret(settings.password),
        },
        waiting: { waitFor: settings.waitFor, waitTimeout: settings.waitTimeout },
    };
}

type Secret = (content: unknown) => string;
type Place = Omit<RepositoryDescription, "retention" | "bundle" | "block">;

function describePlace(
    repository: RepositorySettings,
    volume: string,
    secret: Secret,
    kept: RepositoryUse["kept"],
): Place {
    const { bucket, credentials, path = "" } = repository;
    const keys = [repository.keyType, repository.key, credentials];
    return {
        name: repository.name,
        type: repository.type,
        place: placeOf(repository, volume),
        path,
        access: accessOf(repository),
        encryption: encryptionOf(repository, secret),
        credentials: keys.every((key) => key === undefined) ? "" : secret(keys),
        lockDays: typeof bucket === "object" ? (bucket.lock?.days ?? 0) : 0,
        bucket: typeof bucket === "object" ? describeBucket(bucket, kept) : {},
    };
}

function describeBucket(
    { versioning, lock, kms, noncurrentDays: given, role }: MadeBucket,
    kept: RepositoryUse["kept"],
): Record<string, string> {
    return {
        versioning: versioning ? "on" : "off",
        "mode of the lock": lock?.mode ?? "none",
        kms: kms === true ? OWN_KEY : (kms ?? "keys of S3"),
        noncurrentDays: versioning ? String(noncurrentDays(given, kept)) : "none",
        makeRole: role === undefined ? "none" : JSON.stringify(role),
    };
}

function encryptionOf({ name, encryption = "none" }: RepositorySettings, secret: Secret): string {
    if (typeof encryption !== "string") return secret(encryption.passphrase);
    // A generated passphrase belongs to the name: under another name another one is generated.
    return encryption === "generated" ? `generated for ${name}` : encryption;
}

function placeOf(repository: RepositorySettings, volume: string): string {
    const { bucket, account, container, endpoint = "", hostPath, type } = repository;
    if (type === "posix")
        return hostPath === undefined ? `volume ${repository.volume ?? volume}` : `directory ${hostPath}`;
    if (account !== undefined) return `container ${container ?? ""} of account ${account} at ${endpoint}`;
    return typeof bucket === "string"
        ? `bucket ${bucket} at ${endpoint}`
        : `bucket that this stack makes for repository ${repository.name} at ${endpoint}`;
}

/** What containers can only be given when they are made. */
function wiringOf(repository: RepositorySettings, volume: string): string[] {
    const { credentials, path = "" } = repository;
    if (repository.type === "posix") return [`${placeOf(repository, volume)} at ${path}`];
    if (credentials === undefined || !("tokenFile" in credentials)) return [];
    const role = "role" in credentials ? String(credentials.role) : "";
    return [`token ${String(credentials.tokenFile)} for role ${role}`];
}

function accessOf(repository: RepositorySettings): Record<string, string> {
    const { region, host, port, uriStyle, verifyTls, ca, kmsKeyId, userProject } = repository;
    const given = { region, host, port, uriStyle, verifyTls, kmsKeyId, userProject };
    const http = repository.plain === true ? "plain" : undefined;
    const parts = { ...given, http, ca: ca === undefined ? undefined : hash(ca) };
    return Object.fromEntries(
        Object.entries(parts).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])),
    );
}

function describeStorage(
    number: number,
    option: (name: string, command?: string) => string,
): Pick<RepositoryDescription, "retention" | "bundle" | "block"> {
    const value = (name: string, command: string): string => option(`repo${number}-${name}`, command);
    const archiveType = value("retention-archive-type", "expire");
    const diff = Number(value("retention-diff", "expire") || 0);
    // pgBackRest's src/config/load.c: WAL by diff backups follows their retention; by incr ones it does not expire without a number.
    const archive = value("retention-archive", "expire") || (archiveType === "diff" ? diff : 0);
    return {
        retention: {
            full: Number(value("retention-full", "expire") || 0),
            fullType: value("retention-full-type", "expire") === "time" ? "time" : "count",
            diff,
            archive: Number(archive),
            archiveType: archiveType === "diff" || archiveType === "incr" ? archiveType : "full",
        },
        bundle: value("bundle", "backup") === "y",
        block: value("block", "backup") === "y",
    };
}

/** The section of the stanza is called so whatever the stanza's name: another name alone changes no option. */
function namedOptions(options: readonly SectionOption[]): Record<string, string> {
    const all = new Map<string, string>();
    for (const { section, option, value } of options) {
        if (option.rule.secure === true) continue;
        const [owner, command] = sectionParts(section);
        const part = owner === "global" ? owner : "stanza";
        const key = `[${command === undefined ? part : `${part}:${command}`}] ${option.name}`;
        const earlier = all.get(key);
        all.set(key, earlier === undefined ? value : `${earlier}, ${value}`);
    }
    return Object.fromEntries(all);
}

/** Tells whether a secret is another one; slow and salted, so that the outputs do not help to guess it. */
function fingerprint(content: unknown, salt: string): string {
    return pbkdf2Sync(JSON.stringify(content), salt, 20_000, 12, "sha256").toString("hex");
}

function hash(content: string): string {
    return createHash("sha256").update(content).digest("hex").slice(0, 12);
}
