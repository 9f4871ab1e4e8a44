import { type Setup } from "../support/containers";
import { POSIX, S3, edited, extended } from "../support/inputs";

type Refused = readonly [string, Setup, ...RegExp[]];

const TEMPLATE = "pgbackrest.conf";
/** What setup refuses: a name, its input, and what its last lines must say. */
export const REFUSED: readonly Refused[] = [
    ...template(
        "an option that the program sets too",
        "\n[main]",
        "\nrepo1-path=/other\n\n[main]",
        /repo1-path/,
        /line 17/,
    ),
    ...template(
        "the same option under its old name",
        "\n[main]",
        "\nrepo-path=/other\n\n[main]",
        /duplicate options/,
        /'repo-path'/,
    ),
    ...template(
        "a value out of range",
        "process-max=2",
        "process-max=0",
        /line 10: process-max=0/,
        /allowed range is 1 to 999/,
    ),
    ...template(
        "a value that is not allowed",
        "type=lz4",
        "type=lz5",
        /line 11/,
        /allowed values are 'none', 'bz2', 'gz', 'lz4', 'zst'/,
    ),
    ...template(
        "a level that the type does not have",
        "level=3",
        "level=33",
        /'33' is out of range for 'compress-level'/,
    ),
    ...template(
        "a boolean that is none",
        "async=y",
        "async=maybe",
        /boolean option 'archive-async' must be 'y' or 'n'/,
    ),
    ...template("an unknown option", "start-fast=y", "start-fats=y", /line 13: start-fats=y/),
    ...template(
        "an option for the command line",
        "start-fast=y",
        "type=full",
        /command-line only option 'type'/,
    ),
    ...template(
        "a stanza's option in [global]",
        "start-fast=y",
        "pg1-port=5433",
        /stanza-only option 'pg1-port'/,
    ),
    ...template(
        "a misspelt section",
        "[global]",
        "[gloabl]",
        /ignore the section \[gloabl\]/,
        /Allowed are \[global\], \[main\]/,
    ),
    ...template(
        "an unknown command's section",
        "\n[main]",
        "\n[global:bakup]\n\n[main]",
        /ignore the section \[global:bakup\]/,
    ),
    ...template("another stanza", "[main]", "[mian]", /ignore the section \[mian\]/),
    ...template(
        "no path of the database",
        "pg1-path=/var/lib/postgresql/data\n",
        "",
        /no pg1-path in a section \[main\]/,
    ),
    ...template("an inline comment", "process-max=2", "process-max=2 # two", /'2 # two' is not valid/),
    ...template("quotes", "process-max=2", 'process-max="2"', /'"2"' is not valid/),
    ...template("a byte-order mark", "[global]", "\uFEFF[global]", /\[029\].*line 1/),
    ...template(
        "a line that is no option",
        "start-fast=y",
        "start-fast",
        /missing '=' in key\/value at line 13/,
    ),
    ...template(
        "an option without a value",
        "start-fast=y",
        "start-fast=",
        /key 'start-fast' must have a value/,
    ),
    ...template("a bad log level", "console=info", "console=inof", /'inof' is not allowed/),
    ...template("no retention", "repo1-retention-full=8\n", "", /'repo1-retention-full' is not set/),

    ...postgresql(
        "an unknown setting",
        "foo_bar = 3",
        /unrecognized configuration parameter "foo_bar" in file "postgresql.conf" line 7/,
    ),
    ...postgresql("a bad value", "work_mem = lots", /invalid value for parameter "work_mem": "lots"/),
    ...postgresql(
        "a value out of range",
        "max_connections = 0",
        /0 is outside the valid range.*1 \.\. 262143/,
    ),
    ...postgresql(
        "settings that exclude each other",
        "wal_level = minimal",
        /WAL archival cannot be enabled when "wal_level" is "minimal"/,
    ),
    ...postgresql(
        "a library that is not there",
        "shared_preload_libraries = 'pg_stat_statements,timescaledb'",
        /library timescaledb/,
    ),
    ...postgresql(
        "another archive_command",
        "archive_command = '/bin/true'",
        /archive_command is '\/bin\/true' and must be/,
    ),
    ...postgresql("archiving off", "archive_mode = off", /archive_mode is 'off' and must be 'on'/),
    ...postgresql("no syntax", "work_mem 64MB x", /syntax error in file "postgresql.conf" line 7/),
    ...postgresql(
        "a certificate that is not there",
        "ssl = on\nssl_cert_file = '@REVISION@/files/x.crt'",
        /could not load.*"files\/x.crt"/,
    ),
    [
        "a bad argument of PostgreSQL",
        { settings: ["-c", "shared_buffers=nothing"] },
        /invalid value for parameter "shared_buffers"/,
    ],

    [
        "a bad address in pg_hba.conf",
        { files: extended("pg_hba.conf", "host all all 1.2.3.4/33 trust") },
        /invalid CIDR mask/,
        /line 6/,
    ],
    [
        "a bad method in pg_hba.conf",
        { files: extended("pg_hba.conf", "host all all all scam") },
        /method "scam"/,
        /line 6/,
    ],
    [
        "PostgreSQL: huge pages that the host does not have",
        { settings: ["-c", "huge_pages=on", "-c", "shared_buffers=4TB"] },
        /huge_pages is on, and the host has \d+ huge pages of \d+ kB; \d{7} are needed/,
        /vm\.nr_hugepages/,
    ],
    [
        "a bad line in pg_ident.conf",
        { files: extended("pg_ident.conf", "map /( x") },
        /invalid regular expression/,
        /line 2/,
    ],

    ...schedule(
        "a minute out of range",
        "incr 61 * * * *",
        /schedule of incr: '61 .*"61" as minute: 0 to 59/,
    ),
    ...schedule("both kinds of day", "incr 0 0 1 * 1", /sets both day of month and day of week/),
    ...schedule("a day that never comes", "incr 0 0 30 2 *", /schedule of incr: .*it would not run/),
    ...schedule("four fields", "incr 0 0 * *", /has 4 fields, not five/),
    ...schedule("a name of a day", "incr 0 0 * * MON", /"MON" as day of week/),
    ...schedule("one kind twice", "full 0 0 * * *", /full is there twice/),
    [
        "an unknown time zone",
        { files: edited("schedules", "UTC", "Mars") },
        /timezone 'Mars' is no time zone/,
    ],
    [
        "no full backups",
        { files: edited("schedules", "full 30 1 * * 0\n", "") },
        /no schedule for full backups/,
    ],

    ["no repository and no word about it", { environment: {} }, /no repository is given.*none/],
    [
        "a misspelt type",
        { environment: { PGBACKREST_REPO1_TYPE: "posics" } },
        /'posics' is not allowed for 'repo1-type'/,
    ],
    [
        "a repository and none at once",
        { environment: { ...POSIX, PGBACKREST_REPO1_TYPE: "none" } },
        /no other variable may be set/,
    ],
    [
        "an empty value",
        { environment: { ...POSIX, PGBACKREST_REPO1_S3_KEY: "" } },
        /PGBACKREST_REPO1_S3_KEY is empty/,
    ],
    [
        "a ninth repository",
        { environment: { ...POSIX, PGBACKREST_REPO9_PATH: "/x" } },
        /PGBACKREST_REPO9_PATH is none of/,
    ],
    [
        "a variable that is no repository's",
        { environment: { ...POSIX, PGBACKREST_PROCESS_MAX: "2" } },
        /PGBACKREST_PROCESS_MAX/,
    ],
    [
        "an option of no repository",
        { environment: { ...POSIX, PGBACKREST_REPO1_COLOUR: "red" } },
        /invalid option 'repo1-colour'/,
    ],
    [
        "a secret with a line break",
        { environment: { ...S3, PGBACKREST_REPO1_S3_KEY_SECRET: "the-key\nsecret" } },
        /KEY_SECRET holds a line break/,
    ],
    [
        "a secret with a blank at its end",
        { environment: { ...S3, PGBACKREST_REPO1_S3_KEY_SECRET: "the-key-secret " } },
        /begins or ends with a blank/,
    ],
    [
        "a directory of somebody else",
        { environment: { ...POSIX, PGBACKREST_REPO1_PATH: "/mine" }, mounts: ["--tmpfs", "/mine:mode=0755"] },
        /chown -R 999:999/,
    ],
    [
        "a directory that is read-only",
        {
            environment: { ...POSIX, PGBACKREST_REPO1_PATH: "/usr/share/doc" },
            mounts: ["--volume", "/usr/share/doc:/usr/share/doc:ro"],
        },
        /read-only|chown/,
    ],
    [
        "a full disk",
        {
            environment: { ...POSIX, PGBACKREST_REPO1_PATH: "/full" },
            mounts: ["--tmpfs", "/full:mode=0777,size=4k,nr_inodes=1"],
        },
        /its disk is full/,
    ],
    [
        "a bad name of a file",
        { environment: { ...POSIX, FILE_1_NAME: "../x", FILE_1_CONTENT: "content" } },
        /FILE_1_NAME is '\.\.\/x'/,
    ],
    ["a stanza with a blank", { environment: { ...POSIX, STANZA: "ma in" } }, /STANZA is 'ma in'/],
];

function template(name: string, from: string, to: string, ...says: RegExp[]): Refused[] {
    return [[`template: ${name}`, { files: edited(TEMPLATE, from, to) }, ...says]];
}

function postgresql(name: string, line: string, ...says: RegExp[]): Refused[] {
    return [[`PostgreSQL: ${name}`, { files: extended("postgresql.conf", line) }, ...says]];
}

function schedule(name: string, line: string, ...says: RegExp[]): Refused[] {
    return [[`schedule: ${name}`, { files: extended("schedules", line) }, ...says]];
}
