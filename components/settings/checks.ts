import { checkPassword } from "./database";
import { tokenOf } from "./monitoring";
import { isSet, SECRETS } from "./keys";
import type { Written } from "./table";
import { checkNetwork } from "./tls";
import { repositorySecrets } from "../repository/secrets";
import { checkSchedules } from "../schedule/schedules";
import { notifySecrets } from "./notify";

/** A secret that stands readable in the stack file is one no more: refused, whatever else is right. */
export function checkEncrypted(
    raw: Readonly<Record<string, unknown>>,
    context: { readonly secretKeys: ReadonlySet<string>; readonly stack: string },
): string[] {
    const told = (key: string, argument: string): string =>
        `pgbackrest:${key}: is not encrypted: set it with pulumi config set --secret ${argument} --stack ${context.stack}`;
    const single = SECRETS.filter((key) => isSet(key, raw[key]) && !context.secretKeys.has(key));
    // Pulumi tells of a whole key only whether anything in it is encrypted.
    const nested = context.secretKeys.has("repositories") ? [] : repositorySecrets(raw["repositories"]);
    const token = !context.secretKeys.has("monitoring") && tokenOf(raw["monitoring"]).length > 0;
    const ofNotify = context.secretKeys.has("notify") ? [] : notifySecrets(raw["notify"]);
    return [
        ...(token ? [told("monitoring.token", "--path 'pgbackrest:monitoring.token'")] : []),
        ...single.map((key) => told(key, `pgbackrest:${key}`)),
        ...[...nested, ...ofNotify].map(({ path }) => told(path, `--path 'pgbackrest:${path}'`)),
    ];
}

/** Problems beyond the type of a single value. */
export function checkAll(found: Written): string[] {
    const password = found.password === undefined ? undefined : checkPassword(found.password);
    return [
        ...checkVolumes(found),
        ...(found.image !== undefined && found.release !== "newest"
            ? [
                  "pgbackrest:release: is for the image that the program builds, and pgbackrest:image names another: remove one of them",
              ]
            : []),
        ...checkNetwork(found.address, found.tlsCertificate, found.tlsKey),
        ...(password === undefined ? [] : [`pgbackrest:password: ${password}`]),
        ...(found.passwordGeneration !== 1 && (found.password ?? found.dataVolume) !== undefined
            ? [
                  "pgbackrest:passwordGeneration: is for a generated password, and this stack has none: remove it, and change pgbackrest:password instead",
              ]
            : []),
        ...(found.shm > found.memory
            ? [
                  `pgbackrest:shm: ${found.shm} MiB is more than pgbackrest:memory (${found.memory} MiB), which it counts towards: make it smaller`,
              ]
            : []),
        ...checkSchedules("pgbackrest:schedules", found.schedules),
    ];
}

/** A volume is one thing only. */
function checkVolumes({ dataVolume, initSql, repositories: list }: Written): string[] {
    if (dataVolume === undefined) return [];
    return [
        ...list.flatMap((repository, index) =>
            "volume" in repository && repository.volume === dataVolume
                ? [
                      `pgbackrest:repositories[${index}].volume: ${dataVolume} is pgbackrest:dataVolume too: backups in the volume of the data are lost with it`,
                  ]
                : [],
        ),
        ...(initSql === undefined
            ? []
            : ["pgbackrest:initSql: is for a new database, and pgbackrest:dataVolume has one: remove it"]),
    ];
}
