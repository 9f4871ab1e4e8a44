import { createPrivateKey, X509Certificate } from "node:crypto";
import { isIP } from "node:net";

export interface Tls {
    /** PEM text of the server's certificate with its chain. */
    readonly certificate: string;
    /** PEM text of its private key; a secret. */
    readonly key: string;
}

/** Problems of where the port is published and how connections to it are encrypted. */
export function checkNetwork(
    address: string,
    certificate: string | undefined,
    key: string | undefined,
): string[] {
    const problems: string[] = [];
    if ((certificate === undefined) !== (key === undefined)) {
        const [missing, given] =
            key === undefined ? ["tlsKey", "tlsCertificate"] : ["tlsCertificate", "tlsKey"];
        problems.push(`pgbackrest:${missing}: is missing, and pgbackrest:${given} is set: TLS needs both`);
    } else if (certificate !== undefined && key !== undefined) problems.push(...checkPair(certificate, key));
    if (isIP(address) === 0)
        problems.push(
            `pgbackrest:address: ${JSON.stringify(address)}: an IP address such as 127.0.0.1 or 0.0.0.0`,
        );
    else if (!isLoopback(address) && certificate === undefined)
        problems.push(
            `pgbackrest:address: ${address} is reachable from outside, where passwords and data need TLS: set tlsCertificate and tlsKey, or use 127.0.0.1`,
        );
    return problems;
}

const USABLE = ["rsa", "ec"];

/** Can only the Docker host itself reach it? */
export function isLoopback(address: string): boolean {
    return address.startsWith("127.") || address === "::1";
}

function checkPair(certificate: string, key: string): string[] {
    const parsed = attempt(() => new X509Certificate(certificate));
    const privateKey = attempt(() => createPrivateKey(key));
    if (parsed === undefined)
        return [
            "pgbackrest:tlsCertificate: is not a certificate: give PEM text that starts with -----BEGIN CERTIFICATE-----",
        ];
    if (privateKey === undefined)
        return [
            "pgbackrest:tlsKey: is not a private key without a passphrase: give PEM text that starts with -----BEGIN PRIVATE KEY-----",
        ];
    if (!parsed.checkPrivateKey(privateKey))
        return ["pgbackrest:tlsKey: does not belong to pgbackrest:tlsCertificate: set the two of one pair"];
    // PostgreSQL's clients bind the password to the certificate and know no digest for the others (tried with Ed25519).
    return USABLE.includes(privateKey.asymmetricKeyType ?? "")
        ? []
        : [
              `pgbackrest:tlsKey: is of type ${privateKey.asymmetricKeyType ?? "unknown"}, with which PostgreSQL's clients cannot log in by password: use rsa or ec`,
          ];
}

function attempt<T>(make: () => T): T | undefined {
    try {
        return make();
    } catch {
        return undefined;
    }
}
