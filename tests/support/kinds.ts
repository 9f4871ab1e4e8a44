import type { StoreType } from "../../components/repository/kinds";
import { SERVICE_KEY } from "./serviceKey";
import { hostKey, pemKey } from "./sshKeys";

interface Sample {
    readonly settings: Readonly<Record<string, unknown>>;
    /** Settings too. */
    readonly secrets: Readonly<Record<string, string>>;
}

/** One of each kind, with all of its secrets that go together: a new kind that is not here does not compile. */
export const samples: Readonly<Record<StoreType, Sample>> = {
    posix: { settings: { hostPath: "/srv/backup" }, secrets: {} },
    cifs: { settings: { volume: "share" }, secrets: {} },
    s3: {
        settings: { bucket: "backups", region: "us-east-1", caFile: "ca.crt" },
        secrets: {
            ...{ key: "key-of-s3", keySecret: "secret-of-s3", token: "token-of-s3" },
            passphrase: "passphrase-of-s3-and-more",
        },
    },
    azure: {
        settings: { account: "account1", container: "backups" },
        secrets: { key: "a2V5LW9mLWF6dXJl", passphrase: "passphrase-of-azure-and-more" },
    },
    sftp: {
        settings: { host: "backup.example.com", user: "pg", path: "/backup", hostKeys: [hostKey()] },
        secrets: {
            ...{ privateKey: pemKey("key-passphrase-of-sftp"), keyPassphrase: "key-passphrase-of-sftp" },
            passphrase: "passphrase-of-sftp-and-more",
        },
    },
    gcs: {
        settings: { bucket: "backups" },
        secrets: { key: SERVICE_KEY, passphrase: "passphrase-of-gcs-and-more" },
    },
};
