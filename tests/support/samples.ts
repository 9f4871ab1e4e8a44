import type { table } from "../../components/settings/table";
import { CERTIFICATE, PRIVATE_KEY } from "../e2e/certificate";
import { POSIX } from "./mocks";

type Raw = Readonly<Record<string, unknown>>;

const changed = (setting: Raw, beside: Raw = {}): readonly [Raw, Raw] => [
    { ...POSIX, ...beside },
    { ...POSIX, ...beside, ...setting },
];
const TLS = { tlsCertificate: CERTIFICATE, tlsKey: PRIVATE_KEY };

/** Secrets among them. */
export const SECRET = ["password", "tlsKey"];

/** For each setting, a stack without and with a change of it. */
export const SAMPLES: Readonly<Record<keyof typeof table, readonly [before: Raw, after: Raw]>> = {
    name: changed({ name: "other" }),
    stanza: changed({ stanza: "second" }),
    dockerHost: changed({ dockerHost: "ssh://deploy@db1.example.com" }),
    mtu: changed({ mtu: 1400 }),
    image: changed({ image: "registry.example.com/pgbackrest:1" }),
    release: changed({ release: "stable" }),
    dataVolume: changed({ dataVolume: "old-data" }),
    repositories: changed({ repositories: [{ name: "local", type: "posix", hostPath: "/srv/backup" }] }),
    aws: changed({ aws: { profile: "production" } }),
    options: changed({ options: { global: { "process-max": 1 } } }),
    port: changed({ port: 5433 }),
    address: changed({ address: "127.0.0.2" }, { port: 5433 }),
    tlsCertificate: changed(TLS),
    tlsKey: changed(TLS),
    memory: changed({ memory: 2048 }),
    cpus: changed({ cpus: 1 }),
    shm: changed({ shm: 512 }),
    settings: changed({ settings: { work_mem: "8MB" } }),
    database: changed({ database: "shop" }),
    role: changed({ role: "shop" }),
    password: changed({ password: "a password that is long enough" }),
    passwordGeneration: changed({ passwordGeneration: 2 }),
    restore: changed({ restore: { name: "friday" } }),
    initSql: changed({ initSql: "sql/init.sql" }),
    backupMemory: changed({ backupMemory: 1024 }),
    backupCpus: changed({ backupCpus: 1 }),
    drill: changed({ drill: { schedule: "0 4 * * *" } }),
    monitoring: changed({ monitoring: { metrics: "on" } }),
    notify: changed({
        notify: {
            email: { dba: { host: "mail.example.com", from: "db@example.com", to: ["dba@example.com"] } },
        },
    }),
    schedules: changed({ schedules: { full: "0 3 * * 0" } }),
    waitFor: changed({ waitFor: "archiving" }),
    waitTimeout: changed({ waitTimeout: 120 }),
    retentionFloor: changed({ retentionFloor: { days: 14 } }),
    accept: changed({ accept: ["unencrypted"] }),
    takeOver: changed({ takeOver: "m1a2b3c4d" }),
    otherStacks: changed({ otherStacks: ["other"] }),
    protect: changed({ protect: true }),
};
