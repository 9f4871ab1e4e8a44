import { createHash } from "node:crypto";
import * as v from "valibot";
import { fromJson } from "../fields";

/** Where the backup service serves its figures: in the stack's network, at NAME-backup. */
export const METRICS_PORT = 9464;
export const METRICS_PATH = "/metrics";
/** PostgreSQL's own. */
export const POSTGRESQL_PATH = `${METRICS_PATH}/postgresql`;
/** Who asks PostgreSQL for them: a member of pg_monitor, and of nothing else. */
export const MONITORING_ROLE = "pgbackrest_monitoring";

/** The published file that says so; without it nothing is served. */
export const MONITORING = "monitoring.json";

const Serving = v.object({
    /** With the certificate of PostgreSQL. */
    tls: v.boolean(),
    /** SHA-256 of the token that is wanted, in hexadecimal digits: the token itself stays in the stack's state. */
    token: v.optional(v.string()),
    /** The database of whose tables PostgreSQL's own figures tell; nothing: they are not served. */
    database: v.optional(v.string()),
});
/** How figures are served. */
export type Serving = v.InferOutput<typeof Serving>;

export function readServing(json: string): Serving | undefined {
    return fromJson(Serving, json);
}

export function hashToken(token: string): string {
    return createHash("sha256").update(token).digest("hex");
}
