import { PREFIX } from "./figure";
import { METRICS_PATH, METRICS_PORT, POSTGRESQL_PATH } from "./serving";

/** What a scrape has to know. */
export interface Scraped {
    /** Prefix of the containers. */
    readonly name: string;
    readonly stack: string;
    readonly published: { readonly port: number; readonly address: string } | undefined;
    readonly token: string | undefined;
    /** PEM text, where it is served with TLS. */
    readonly certificate: string | undefined;
    /** Are PostgreSQL's own figures served, too? */
    readonly postgresql: boolean;
}

/** The job that alert rules and dashboard look at. */
export const JOB = "protection";
/** That of PostgreSQL's own. */
export const POSTGRESQL_JOB = "postgresql";

/** How queries name the series of a figure of one stack, and of those the ones with such labels. */
export function seriesOf(stack: string): (figure: string, labels?: string) => string {
    return (figure, labels = "") =>
        `${PREFIX}${figure}{job="${JOB}",stack="${stack}"${labels === "" ? "" : `,${labels}`}}`;
}

const EVERYWHERE = ["0.0.0.0", "::"];

/**
 * The file that Prometheus reads by `scrape_config_files`. JSON is YAML, and no text in it is read as something else.
 */
export function scrapeConfiguration({ name, stack, published, token, certificate, postgresql }: Scraped): {
    readonly address: string;
    readonly text: string;
} {
    const inNetwork = `${name}-backup:${METRICS_PORT}`;
    const address =
        published === undefined
            ? inNetwork
            : // Of all addresses none is one to go to: who scrapes from elsewhere puts the host's name there.
              `${EVERYWHERE.includes(published.address) ? "127.0.0.1" : bracketed(published.address)}:${published.port}`;
    const jobOf = (job: string, path: string) => ({
        job_name: `${job}-${stack}`,
        metrics_path: path,
        scheme: certificate === undefined ? "http" : "https",
        ...(certificate === undefined ? {} : { tls_config: { ca: certificate } }),
        ...(token === undefined ? {} : { authorization: { type: "Bearer", credentials: token } }),
        static_configs: [{ targets: [address], labels: { job, stack, database: name } }],
    });
    const jobs = [jobOf(JOB, METRICS_PATH), ...(postgresql ? [jobOf(POSTGRESQL_JOB, POSTGRESQL_PATH)] : [])];
    return { address, text: `${JSON.stringify({ scrape_configs: jobs }, undefined, 2)}\n` };
}

function bracketed(address: string): string {
    return address.includes(":") ? `[${address}]` : address;
}
