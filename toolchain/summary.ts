import * as v from "valibot";

/** The stack outputs that tell a user what runs. */
const Outputs = v.object({
    containers: v.object({ postgres: v.string(), backup: v.string(), setup: v.string(), apply: v.string() }),
    network: v.string(),
    volumes: v.record(v.string(), v.string()),
    stanza: v.string(),
    repositories: v.array(v.object({ name: v.string(), type: v.string(), location: v.string() })),
    revision: v.string(),
    database: v.string(),
    role: v.string(),
    port: v.optional(v.string()),
});

/** What runs, where things are, how to connect, and what to type next. */
export function summary(json: string): string {
    const { containers, volumes, repositories, database, role, port, stanza } = v.parse(
        Outputs,
        JSON.parse(json),
    );
    const where = repositories.map(({ name, type, location }) => `${name} (${type}): ${location}`);
    const lines: readonly (readonly [string, readonly string[]])[] = [
        ["PostgreSQL", [`container ${containers.postgres}, data in the volume ${volumes["data"] ?? "?"}`]],
        ["Backups", [`container ${containers.backup}, stanza ${stanza}`]],
        ["Repository", where.length === 0 ? ["none: this database is NOT backed up"] : where],
        ["Connect", connectLines(containers.postgres, database, role, port)],
        ["See backups", [`docker exec ${containers.backup} pgbackrest info`]],
        [
            "Next",
            [
                "npm run ops -- status                     is it protected?",
                "npm run pulumi -- config set memory 2048  change a setting (docs/settings.md lists them)",
                "npm run pulumi -- preview                 see what would change",
                "npm run pulumi -- up                      apply it",
                "npm run pulumi -- destroy                 remove everything, data and backups too",
                "docs/README.md                            what else there is to do, a page a task",
            ],
        ],
    ];
    return lines
        .flatMap(([title, texts]) => texts.map((text, i) => `  ${(i === 0 ? title : "").padEnd(12)} ${text}`))
        .join("\n");
}

function connectLines(
    container: string,
    database: string,
    role: string,
    port: string | undefined,
): readonly string[] {
    const inside = `docker exec -it ${container} psql ${database}   (superuser, no password)`;
    const url = 'psql "$(npm run -s pulumi -- stack output connection --show-secrets)"';
    return port === undefined ? [inside] : [inside, `${url}   (as ${role}, at ${port})`];
}
