import { createHash, createHmac, pbkdf2Sync } from "node:crypto";

const ITERATIONS = 4096;

/**
 * The SCRAM-SHA-256 verifier that PostgreSQL stores for a password (RFC 5803), so that the password itself never leaves the program.
 * Its salt follows from the password and the role: the same pair always gives the same verifier, so that nothing looks changed.
 */
export function scramVerifier(role: string, password: string): string {
    const normalized = password.normalize("NFKC");
    const salt = createHmac("sha256", normalized)
        .update(`pgbackrest scram salt\0${role}`)
        .digest()
        .subarray(0, 16);
    const salted = pbkdf2Sync(normalized, salt, ITERATIONS, 32, "sha256");
    const clientKey = createHmac("sha256", salted).update("Client Key").digest();
    const storedKey = createHash("sha256").update(clientKey).digest("base64");
    const serverKey = createHmac("sha256", salted).update("Server Key").digest("base64");
    return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString("base64")}$${storedKey}:${serverKey}`;
}
