import { generateKeyPairSync, randomBytes } from "node:crypto";

const part = (content: Buffer | string): Buffer => {
    const bytes = Buffer.from(content);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
};

/** A server's key as its file has it; nobody has the other half. */
export function hostKey(type = "ssh-ed25519"): string {
    return `${type} ${Buffer.concat([part(type), part(randomBytes(32))]).toString("base64")}`;
}

/** The text of a private key of OpenSSH, as far as its header goes: `none` is the cipher of one without a passphrase. */
export function opensshKey(cipher: string): string {
    const bytes = Buffer.concat([
        Buffer.from("openssh-key-v1\0"),
        part(cipher),
        part("none"),
        randomBytes(120),
    ]);
    const lines = bytes.toString("base64").match(/.{1,70}/g) ?? [];
    return ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join(
        "\n",
    );
}

/** The text of a private key as other programs make it. */
export function pemKey(passphrase?: string): string {
    return generateKeyPairSync("rsa", {
        modulusLength: 2048,
        publicKeyEncoding: { type: "spki", format: "pem" },
        privateKeyEncoding: {
            ...{ type: "pkcs8", format: "pem" },
            ...(passphrase === undefined ? {} : { cipher: "aes-256-cbc", passphrase }),
        },
    }).privateKey;
}
