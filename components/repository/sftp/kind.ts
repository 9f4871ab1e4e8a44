import { shortHash } from "../../canonical";
import { cipherOptions, makePassphrase } from "../encryption";
import { existing } from "../existing";
import { publishedFile } from "../file";
import type { DeclareContext, RepositoryDeclaration, RepositoryKind } from "../kind";
import { claimPath } from "../place";
import { completeSftp, schema, type SftpSettings } from "./settings";

/** By a part of what pgBackRest says. */
const REASONS = {
    "known hosts failure":
        "it is another server than the one whose keys hostKeys has, or it shows a key that is not among them: compare with /etc/ssh/ssh_host_*_key.pub on the server, and give all of its keys. Nothing was sent to it",
    "public key authentication failed: libssh2 error [-16]":
        "its private key cannot be read: correct keyPassphrase, or make a key with ssh-keygen -t ed25519",
    "public key authentication failed":
        "it refuses the key: put the public half into .ssh/authorized_keys of the user on the server, or correct user and privateKey",
    "sftp error [3] permission denied":
        "the user may not write its path: give the directory on the server to that user",
};

/** A repository in a directory of a server that speaks SFTP, such as any with OpenSSH. */
export const sftp: RepositoryKind<typeof schema, SftpSettings> = {
    ...existing,
    schema,
    secrets: ["privateKey", "keyPassphrase", "passphrase"],
    complete: (input, _context, complain) => completeSftp(input, complain),
    place: placeOf,
    claims: (repository) => claimPath(repository, placeOf(repository), "a path"),
    describe: ({ user, knownHosts, privateKey, keyPassphrase }) => ({
        access: {
            user,
            hostKeys: shortHash(knownHosts.join("\n")),
        },
        credentials: [privateKey, keyPassphrase],
        bucket: {},
        lockDays: 0,
        wiring: [],
    }),
    reasons: REASONS,
    declare: declareSftp,
};

/** Whoever logs in, it is the same directory. */
function placeOf({ host, port }: SftpSettings): string {
    return port === 22 ? `host ${host}` : `host ${host}, port ${port}`;
}

function declareSftp(repository: SftpSettings, context: DeclareContext): RepositoryDeclaration {
    const { name, type, path, host, port, user, keyPassphrase } = repository;
    // Setup gives files with this ending to their owner alone.
    const key = `${name}-sftp.key`;
    const knownHosts = `${name}-known-hosts`;
    const passphrase = makePassphrase(repository, context);
    return {
        options: [
            ["type", type],
            ["path", path],
            ["sftp-host", host],
            ["sftp-host-port", String(port)],
            ["sftp-host-user", user],
            // Only the keys that the stack gives: a server that is not known is refused, and nothing is added to what is.
            ["sftp-host-key-check-type", "strict"],
            ["sftp-known-host", publishedFile(knownHosts)],
            // Of the fingerprint in messages; required.
            ["sftp-host-key-hash-type", "sha256"],
            ["sftp-private-key-file", publishedFile(key)],
            ...(keyPassphrase === undefined ? [] : [["sftp-private-key-passphrase", keyPassphrase] as const]),
            ...cipherOptions(passphrase),
        ],
        mounts: [],
        environment: {},
        files: [
            { name: key, content: repository.privateKey },
            { name: knownHosts, content: `${repository.knownHosts.join("\n")}\n` },
        ],
        place: placeOf(repository),
        passphrase,
        details: {},
    };
}
