import { isIP } from "node:net";
import { isRecord } from "../fields";
import type { Written } from "./table";
import { isLoopback } from "./tls";

/** How the figures of the backup service are served. */
export interface Monitoring {
    /** Where on the Docker host; nothing: in the stack's network only. */
    readonly published: { readonly port: number; readonly address: string } | undefined;
    /** A secret; nothing: whoever reaches it may ask. */
    readonly token: string | undefined;
    readonly tls: boolean;
    /** Are PostgreSQL's own served, too? */
    readonly postgresql: boolean;
}

/** Two per byte of the least that nobody can guess from its hash. */
const LEAST_TOKEN = 32;

/** What is wrong with the setting `monitoring`. No text has the token. */
export function checkMonitoring(found: Written): string[] {
    const { metrics, port, address, token, postgresql } = found.monitoring;
    const problem = (field: string, text: string): string => `pgbackrest:monitoring.${field}: ${text}`;
    if (metrics === "off")
        return port === 0 && token === "" && postgresql !== "on"
            ? []
            : [
                  problem(
                      "metrics",
                      "off, and monitoring has a port, a token or postgresql: remove the one or the other",
                  ),
              ];
    if (isIP(address) === 0)
        return [problem("address", `${JSON.stringify(address)}: an IP address such as 127.0.0.1 or 0.0.0.0`)];
    const isOpen = port !== 0 && !isLoopback(address);
    return [
        ...(token === "" || (token.length >= LEAST_TOKEN && /^[\w.~+/=-]+$/.test(token))
            ? []
            : [
                  problem(
                      "token",
                      `at least ${LEAST_TOKEN} letters, digits and . _ ~ + / = -, such as openssl rand -hex 32 prints`,
                  ),
              ]),
        ...(isOpen && found.tlsCertificate === undefined
            ? [
                  problem(
                      "address",
                      `${address} is reachable from outside, where figures need TLS: set tlsCertificate and tlsKey, or use 127.0.0.1`,
                  ),
              ]
            : []),
        ...(isOpen && token === ""
            ? [
                  problem(
                      "token",
                      `is missing, and ${address} is reachable from outside: pulumi config set --secret --path 'pgbackrest:monitoring.token', or use 127.0.0.1`,
                  ),
              ]
            : []),
        ...(port !== 0 && port === found.port
            ? [problem("port", `${port} is PostgreSQL's (pgbackrest:port): use another`)]
            : []),
    ];
}

/** The token in the plain value of the setting, right or wrong as it may be. */
export function tokenOf(monitoring: unknown): string[] {
    const token = isRecord(monitoring) ? monitoring["token"] : undefined;
    if (token === undefined || token === null || token === "") return [];
    return [typeof token === "string" ? token : JSON.stringify(token)];
}

/** @param found valid ones */
export function readMonitoring({ monitoring, protect }: Written): Monitoring | undefined {
    const { metrics, port, address, token } = monitoring;
    const postgresql = monitoring.postgresql === "on";
    const isAsked = metrics === "on" || protect || port !== 0 || token !== "" || postgresql;
    if (metrics === "off" || !isAsked) return undefined;
    return {
        published: port === 0 ? undefined : { port, address },
        token: token === "" ? undefined : token,
        tls: port !== 0 && !isLoopback(address),
        postgresql,
    };
}
