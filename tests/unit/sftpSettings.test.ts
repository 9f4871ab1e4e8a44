import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { areRefused, type Mistake, read, without } from "../support/cloudSettings";
import { ENTRY } from "../support/descriptions";
import { hostKey, opensshKey, pemKey } from "../support/sshKeys";

const KEY = hostKey();
const SFTP = {
    ...{ name: "a", type: "sftp", host: "backup.example.com", user: "pg", path: "/backup/shop" },
    ...{ privateKey: opensshKey("none"), hostKeys: [KEY] },
};
const LOCKED = opensshKey("aes256-ctr");

describe("a repository over SFTP", () => {
    it("is complete with what follows from the rest", () => {
        const repository = read(SFTP);
        assert.ok(repository.type === "sftp");
        assert.deepEqual(repository, {
            ...{
                name: "a",
                type: "sftp",
                host: "backup.example.com",
                port: 22,
                user: "pg",
                path: "/backup/shop",
            },
            ...{ privateKey: SFTP.privateKey, keyPassphrase: undefined, encryption: "generated" },
            knownHosts: [`backup.example.com ${KEY}`],
            entry: ENTRY,
        });
    });

    it("takes keys of a server as its files have them and as ssh-keyscan prints them, at any port", () => {
        const rsa = hostKey("ssh-rsa");
        const repository = read({
            ...{ ...SFTP, port: 2222 },
            hostKeys: [`${KEY} root@backup`, `[backup.example.com]:2222 ${rsa}`],
        });
        assert.ok(repository.type === "sftp");
        assert.deepEqual(repository.knownHosts, [
            `[backup.example.com]:2222 ${KEY}`,
            `[backup.example.com]:2222 ${rsa}`,
        ]);
    });

    it("takes private keys of all forms, locked ones with their passphrase, and ends their lines as programs want", () => {
        for (const [privateKey, keyPassphrase] of [
            [pemKey(), undefined],
            [pemKey("open sesame"), "open sesame"],
            [LOCKED, "open sesame"],
            [SFTP.privateKey.replaceAll("\n", "\r\n").trim(), undefined],
        ]) {
            const repository = read({ ...SFTP, privateKey, keyPassphrase });
            assert.ok(repository.type === "sftp");
            assert.match(repository.privateKey, /^-----BEGIN [A-Z ]+-----\n[^\r]+-----END [A-Z ]+-----\n$/);
        }
    });
});

describe("mistakes in a repository over SFTP", () => {
    const mistakes: readonly Mistake[] = [
        ["a host with a scheme", { ...SFTP, host: "sftp://x" }, /\.host: "sftp:\/\/x": the name or the IPv4/],
        ["a host with a port", { ...SFTP, host: "x:22" }, /\.host: .*without a scheme and a port/],
        ["no user", without(SFTP, "user"), /\.user: is missing/],
        ["no path", without(SFTP, "path"), /\.path: is missing/],
        ["a relative path", { ...SFTP, path: "backup" }, /\.path: "backup": an absolute path on the server/],
        ["no private key", without(SFTP, "privateKey"), /\.privateKey: is missing/],
        [
            "a public key in place of the private one",
            { ...SFTP, privateKey: KEY },
            /\.privateKey: is a public key/,
        ],
        [
            "a path in place of the key",
            { ...SFTP, privateKey: "~/.ssh/id_ed25519" },
            /\.privateKey: is no private key/,
        ],
        [
            "a certificate in place of the key",
            { ...SFTP, privateKey: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n" },
            /\.privateKey: is no private key/,
        ],
        [
            "a locked key of OpenSSH",
            { ...SFTP, privateKey: LOCKED },
            /\.keyPassphrase: is missing: .* locked/,
        ],
        ["a locked key", { ...SFTP, privateKey: pemKey("x") }, /\.keyPassphrase: is missing: .* locked/],
        [
            "a passphrase of a key that has none",
            { ...SFTP, keyPassphrase: "open sesame" },
            /\.keyPassphrase: is set, and the private key has none/,
        ],
        [
            "a passphrase with a line break",
            { ...SFTP, privateKey: LOCKED, keyPassphrase: "open\nsesame" },
            /\.keyPassphrase: has a line break/,
        ],
        ["no key of the server", { ...SFTP, hostKeys: [] }, /\.hostKeys: .*at least one key of the server/],
        ["no keys of the server at all", without(SFTP, "hostKeys"), /\.hostKeys: is missing/],
        [
            "a fingerprint in place of the server's key",
            { ...SFTP, hostKeys: ["SHA256:abcdefghijklmnopqrstuvwxyz"] },
            /\.hostKeys\[0\]: is no key of a server: .*ssh-keyscan backup\.example\.com/,
        ],
        [
            "a key of another type than it says",
            { ...SFTP, hostKeys: [KEY.replace("ssh-ed25519", "ssh-rsa")] },
            /\.hostKeys\[0\]: is no key of a server/,
        ],
        [
            "the key of another server",
            { ...SFTP, hostKeys: [`other.example.com ${KEY}`] },
            /\.hostKeys\[0\]: is the key of other\.example\.com, and this repository is at backup\.example\.com/,
        ],
        [
            "the key of another port",
            { ...SFTP, port: 2222, hostKeys: [`backup.example.com ${KEY}`] },
            /\.hostKeys\[0\]: .*this repository is at \[backup\.example\.com\]:2222/,
        ],
    ];
    areRefused(mistakes);
});
