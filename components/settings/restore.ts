import { readTarget } from "../restore/target";
import type { Wish } from "../restore/wish";
import type { Written } from "./table";

/** Which data PostgreSQL is to have. */
export interface Restore {
    /** What is to be restored; nothing where nothing is. */
    readonly wish: Wish | undefined;
    /** A data volume to go back to; nothing where none is named. */
    readonly volume: string | undefined;
}

/** What is wrong with the setting `restore`. */
export function checkRestore({ restore, repositories, name }: Written, now: Date): string[] {
    const { name: word, volume, at, repository } = restore;
    const given = Object.entries(restore).filter(([key, value]) => key !== "name" && value !== DEFAULTS[key]);
    if (volume !== "") {
        const others = [...(word === "" ? [] : ["name"]), ...given.map(([key]) => key)].filter(
            (key) => key !== "volume",
        );
        return [
            ...(volume === `${name}-postgres-data` || volume.startsWith(`${name}-postgres-data-`)
                ? []
                : [
                      `pgbackrest:restore.volume: ${volume} is no data volume of this stack: they are called ${name}-postgres-data and ${name}-postgres-data-RESTORE`,
                  ]),
            ...(others.length === 0
                ? []
                : [
                      `pgbackrest:restore.${others[0] ?? ""}: is for a restore, and volume goes back to one that is there already: remove one of them`,
                  ]),
        ];
    }
    if (word === "") {
        const [first] = given;
        return first === undefined
            ? []
            : [
                  `pgbackrest:restore.name: is missing, and ${first[0]} is set: give the restore a name of your own, such as ${now.toISOString().slice(0, 10)}`,
              ];
    }
    const target = readTarget(at, Math.floor(now.getTime() / 1000));
    const known = repositories.map((entry) => entry.name);
    return [
        ...(typeof target === "string" ? [`pgbackrest:restore.at: ${JSON.stringify(at)} ${target}`] : []),
        ...(repositories.length === 0
            ? ["pgbackrest:restore: the stack has no repository to restore from"]
            : []),
        ...(repository === "" || known.includes(repository)
            ? []
            : [
                  `pgbackrest:restore.repository: ${repository} is no repository of this stack: ${known.join(", ")}`,
              ]),
    ];
}

const DEFAULTS: Readonly<Record<string, unknown>> = {
    ...{ at: "latest", inclusive: true, pause: false, repository: "", timeline: 0, backup: "" },
    ...{ acceptDamage: false, volume: "", repositoryTime: "" },
};

/** @param written a valid one */
export function readRestore(written: Written["restore"]): Restore {
    const { name, at, inclusive, pause, repository, repositoryTime, timeline, backup, acceptDamage, volume } =
        written;
    if (name === "") return { wish: undefined, volume: volume === "" ? undefined : volume };
    return {
        volume: undefined,
        wish: {
            ...{ name, at, inclusive, pause, acceptDamage },
            ...(repository === "" ? {} : { repository }),
            ...(repositoryTime === "" ? {} : { repositoryTime }),
            ...(timeline === 0 ? {} : { timeline }),
            ...(backup === "" ? {} : { backup }),
        },
    };
}
