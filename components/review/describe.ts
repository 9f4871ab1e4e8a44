import { pbkdf2Sync } from "node:crypto";
import { canonical, shortHash } from "../canonical";
import type { RenderedFiles } from "../publication/publication";
import { type SectionOption, sectionParts } from "../pgbackrest/line";
import { inForce } from "../pgbackrest/together";
import { STOP_SECONDS } from "../docker/limits";
import { dataVolumePrefix } from "../docker/names";
import { PLACES } from "../docker/places";
import type { Encryption } from "../repository/kind";
import { ofKind, type Store, storesOf } from "../repository/kinds";
import type { RepositoryUse } from "../repository/retention";
import { goalsOf } from "../drill/wish";
import { schedulesOf } from "../repository/entry";
import type { Schedules } from "../schedule/schedules";
import type { Settings } from "../settings/schema";
import {
    type Description,
    NO_DRILL,
    NO_MONITORING,
    type RepositoryDescription,
    same,
    VERSION,
} from "../state/description";
import { describeValues } from "./values";

/** What is not in the settings. */
export interface Circumstances {
    /** Hash or name of each image. */
    readonly images: { readonly database: string; readonly backup: string };
    /** Name of the Docker volume for a local repository. */
    readonly volume: string;
    /** Name of the volume that PostgreSQL runs on. */
    readonly data: string;
    /** Of the fingerprints: the deployed one, so that the same secret has the same fingerprint. */
    readonly salt: string;
}

/** What these settings will make of the stack. */
export function describeStack(
    settings: Settings,
    rendered: Pick<RenderedFiles, "options" | "restartSettings" | "reloadSettings" | "uses">,
    { images, volume, data, salt }: Circumstances,
): Description {
    const { options } = rendered;
    const option = (name: string, command?: string): string => inForce(options, name, command)?.value ?? "";
    const secret = (content: unknown): string => fingerprint(content, salt);
    const { schedules, tls } = settings;
    const stores = storesOf(settings.repositories);
    return {
        version: VERSION,
        salt,
        name: settings.name,
        dockerHost: settings.dockerHost ?? "",
        image: images.database,
        stanza: settings.stanza,
        dataVolume: settings.dataVolume ?? "",
        data: isFirst(settings, data) ? "" : data,
        restore: settings.restore.wish === undefined ? "" : JSON.stringify(settings.restore.wish),
        protect: settings.protect,
        repositories: stores.map((store, index) => ({
            ...describePlace(store, volume, secret, rendered.uses[index]?.lifetime),
            ...describeStorage(store.entry.number, option),
            ...ownSchedules(settings.schedules, store),
        })),
        wiring: [
            // Mounted also while no repository uses it.
            ...(stores.some((store) => ofKind(store).local)
                ? []
                : [`volume ${volume} at ${PLACES.repository}`]),
            ...stores.flatMap((store) => ofKind(store).describe(volume, undefined).wiring),
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
        schedules: describeSchedules(schedules),
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
            image: images.backup === images.database ? "" : images.backup,
            memory: settings.backupMemory,
            cpus: settings.backupCpus,
            stopTimeout: STOP_SECONDS.backup,
            drills: true,
        },
        drill: describeDrill(settings),
        monitoring: describeMonitoring(settings, secret),
        notify: describeNotify(settings, secret),
        tls: tls === undefined ? "" : secret([tls.certificate, tls.key]),
        initSql: settings.initSql === undefined ? "" : shortHash(settings.initSql.text),
        application: {
            database: settings.database,
            role: settings.role,
            password:
                settings.password === undefined
                    ? `generated ${settings.passwordGeneration}`
                    : secret(settings.password),
        },
        waiting: { waitFor: settings.waitFor, waitTimeout: settings.waitTimeout },
        settings: describeValues(settings, secret),
    };
}

function describeDrill({ drill, cpus, repositories }: Settings): Description["drill"] {
    if (drill === undefined) return NO_DRILL;
    const { wish, ...same } = drill;
    const own = storesOf(repositories).filter(({ entry }) => Object.keys(entry.drill).length > 0);
    return {
        ...{ ...wish, ...same },
        cpus: drill.cpus ?? cpus,
        repositories: Object.fromEntries(
            own.map(({ name, entry: { drill: its } }) => {
                const { schedule = drill.schedule } = its;
                return [name, { schedule: schedule === "off" ? "" : schedule, ...goalsOf(wish, name) }];
            }),
        ),
        queries: Object.fromEntries(
            Object.entries(wish.queries).map(([name, query]) => [name, canonical(query)]),
        ),
    };
}

function describeMonitoring({ monitoring }: Settings, secret: Secret): Description["monitoring"] {
    if (monitoring === undefined) return NO_MONITORING;
    const { published, tls, token, postgresql } = monitoring;
    return {
        metrics: true,
        published: published === undefined ? "" : `${published.address}:${published.port}`,
        tls,
        token: token === undefined ? "" : secret(token),
        postgresql,
    };
}

function describeNotify({ notify }: Settings, secret: Secret): Description["notify"] {
    if (notify === undefined) return {};
    const { published, certificates } = notify;
    const { receivers, ping, after, repeat, digest, timezone } = published;
    const rest = (content: object): string =>
        secret([content, after, repeat, digest, timezone, certificates]);
    return {
        ...Object.fromEntries(
            receivers.map((receiver) => [
                receiver.name,
                { events: receiver.events.join(", "), rest: rest(receiver) },
            ]),
        ),
        ...(ping === undefined ? {} : { ping: { events: `every ${ping.every} s`, rest: rest(ping) } }),
    };
}

function isFirst({ name, dataVolume }: Settings, data: string): boolean {
    return data === (dataVolume ?? dataVolumePrefix(name));
}

function describeSchedules({ full, diff, incr, verify, timezone }: Schedules): Description["schedules"] {
    return { full, diff: diff ?? "", incr: incr ?? "", verify: verify ?? "", timezone };
}

/** Those of a repository that has others than the stack. */
function ownSchedules(usual: Schedules, { entry }: Store): Pick<RepositoryDescription, "schedules"> {
    const [own, ofStack] = [schedulesOf(usual, entry), usual].map(describeSchedules);
    return own === undefined || same(own, ofStack) ? {} : { schedules: own };
}

type Secret = (content: unknown) => string;
type Place = Omit<RepositoryDescription, "retention" | "bundle" | "block" | "schedules">;

function describePlace(
    store: Store,
    volume: string,
    secret: Secret,
    lifetime: RepositoryUse["lifetime"],
): Place {
    const kind = ofKind(store);
    const { access, credentials, bucket, lockDays } = kind.describe(volume, lifetime);
    return {
        name: store.name,
        number: store.entry.number,
        type: store.type,
        place: kind.place(volume),
        local: kind.local,
        made: kind.made,
        path: store.path,
        access: { ...access },
        encryption: encryptionOf(store.name, kind.encryption, secret),
        credentials: credentials === undefined ? "" : secret(credentials),
        lockDays,
        bucket: { ...bucket },
    };
}

function encryptionOf(name: string, encryption: Encryption, secret: Secret): string {
    if (typeof encryption !== "string") return secret(encryption.passphrase);
    // A generated passphrase belongs to the name: under another name another one is generated.
    return encryption === "generated" ? `generated for ${name}` : encryption;
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
