import { createPrivateKey } from "node:crypto";

/** What is wrong with a private key, or with its passphrase, by field and without a word of them; nothing when all is well. */
export interface KeyProblem {
    readonly field: "privateKey" | "keyPassphrase";
    readonly problem: string;
}

const OPENSSH =
    /^-----BEGIN OPENSSH PRIVATE KEY-----\n([A-Za-z0-9+/=\n]+)-----END OPENSSH PRIVATE KEY-----\n*$/;
const MAGIC = "openssh-key-v1\0";

/** The text of a private key as programs want it. */
export function privateKeyText(text: string): string {
    return `${text.replaceAll("\r\n", "\n").trim()}\n`;
}

/** Is it a private key, and does the passphrase go with it? What only its bytes tell, setup proves with the server. */
export function checkPrivateKey(text: string, passphrase: string | undefined): KeyProblem | undefined {
    if (/^(?:ssh|ecdsa)-/.test(text))
        return {
            field: "privateKey",
            problem: "is a public key: give the private one, the file without .pub",
        };
    const locked = isLocked(privateKeyText(text));
    if (locked === undefined)
        return {
            field: "privateKey",
            problem:
                "is no private key: the text of its file, -----BEGIN ... PRIVATE KEY----- and its lines: pulumi config set --secret --path ... < id_ed25519",
        };
    if (locked && passphrase === undefined)
        return {
            field: "keyPassphrase",
            problem:
                "is missing: the private key is locked with a passphrase; give it as a secret, or a key without one",
        };
    if (!locked && passphrase !== undefined)
        return { field: "keyPassphrase", problem: "is set, and the private key has none: remove it" };
    return undefined;
}

/** Does it take a passphrase to read the key? Nothing when it is none. */
function isLocked(text: string): boolean | undefined {
    const openssh = OPENSSH.exec(text)?.[1];
    if (openssh !== undefined) return isLockedOpenssh(Buffer.from(openssh, "base64"));
    if (!text.startsWith("-----BEGIN ")) return undefined;
    if (text.includes("ENCRYPTED")) return true;
    try {
        createPrivateKey(text);
        return false;
    } catch {
        return undefined;
    }
}

/** Its header names the cipher in plain: https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key */
function isLockedOpenssh(bytes: Buffer): boolean | undefined {
    const start = MAGIC.length + 4;
    if (bytes.subarray(0, MAGIC.length).toString() !== MAGIC || bytes.length < start) return undefined;
    const cipher = bytes.subarray(start, start + bytes.readUInt32BE(MAGIC.length)).toString();
    return cipher !== "none";
}
