import * as v from "valibot";
import { ABSOLUTE_PATH, anyText, integer, someText, text } from "../../fields";
import { checkText } from "../../pgbackrest/value";
import { completeEncryption, encryptionFields } from "../encryption";
import { entryFields } from "../entry";
import type { AnyRepository, Complain, Encryption } from "../kind";
import { repositoryName } from "../name";
import { readHostKey } from "./hostKey";
import { checkPrivateKey, privateKeyText } from "./privateKey";

export const schema = v.strictObject({
    /** The user's name of it. Another one is another generated passphrase. */
    name: repositoryName,
    type: v.literal("sftp"),
    /** Where the server is: its name or IPv4 address. Replaces nothing; another one counts as a new repository. */
    host: text(
        "the name or the IPv4 address of a server, without a scheme and a port",
        /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}))*$/,
    ),
    /** Port of the server; default 22. Another one counts as a new repository. */
    port: v.optional(integer(1, 65_535, "a port"), 22),
    /** Who logs in; `path` must belong to it. */
    user: text("the name of a user on the server", /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/),
    /** On the server as its SFTP shows it, in a directory that is there. Another one is a new, empty repository: a full backup follows at once. */
    path: text(
        "an absolute path on the server such as /backup/salespider, of letters, digits and _ . + @ -, without .. and without / at its end",
        ABSOLUTE_PATH,
    ),
    /** Text of the private key's file, a secret. */
    privateKey: someText,
    /** What the private key is locked with, a secret; none where it is not. */
    keyPassphrase: v.optional(someText),
    /** The server's own keys, one text each, `TYPE BASE64` or a line that `ssh-keyscan` prints: no other server is talked to. */
    hostKeys: v.pipe(v.array(anyText), v.minLength(1, "at least one key of the server")),
    ...encryptionFields,
    ...entryFields,
});

export interface SftpSettings extends AnyRepository {
    readonly type: "sftp";
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly privateKey: string;
    readonly keyPassphrase: string | undefined;
    /** Lines of a file of known hosts. */
    readonly knownHosts: readonly string[];
    readonly encryption: Encryption;
}

/** Checks what no single field shows, and fills in what follows from others. */
export function completeSftp(input: v.InferOutput<typeof schema>, complain: Complain): SftpSettings {
    const { name, type, host, port, user, path, privateKey, keyPassphrase } = input;
    const problem = checkPrivateKey(privateKey, keyPassphrase);
    if (problem !== undefined) complain(problem.field, problem.problem);
    const unreadable = keyPassphrase === undefined ? undefined : checkText(keyPassphrase);
    if (unreadable !== undefined && problem?.field !== "keyPassphrase") complain("keyPassphrase", unreadable);
    const knownHosts = input.hostKeys.flatMap((line, index) => {
        const key = readHostKey(line, host, port);
        if ("line" in key) return [key.line];
        complain(`hostKeys[${index}]`, key.problem);
        return [];
    });
    return {
        ...{ name, type, host, port, user, path, keyPassphrase, knownHosts },
        privateKey: privateKeyText(privateKey),
        encryption: completeEncryption(input, complain),
    };
}
