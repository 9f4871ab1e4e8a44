import type { Told } from "../problems";
import { ofKind, storesOf } from "../repository/kinds";
import type { Settings } from "../settings/schema";
import type { History } from "../state/history";

type Adopting = Pick<
    Settings,
    "name" | "stanza" | "dataVolume" | "repositories" | "database" | "role" | "password"
>;

/** Volumes of another set-up that these settings take over, the data first. They are never made, renamed or deleted by the program. */
export function adoptedVolumes(settings: Pick<Settings, "dataVolume" | "repositories">): string[] {
    return [
        ...(settings.dataVolume === undefined ? [] : [settings.dataVolume]),
        ...adoptedRepositories(settings).map(({ volume }) => volume),
    ];
}

/** The volumes among them that hold repositories, and where the containers see them. */
export function adoptedRepositories({
    repositories,
}: Pick<Settings, "repositories">): { volume: string; path: string }[] {
    return storesOf(repositories).flatMap((store) => {
        const { adopted } = ofKind(store);
        return adopted === undefined ? [] : [{ volume: adopted, path: store.path }];
    });
}

/**
 * What becomes of each piece of the set-up that is taken over, or let go; nothing when that is as it was.
 * @param before the adopted volumes of the deployed stack; nothing when there is none
 */
export function adoptionLines(settings: Adopting, before: readonly string[] | undefined): string[] {
    const volumes = adoptedVolumes(settings);
    const left = (before ?? []).filter((volume) => !volumes.includes(volume));
    const taken = (volume: string): boolean => !(before ?? []).includes(volume);
    const { name, dataVolume } = settings;
    return [
        ...left.map(
            (volume) =>
                `Volume ${volume} is let go: it stays as it is, and nobody deletes it. The stack goes on without what is in it.`,
        ),
        ...(dataVolume === undefined || !taken(dataVolume) ? [] : dataLines(settings, dataVolume, before)),
        ...adoptedRepositories(settings)
            .filter(({ volume }) => taken(volume))
            .map(
                ({ volume, path }) =>
                    `Repository volume ${volume}: used where it is, at ${path}, never renamed or deleted, by destroy neither. Its files go to 999:999, once. Stanza ${settings.stanza} goes on: old backups stay and count, and expire by the retention of this stack from the next backup on. In an empty one a new repository begins.`,
            ),
        ...(volumes.some(taken) && (before === undefined || (dataVolume !== undefined && taken(dataVolume)))
            ? [
                  `Old containers, networks, scripts and .env: not touched. Stop the containers before \`up\` (docker stop --time 120): PostgreSQL is away from then until ${name}-postgres answers, once. Keep them for the way back.`,
              ]
            : []),
    ];
}

/** The same as one message, beforehand. */
export function adoptionTold(settings: Adopting, { adoption, deployment }: History): Told[] {
    const before = adoption?.volumes ?? (deployment === undefined ? undefined : []);
    const lines = adoptionLines(settings, before);
    if (lines.length === 0) return [];
    return [{ level: "warn", text: ["Moving in:", ...lines.map((line) => `  ${line}`)].join("\n") }];
}

function dataLines(settings: Adopting, dataVolume: string, before: readonly string[] | undefined): string[] {
    const { name, database, role, password } = settings;
    return [
        ...(before === undefined
            ? []
            : [
                  `DANGER: this stack has a database already. It is left for the one in ${dataVolume}, and a volume ${name}-postgres-data of this stack is DELETED with it.`,
              ]),
        `Data volume ${dataVolume}: used where it is, never copied, renamed or deleted, by destroy neither. Its files go to 999:999, once. ${name}-adopt refuses it, unchanged, unless it is a PostgreSQL 17 that was shut down cleanly.`,
        "Superuser: a role postgres is made where there is none, for the socket only. The old one keeps its name, rights and password.",
        "postgresql.conf, pg_hba.conf and command line of the old set-up: they count no longer; pgbackrest:settings takes their place. What ALTER SYSTEM has set is emptied and kept as postgresql.auto.conf.before-adoption beside it.",
        ...storesOf(settings.repositories)
            .filter((store) => ofKind(store).adopted === undefined)
            .map(
                (repository) =>
                    `Repository ${repository.name}: where the settings say. Is that the old one, with its path, stanza ${settings.stanza} and encryption, its backups and WAL go on there; otherwise it starts empty, with a full backup.`,
            ),
        `Role ${role} and database ${database}: must be there, and stay as they are, owner and rights too. ${password === undefined ? "The password stays." : "The password becomes that of pgbackrest:password."}`,
    ];
}
