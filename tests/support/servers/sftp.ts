import { docker, mustDocker } from "../docker";
import type { Server, Servers } from "./servers";

const USER = "pgbackrest";
const PASSPHRASE = "open, sesame = #1";

/** What sshd is started with: a user whose keys are made here, one of them locked, and one directory that is the user's. */
const START = `
mkdir -p /run/sshd /data/backup
if [ ! -e /data/authorized ]; then
    for type in ed25519 ecdsa rsa; do ssh-keygen -q -t $type -N '' -f /data/host-$type; done
    ssh-keygen -q -t ed25519 -N '' -f /data/user
    ssh-keygen -q -t ed25519 -N '${PASSPHRASE}' -f /data/locked
    ssh-keygen -q -t ed25519 -N '' -f /data/stranger
    cat /data/user.pub /data/locked.pub >/data/authorized
fi
useradd --no-create-home --password '*' ${USER} || true
chown ${USER} /data/backup
exec /usr/sbin/sshd -D -e -f /dev/null -h /data/host-ed25519 -h /data/host-ecdsa -h /data/host-rsa -o AuthorizedKeysFile=/data/authorized -o StrictModes=no \\
    -o PasswordAuthentication=no -o Subsystem='sftp internal-sftp'
`;

/** OpenSSH's sshd, which gives files over SFTP to whoever has the key. */
export class SftpServer {
    readonly user = USER;
    /** Where the user may write. */
    readonly directory = "/data/backup";
    /** Of the locked key. */
    readonly keyPassphrase = PASSPHRASE;

    private constructor(
        readonly server: Server,
        /** As their files have them. */
        readonly hostKeys: readonly string[],
        readonly privateKey: string,
        readonly lockedKey: string,
        /** A key that the server does not know. */
        readonly strangersKey: string,
    ) {}

    static async start(servers: Servers): Promise<SftpServer> {
        const server = await servers.start("sftp", {
            command: ["bash", "-euc", START],
            ready: async (name) => (await docker(["exec", name, "ssh-keyscan", "-T", "2", "127.0.0.1"])).ok,
        });
        const file = async (name: string): Promise<string> =>
            `${await mustDocker(["exec", server.name, "cat", `/data/${name}`])}\n`;
        return new SftpServer(
            server,
            await Promise.all(["ed25519", "ecdsa", "rsa"].map((type) => file(`host-${type}.pub`))),
            await file("user"),
            await file("locked"),
            await file("stranger"),
        );
    }

    /** An entry of the setting `repositories`. */
    repository(more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
        return {
            ...{ name: "nas", type: "sftp", host: this.server.name, user: this.user },
            ...{ path: `${this.directory}/shop`, privateKey: this.privateKey, hostKeys: this.hostKeys },
            ...more,
        };
    }
}
