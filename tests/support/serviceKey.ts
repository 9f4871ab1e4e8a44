import { generateKeyPairSync } from "node:crypto";

/** Text of the JSON key file of a service account of Google. */
export const SERVICE_KEY = JSON.stringify({
    type: "service_account",
    client_email: "backup@project.iam.gserviceaccount.com",
    token_uri: "https://oauth2.googleapis.com/token",
    private_key: generateKeyPairSync("rsa", {
        modulusLength: 2048,
        publicKeyEncoding: { type: "spki", format: "pem" },
        privateKeyEncoding: { type: "pkcs8", format: "pem" },
    }).privateKey,
});
