import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { fileEnvironment } from "../../components/publication/publication";
import { secretFiles } from "../support/setupFiles";
import { deployed, environment } from "../support/mocks";
import { Containers } from "../support/containers";
import { mustDocker, type Result } from "../support/docker";
import { Servers } from "../support/servers/servers";
import { SftpServer } from "../support/servers/sftp";
import { hostKey } from "../support/sshKeys";

describe("a repository over SFTP (OpenSSH)", function () {
    this.timeout(300_000);
    let servers: Servers;
    let sftp: SftpServer;
    let containers: Containers;
    let network: readonly string[];

    before(async () => {
        servers = await Servers.create("sftp");
        sftp = await SftpServer.start(servers);
        containers = await Containers.create();
        network = ["--network", `${servers.prefix}-servers`];
    });
    after(async () => {
        await containers.remove();
        await servers.remove();
    });

    /** Runs setup with what the program gives it for this repository. */
    async function setup(more: Readonly<Record<string, unknown>> = {}): Promise<Result> {
        const stack = await deployed(
            { repositories: [sftp.repository({ passphrase: "of the tests, of some length", ...more })] },
            { secret: ["repositories"] },
        );
        const reasons = environment(stack, "setup").find((entry) => entry.startsWith("REPOSITORY_REASONS="));
        return containers.setup({
            environment: {
                ...fileEnvironment([...secretFiles(stack)].map(([name, content]) => ({ name, content }))),
                REPOSITORY_REASONS: reasons?.slice("REPOSITORY_REASONS=".length) ?? "",
            },
            network,
            mounts: [],
        });
    }

    const refused: readonly (readonly [string, () => Readonly<Record<string, unknown>>, RegExp])[] = [
        [
            "a key that the server does not know",
            () => ({ privateKey: sftp.strangersKey }),
            /it refuses the key: put the public half into \.ssh\/authorized_keys/,
        ],
        [
            "another server than the one whose key is given",
            () => ({ hostKeys: [hostKey()] }),
            /it is another server than the one whose keys hostKeys has/,
        ],
        [
            "a locked key with a wrong passphrase",
            () => ({ privateKey: sftp.lockedKey, keyPassphrase: "another one" }),
            /its private key cannot be read: correct keyPassphrase/,
        ],
        [
            "a path where the user may not write",
            () => ({ path: "/data/elsewhere/shop" }),
            /the user may not write its path: give the directory/,
        ],
        ["a server that does not answer", () => ({ port: 2222 }), /its host does not answer/],
        ["a host that nobody knows", () => ({ host: "nowhere.invalid" }), /'nowhere\.invalid' is not known/],
        ["a user that is not there", () => ({ user: "nobody-of-the-tests" }), /it refuses the key/],
    ];
    for (const [title, more, expected] of refused)
        it(`is refused with ${title}, in words that say so`, async () => {
            const { ok, output } = await setup(more());
            assert.ok(!ok, output);
            assert.match(output, expected);
            for (const secret of [sftp.privateKey, sftp.lockedKey, sftp.strangersKey])
                for (const line of secret.trim().split("\n")) assert.ok(!output.includes(line), output);
            assert.ok(!output.includes("another one"));
        });

    for (const [title, more] of [
        ["a key", () => ({})],
        ["a locked key", () => ({ privateKey: sftp.lockedKey, keyPassphrase: sftp.keyPassphrase })],
    ] as const)
        it(`is proven with ${title}, which only its owner can read, and left clean`, async () => {
            const { ok, output } = await setup(more());
            assert.ok(ok, output);
            assert.match(
                output,
                /repository nas \(sftp:host \S+, path \/data\/backup\/shop\): written, listed/,
            );
            const { output: modes } = await containers.shell(
                "cd /etc/pgbackrest/current; stat --format '%a %n' files/* conf.d/repo.conf",
            );
            assert.deepEqual(modes.trim().split("\n").sort(), [
                "600 files/nas-sftp.key",
                "640 conf.d/repo.conf",
                "640 files/nas-known-hosts",
            ]);
            const left = await mustDocker(["exec", sftp.server.name, "find", sftp.directory, "-type", "f"]);
            assert.equal(left, "");
        });
});
