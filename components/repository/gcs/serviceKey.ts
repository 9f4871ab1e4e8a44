import { createPrivateKey } from "node:crypto";

/** Fields that pgBackRest reads (src/storage/gcs/storage.c). */
const NEEDED = ["client_email", "private_key", "token_uri"];

/** What is wrong with the text of a service account's key file, without a word of it; nothing when it is good. */
export function checkServiceKey(text: string): string | undefined {
    const file = parse(text);
    if (file === undefined)
        return "is not the text of a JSON key file: set it with pulumi config set --secret --path ... < FILE.json; a path is not taken";
    if (file["type"] !== "service_account")
        return "is not the key of a service account (its type is not service_account): make one with gcloud iam service-accounts keys create";
    const missing = NEEDED.filter((name) => typeof file[name] !== "string" || file[name] === "");
    if (missing.length > 0) return `lacks ${missing.join(", ")}: give the whole file as it was downloaded`;
    if (!String(file["token_uri"]).startsWith("https://"))
        return "has a token_uri that does not start with https://";
    return isPrivateKey(String(file["private_key"]))
        ? undefined
        : "has a private_key that is not one: PEM text, whose line breaks are \\n in JSON; give the file as it was downloaded";
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
    try {
        const value: unknown = JSON.parse(text);
        return typeof value === "object" && value !== null && !Array.isArray(value)
            ? Object.fromEntries(Object.entries(value))
            : undefined;
    } catch {
        return undefined;
    }
}

function isPrivateKey(pem: string): boolean {
    try {
        return createPrivateKey(pem).type === "private";
    } catch {
        return false;
    }
}
