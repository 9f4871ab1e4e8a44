// What is kept outside of the state and the host: a pgbackrest.conf that opens the repositories anywhere, with all that is to be known
// in its comments.

/** What a stack has given its setup container, and what runs. */
export interface Kept {
    readonly stack: string;
    readonly revision: string;
    readonly stanza: string;
    readonly repositories: readonly {
        readonly number: number;
        readonly name: string;
        readonly place: string;
    }[];
    /** The published files, before setup has put in the name of their directory. */
    readonly pgbackrestConf: string;
    readonly repoConf: string;
    /** Other files by name. */
    readonly files: ReadonlyMap<string, string>;
    /** Variables of the containers that use the repositories; no secret. */
    readonly environment: Readonly<Record<string, string>>;
    /** By repository, also for those that are no longer declared. */
    readonly passphrases: Readonly<Record<string, string>>;
    /** What runs, in words. */
    readonly versions: string;
}

const DIRECTORY = "/etc/pgbackrest";
const DATA = "/var/lib/postgresql/data";
/** How a file begins that is in a line of its own, as base64, and a variable. */
const FILE = "#file ";
const VARIABLE = "#environment ";

/** What a repository's options say of how it is reached: by whoever the machine is. */
const KEYLESS = /^repo(\d+)-\w+-key-type=(auto|web-id|pod-id|process)$/gm;

export function escrowFile(kept: Kept, now: Date): string {
    const { stanza, repositories, files } = kept;
    const options = repositoryOptions(kept);
    const names = [...files.keys()].filter((name) => options.includes(`@REVISION@/files/${name}`));
    const conf = `${DIRECTORY}/pgbackrest.conf`;
    return [
        `# Opens the backups of the stack ${kept.stack} with plain pgBackRest, on any machine, when its host and its state are lost.`,
        "# SECRET: whoever has this can read, change and delete them. Keep it where neither the host nor the state can take it along.",
        `# Made ${now.toISOString().slice(0, 16).replace("T", " ")} UTC, of configuration ${kept.revision}. Make it anew when a key, a place or a passphrase changes.`,
        "#",
        `# Versions: ${kept.versions}. PostgreSQL has to be the same major version, pgBackRest the same or newer.`,
        `# Stanza:   ${stanza}`,
        ...repositories.map(
            ({ number, name, place }) => `# Place:    repository ${number}, ${name}: ${place}`,
        ),
        ...notes(kept, options),
        "#",
        `# It is a pgbackrest.conf as it stands. As root, with this file as KEPT; ${DATA} is empty, and any other path will do (pg1-path):`,
        `#   install --directory --owner postgres --mode 0700 ${DIRECTORY} ${DATA}`,
        `#   install --owner postgres --mode 0600 KEPT ${conf}`,
        "# Then as postgres. Recovery replays all WAL that was archived; --type=time --target='2026-11-27 06:00:00+00' --target-action=promote",
        "# after --stanza ends it earlier:",
        ...names.map(
            (name) =>
                `#   (umask 077; sed -n 's/^${FILE}${name} //p' ${conf} | base64 -d >${DIRECTORY}/${name})`,
        ),
        `#   pgbackrest --stanza=${stanza} info`,
        `#   pgbackrest --stanza=${stanza} --archive-mode=off restore`,
        `#   pg_ctl --pgdata=${DATA} --options='-c hot_standby=off' start`,
        "",
        "[global]",
        "log-level-file=off",
        "process-max=2",
        ...options.replaceAll("@REVISION@/files/", `${DIRECTORY}/`).split("\n"),
        "",
        `[${stanza}]`,
        `pg1-path=${DATA}`,
        "",
        ...Object.entries(kept.environment).map(([name, value]) => `${VARIABLE}${name}=${value}`),
        ...names.map((name) => `${FILE}${name} ${Buffer.from(files.get(name) ?? "").toString("base64")}`),
        "",
    ].join("\n");
}

/** Lines that say where the repositories are and how they are reached and read; not what expires there. */
function repositoryOptions({ repoConf, pgbackrestConf, stanza }: Kept): string {
    const general = pgbackrestConf
        .split(/^(?= *\[)/m)
        .filter((section) => ["[global]", `[${stanza}]`].includes((section.split("\n")[0] ?? "").trim()))
        .flatMap((section) => section.split("\n"));
    return [...general, ...repoConf.split("\n")]
        .map((line) => line.trim().replace(/^([\w-]+) *= */, "$1="))
        .filter((line) => /^repo\d+-(?!retention)/.test(line))
        .sort()
        .join("\n");
}

function notes({ repositories, environment, passphrases, repoConf }: Kept, options: string): string[] {
    const keyless = [...options.matchAll(KEYLESS)].map(
        ([, number = "", type = ""]) =>
            `# NO CREDENTIALS of repository ${number} are in here: it is reached by what the machine is (${type}). Another machine needs such a role, or a key.`,
    );
    const local = repositories
        .filter(({ place }) => /^\w+:(volume|directory) /.test(place))
        .map(
            ({ number, name }) =>
                `# ON THE HOST ITSELF is repository ${number}, ${name}: without a copy of it elsewhere nothing is left when the host is lost.`,
        );
    const variables = Object.keys(environment);
    const inUse = new Set(
        [...repoConf.matchAll(/^repo\d+-cipher-pass=(.*)$/gm)].map(([, passphrase]) => passphrase),
    );
    const former = Object.entries(passphrases)
        .filter(([, passphrase]) => !inUse.has(passphrase))
        .map(
            ([name, passphrase]) =>
                `# Passphrase of repository ${name}, which is not among these: ${passphrase}`,
        );
    return [
        ...keyless,
        ...local,
        ...(variables.length === 0
            ? []
            : [
                  `# Variables that pgBackRest needs in its environment: ${variables.join(", ")}, at the end of this file.`,
              ]),
        ...former,
    ];
}

/** What a kept copy says of itself, for a look whether it still opens the repositories. */
export interface Copy {
    readonly stanza: string;
    /** Where repositories are directories. */
    readonly paths: readonly string[];
    readonly environment: readonly string[];
}

/** Nothing when it is something else. */
export function readCopy(text: string): Copy | undefined {
    const stanza = /^\[(?!global)([A-Za-z0-9_.-]+)\]$/m.exec(text)?.[1];
    if (stanza === undefined || !/^repo\d+-/m.test(text)) return undefined;
    const all = (pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, found = ""]) => found);
    return {
        stanza,
        paths: all(/^repo\d+-path=(\/.*)$/gm),
        environment: all(new RegExp(`^${VARIABLE}([A-Z0-9_]+=.*)$`, "gm")),
    };
}

/** Does what the comments say with the copy on standard input, and asks the repositories. */
export function openScript({ stanza }: Copy): string {
    const conf = `${DIRECTORY}/pgbackrest.conf`;
    return [
        "umask 077",
        `cat >${conf}`,
        `for name in $(sed -n 's/^${FILE}\\([A-Za-z0-9._-]*\\) .*/\\1/p' ${conf})`,
        `do sed -n "s/^${FILE}$name //p" ${conf} | base64 -d >${DIRECTORY}/$name; done`,
        `exec pgbackrest --config=${conf} --stanza=${stanza} --log-level-console=error --log-level-stderr=off --output=json info`,
    ].join("\n");
}
