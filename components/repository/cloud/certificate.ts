import { X509Certificate } from "node:crypto";

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The text of a PEM file with certificates, or what is wrong with it. */
export type CaFile = { readonly text: string } | { readonly problem: string };

/**
 * Reads the file with the certificates that a repository's server is verified against.
 * @param path of a file in the project
 * @param readFile throws when it cannot
 * @param now a certificate that has expired verifies nothing
 */
export function readCaFile(path: string, readFile: (path: string) => string, now: Date): CaFile {
    let text: string;
    try {
        text = readFile(path);
    } catch {
        return {
            problem: `${path} cannot be read: give the path of a PEM file, from the directory of Pulumi.yaml`,
        };
    }
    if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text))
        return {
            problem: `${path} holds a private key: give the file with the certificate alone, it is published`,
        };
    const certificates = (text.match(BLOCK) ?? []).map(parse);
    if (certificates.length === 0 || certificates.includes(undefined))
        return {
            problem: `${path} is not a certificate: give PEM text that starts with -----BEGIN CERTIFICATE-----`,
        };
    const expired = certificates.find((certificate) => new Date(certificate?.validTo ?? 0) < now);
    return expired === undefined
        ? { text }
        : {
              problem: `${path}: the certificate ${expired.subject.replaceAll("\n", ", ")} expired on ${expired.validTo}`,
          };
}

function parse(pem: string): X509Certificate | undefined {
    try {
        return new X509Certificate(pem);
    } catch {
        return undefined;
    }
}
