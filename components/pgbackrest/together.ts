import { type SectionOption, sectionParts } from "./line";
import { parseTime } from "./value";

/** Levels by compression: pgBackRest checks them only when it compresses. */
const LEVELS: Readonly<Record<string, readonly [number, number]>> = {
    bz2: [1, 9],
    gz: [-1, 9],
    lz4: [-5, 12],
    zst: [-7, 22],
};

/** Problems that no single option has. */
export function checkTogether(options: readonly SectionOption[]): string[] {
    return [...checkLevel(options), ...checkTimeouts(options)];
}

/** What pgBackRest uses: the stanza's own sections first, then the global ones; per command only where there is no general value. */
export function inForce(
    options: readonly SectionOption[],
    name: string,
    command?: string,
): SectionOption | undefined {
    const rank = (section: string): number => {
        const [owner, only] = sectionParts(section);
        if (only !== undefined && only !== command) return -1;
        return (owner === "global" ? 0 : 2) + (only === undefined ? 0 : 1);
    };
    return options
        .filter((entry) => entry.option.name === name && rank(entry.section) >= 0)
        .reduce<SectionOption | undefined>(
            (best, entry) => (best === undefined || rank(entry.section) > rank(best.section) ? entry : best),
            undefined,
        );
}

function checkLevel(options: readonly SectionOption[]): string[] {
    return ["backup", "archive-push"]
        .flatMap((command) => {
            const level = inForce(options, "compress-level", command);
            const type = inForce(options, "compress-type", command)?.value ?? "gz";
            const [least, greatest] = LEVELS[type] ?? [];
            if (level === undefined || least === undefined || greatest === undefined) return [];
            const number = Number(level.value);
            return number >= least && number <= greatest
                ? []
                : [
                      `${level.where}: compress-level cannot be ${level.value} with compress-type=${type}: ${least} to ${greatest}`,
                  ];
        })
        .filter((problem, index, all) => all.indexOf(problem) === index);
}

function checkTimeouts(options: readonly SectionOption[]): string[] {
    const protocol = inForce(options, "protocol-timeout");
    const database = inForce(options, "db-timeout");
    if (protocol === undefined || database === undefined) return [];
    return (parseTime(protocol.value) ?? 0) > (parseTime(database.value) ?? 0)
        ? []
        : [
              `${protocol.where}: protocol-timeout (${protocol.value}) must be greater than db-timeout (${database.value})`,
          ];
}
