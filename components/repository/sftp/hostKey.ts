/** Types of keys that a server proves itself with and that libssh2, which pgBackRest uses, knows. */
const TYPES = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa"];

/** The name of a server in a file of known hosts. */
export function knownName(host: string, port: number): string {
    return port === 22 ? host : `[${host}]:${port}`;
}

/**
 * A line of the file of known hosts, or what is wrong with it.
 * @param line `TYPE BASE64` as in ssh_host_TYPE_key.pub of the server, or with the server before it as ssh-keyscan prints it
 */
export function readHostKey(
    line: string,
    host: string,
    port: number,
): { readonly line: string } | { readonly problem: string } {
    const name = knownName(host, port);
    const words = line.trim().split(/\s+/);
    const [first = "", ...rest] = words;
    const named = !TYPES.includes(first);
    const [type = "", key = ""] = named ? rest : words;
    if (!TYPES.includes(type) || !isKey(type, key))
        return {
            problem: `is no key of a server: TYPE and BASE64 as ssh-keyscan ${port === 22 ? "" : `-p ${port} `}${host} prints them, with a TYPE of ${TYPES.join(", ")}`,
        };
    if (named && first !== name)
        return { problem: `is the key of ${first}, and this repository is at ${name}: give the one of that` };
    return { line: `${name} ${type} ${key}` };
}

/** The bytes of a key begin with its type, after the length of that. */
function isKey(type: string, base64: string): boolean {
    const bytes = Buffer.from(base64, "base64");
    return (
        bytes.toString("base64") === base64 &&
        bytes.length > 4 + type.length &&
        bytes.readUInt32BE(0) === type.length &&
        bytes.subarray(4, 4 + type.length).toString() === type
    );
}
