import { memoryBytes } from "../postgresql/catalog";
import { storesOf } from "../repository/kinds";
import type { Settings } from "../settings/schema";
import { type SectionOption, sectionParts } from "../pgbackrest/line";
import { compressionMemory } from "../pgbackrest/memory";
import { findOption, OPTIONS } from "../pgbackrest/options";
import { inForce } from "../pgbackrest/together";

type Considered = Pick<
    Settings,
    "options" | "cpus" | "backupCpus" | "memory" | "shm" | "backupMemory" | "postgresql" | "repositories"
>;

/**
 * What is allowed but probably not wanted, in words for a preview; each names where to change it.
 * @param options those in force, from the template and the stack
 * @param template path of the template, for messages
 */
export function warnings(
    settings: Considered,
    options: readonly SectionOption[],
    template: string,
): string[] {
    return [
        ...unprotected(settings),
        ...processes(settings, options),
        ...memory(settings, options),
        ...endless(settings, options, template),
        ...ignored(options),
        ...overruled(settings.options, options),
        ...buffers(settings),
        ...parallelQueries(settings),
    ];
}

function unprotected(settings: Considered): string[] {
    return storesOf(settings.repositories).length > 0
        ? []
        : ["pgbackrest:repositories: there is no repository, so nothing is backed up and WAL is discarded"];
}

/** Measured: 4 processes on 2 CPUs take 28 % longer than 2. */
function processes(settings: Considered, options: readonly SectionOption[]): string[] {
    const limits = [
        ["backup", settings.backupCpus, "backupCpus"],
        ["archive-push", settings.cpus, "cpus"],
    ] as const;
    return limits.flatMap(([command, cpus, key]) => {
        const entry = inForce(options, "process-max", command);
        return entry !== undefined && Number(entry.value) > cpus
            ? [
                  `${entry.where}: process-max=${entry.value} is more than the ${cpus} CPUs that ${command} has (pgbackrest:${key}): it makes ${command} slower`,
              ]
            : [];
    });
}

/** A process that needs more than there is gets killed: backups never end well then, and archiving stands still. */
function memory(settings: Considered, options: readonly SectionOption[]): string[] {
    const archiver = (settings.memory - sharedBuffers(settings)) / 2;
    const limits = [
        ["backup", settings.backupMemory, `pgbackrest:backupMemory (${settings.backupMemory} MiB)`],
        [
            "archive-push",
            archiver,
            `half of pgbackrest:memory (${settings.memory} MiB) without shared_buffers, which it takes from PostgreSQL`,
        ],
    ] as const;
    return limits.flatMap(([command, limit, name]) => {
        const needed = compressionMemory(options, command);
        const level = inForce(options, "compress-level", command);
        const processes = inForce(options, "process-max", command);
        const place = (level ?? processes)?.where ?? "pgbackrest";
        return needed <= limit
            ? []
            : [
                  `${place}: ${command} with compress-type=${inForce(options, "compress-type", command)?.value ?? "gz"}, ` +
                      `compress-level=${level?.value ?? "default"} and process-max=${processes?.value ?? "1"} needs up to ${needed} MiB, more than ` +
                      `${name}: it is killed for want of memory. Lower one of them or raise the limit`,
              ];
    });
}

function endless(
    { repositories }: Considered,
    options: readonly SectionOption[],
    template: string,
): string[] {
    const stores = storesOf(repositories);
    const numbers = stores.length === 0 ? [1] : stores.map(({ entry }) => entry.number);
    const wanted = [
        ...numbers.map(
            (number) =>
                [
                    `repo${number}-retention-full`,
                    "backups are kept for ever and the repository grows without bound",
                ] as const,
        ),
        [
            "archive-push-queue-max",
            "WAL fills the data volume and stops the database when the repository is away for long",
        ] as const,
    ];
    const missing = wanted.filter(([name]) => inForce(options, name) === undefined);
    const manual = inForce(options, "expire-auto", "backup");
    return [
        ...missing.map(([name, reason]) => `${template}: ${name} is not set: ${reason}`),
        ...(manual?.value === "n"
            ? [`${manual.where}: expire-auto=n: nothing is expired after a backup`]
            : []),
    ];
}

/** pgBackRest says nothing about an option that has no effect because of another one. */
function ignored(options: readonly SectionOption[]): string[] {
    return options.flatMap((entry) => {
        const { depend, group } = entry.option.rule;
        // What depends on the kind of repository is for the program to know.
        if (depend?.values === undefined || depend.option === "repo-type" || depend.option === "type")
            return [];
        const needed = depend.values;
        const name = group === undefined ? depend.option : numbered(depend.option, entry.option.index ?? 1);
        // One for all commands has an effect if it has one on any of them.
        const [, command] = sectionParts(entry.section);
        const commands =
            command === undefined
                ? options
                      .filter((other) => other.option.name === name)
                      .map((other) => sectionParts(other.section)[1])
                : [];
        const values = [command, ...commands].map(
            (one) => inForce(options, name, one)?.value ?? OPTIONS.get(depend.option)?.default,
        );
        return values.some((value) => value !== undefined && needed.includes(value))
            ? []
            : [
                  `${entry.where}: ${entry.option.name} has no effect without ${name}=${needed.join(" or ")}: set that too or remove it`,
              ];
    });
}

/** The stack sets an option for all stanzas, and the template for its only one: that one wins. */
function overruled(added: readonly SectionOption[], options: readonly SectionOption[]): string[] {
    return added.flatMap((entry) => {
        const [owner, command] = sectionParts(entry.section);
        const winner = owner === "global" ? inForce(options, entry.option.name, command) : undefined;
        return winner === undefined ||
            winner.section === entry.section ||
            sectionParts(winner.section)[0] === "global"
            ? []
            : [
                  `${entry.where}: has no effect, because [${winner.section}] sets ${entry.option.name} too (${winner.where}): set it there`,
              ];
    });
}

function numbered(base: string, index: number): string {
    const plain = findOption(base.replace(/^(repo|pg)-/, `$1${index}-`));
    return typeof plain === "string" ? base : plain.name;
}

function buffers(settings: Considered): string[] {
    return sharedBuffers(settings) > settings.memory / 2
        ? [
              `pgbackrest:settings.shared_buffers: ${settings.postgresql["shared_buffers"] ?? ""} is more than half of pgbackrest:memory (${settings.memory} MiB): little is left for queries`,
          ]
        : [];
}

/**
 * The hash table of one parallel join lies in /dev/shm, with the memory of all who work on it; the query fails when there is no room
 * (PostgreSQL documentation, hash_mem_multiplier).
 */
function parallelQueries({ postgresql, shm }: Considered): string[] {
    const value = (name: string, usual: string): number => Number(postgresql[name] ?? usual);
    const workers = Math.min(
        value("max_parallel_workers_per_gather", "2"),
        value("max_parallel_workers", "8"),
        value("max_worker_processes", "8"),
    );
    const workMem = postgresql["work_mem"] ?? "4MB";
    const multiplier = value("hash_mem_multiplier", "2");
    const needed = Math.ceil(
        ((memoryBytes("work_mem", workMem) ?? 0) / 1024 ** 2) * multiplier * (workers + 1),
    );
    return workers < 1 || needed <= shm
        ? []
        : [
              `pgbackrest:settings.work_mem: one parallel join may take ${needed} MiB (work_mem ${workMem}, hash_mem_multiplier ${multiplier}, ${workers} workers and their leader), and pgbackrest:shm is ${shm} MiB: such queries fail with "could not resize shared memory segment". Raise pgbackrest:shm, which restarts PostgreSQL, or lower work_mem`,
          ];
}

/** In MiB; PostgreSQL's own default is 128. */
function sharedBuffers(settings: Considered): number {
    const value = settings.postgresql["shared_buffers"] ?? "128MB";
    return (memoryBytes("shared_buffers", value) ?? 0) / 1024 ** 2;
}
