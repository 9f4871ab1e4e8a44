import assert from "node:assert/strict";
import fc from "fast-check";
import { after, before, describe, it } from "mocha";
import { checkOptions, type OptionSections } from "../../components/pgbackrest/additions";
import { effectiveOptions, renderConf, renderRepo } from "../../components/pgbackrest/render";
import { parseTemplate } from "../../components/pgbackrest/template";
import { checkText } from "../../components/pgbackrest/value";
import { fileEnvironment } from "../../components/publication/publication";
import { renderRepositories } from "../../components/protection/state";
import { Probe } from "../support/probe";

const STANZA =
    "[main]\npg1-path=/var/lib/postgresql/data\npg1-socket-path=/var/run/postgresql\npg1-user=pgbackrest\n";
const template = parseTemplate(`[global]\nlog-level-console=info\n${STANZA}`, "t.conf");

const special = fc.constantFrom(...Array.from("=#;\"'\\ []:,$`%&|<>()*?!~@{}+-_.aZ0ü€漢😀é\u00a0"));
const texts = fc
    .oneof(
        fc.array(special, { minLength: 1, maxLength: 30 }).map((parts) => parts.join("")),
        fc.string({ minLength: 1, maxLength: 60, unit: "grapheme" }),
        fc.base64String({ minLength: 40, maxLength: 40 }),
        fc.string({ minLength: 1000, maxLength: 3000 }),
        fc.constantFrom(
            "abc==",
            "x;y",
            "x # y",
            '"quoted"',
            "'q'",
            "true",
            "null",
            "=",
            "#x",
            ";x",
            "[global]",
            "a\\;b",
            "\\",
            "$(id)",
        ),
    )
    .filter((text) => checkText(text) === undefined && !text.includes("@REVISION@"));

function rendered(options: OptionSections): string {
    const { added } = checkOptions(options, "main");
    const effective = effectiveOptions(template, added, []);
    return renderConf({ template, added, effective, stanza: "main", stack: "dev" });
}

/** How pgBackRest shows a value in the line that begins its log. */
const logged = (value: string): string => (value.includes(" ") ? `"${value}"` : value);

describe("rendered files, read by the real pgbackrest", function () {
    this.timeout(60_000);
    let probe: Probe;
    before(async () => {
        probe = await Probe.start();
    });
    after(() => probe.stop());

    it("give pgbackrest.conf's values as they were meant", async () => {
        const values = fc.sample(texts, 60);
        const outputs = await probe.run(
            values.map((value) => ({
                files: {
                    "pgbackrest.conf": rendered({
                        global: { cmd: value },
                        "main:backup": { annotation: [`one=${value}`, "two=2"] },
                    }),
                },
                command: "pgbackrest --stanza=main --config-path=$PWD backup",
            })),
        );
        for (const [index, value] of values.entries()) {
            const [line = ""] = (outputs[index] ?? "")
                .split("\n")
                .filter((text) => text.includes("command begin"));
            const begin = line.replace(/^.*? command begin \S+: /, "");
            const expected = `--annotation=${logged(`one=${value}`)} --annotation=two=2 --cmd=${logged(value)} --config-path=`;
            assert.ok(
                begin.startsWith(expected),
                `${JSON.stringify(value)}\n${begin}\n${outputs[index] ?? ""}`,
            );
        }
    });

    it("give paths and secrets of a repository as they were meant", async () => {
        // The place and the passphrase are made from the bytes themselves, past any configuration file; only a file that gives
        // pgbackrest the very same ones finds and decrypts what is there.
        const name = texts.filter(
            (text) => !text.includes("/") && !/^\.{1,2}$/.test(text) && Buffer.byteLength(text) < 200,
        );
        const pairs = fc.sample(fc.tuple(name, texts), 60);
        const outputs = await probe.run(
            pairs.map(([directory, secret], index) => {
                const path = `/tmp/repositories/${index}/${directory}`;
                const options = new Map([
                    ["type", "posix"],
                    ["path", path],
                    ["cipher-type", "aes-256-cbc"],
                    ["cipher-pass", secret],
                ]);
                return {
                    files: {
                        "conf.d/repo.conf": renderRepo([{ number: 1, options }]),
                        secret,
                        path,
                    },
                    command: [
                        'path=$(cat path) && mkdir -p "$path"',
                        'env PGBACKREST_REPO1_PATH="$path" PGBACKREST_REPO1_CIPHER_TYPE=aes-256-cbc PGBACKREST_REPO1_CIPHER_PASS="$(cat secret)" pgbackrest --config-path=/none --log-level-console=error --log-level-file=off --stanza=main --pg1-path=/usr/local/share/pgbackrest --no-online stanza-create',
                        "pgbackrest --config-path=$PWD repo-get archive/main/archive.info | grep '^db-version='",
                    ].join(" && "),
                };
            }),
        );
        for (const [index, pair] of pairs.entries())
            assert.equal(outputs[index]?.trim(), 'db-version="17"', JSON.stringify(pair));
    });

    describe("and what the setup script makes of repositories", () => {
        const repositories = [
            {
                number: 1,
                options: new Map([
                    ["type", "s3"],
                    ["path", "/a=b#c;d \"e\" 'f'\\g"],
                    ["s3-bucket", "bucket"],
                    ["s3-key", "k\\e$y`"],
                    ["s3-key-secret", "s==/+@REVISION@/"],
                    ["storage-ca-file", "@REVISION@/files/ca.crt"],
                ]),
            },
            {
                number: 2,
                options: new Map([
                    ["type", "posix"],
                    ["path", "/x"],
                ]),
            },
        ];
        const published = [
            { name: "offsite", number: 1, place: "s3:bucket bucket at host, path /a" },
            { name: "local", number: 2, place: "posix:volume x" },
        ];
        const repoConf = renderRepo(repositories).replace("=@REVISION@/", "=/etc/pgbackrest/revisions/x/");

        /** What the script writes when it is given these variables. */
        async function written(variables: Readonly<Record<string, string>>): Promise<readonly string[]> {
            const directory = `/tmp/setup-${Object.keys(variables).length}`;
            const render = [
                "set -euo pipefail; shopt -s nullglob; umask 0027",
                ...Object.entries(variables).map(
                    ([name, value]) =>
                        `printf -v ${name} %s "$(base64 -d <<<${Buffer.from(value).toString("base64")}; echo .)"; ${name}=\${${name}%.}; export ${name}`,
                ),
                `export STANZA=main REVISION=abc; mkdir -p ${directory}/input; cd ${directory}/input`,
                ". /usr/local/lib/pgbackrest/render.sh",
                'fail() { echo "$*"; exit 1; }',
                "for file in pgbackrest.conf postgresql.conf pg_hba.conf pg_ident.conf schedules; do : >$file; done",
                // The script reads its input from a place that only root can write.
                `eval "$(declare -f render | sed 's|/setup/input|${directory}/input|g')"`,
                "render ../revision /etc/pgbackrest/revisions/x >&2",
                "cd ../revision; stat --format %a conf.d/repo.conf",
                "for file in conf.d/repo.conf repositories.json; do base64 -w 0 $file; echo; done",
            ];
            const [mode = "", ...files] = (await probe.bash(render.join("\n"))).trim().split("\n");
            return [mode, ...files.map((file) => Buffer.from(file, "base64").toString("utf8"))];
        }

        it("is what the program rendered, where it did", async () => {
            const files = [
                { name: "repositories.json", content: renderRepositories(published) },
                { name: "conf.d/repo.conf", content: renderRepo(repositories) },
            ];
            assert.deepEqual(await written(fileEnvironment(files)), [
                "640",
                repoConf,
                renderRepositories(published),
            ]);
        });

        it("are the same lines from variables without the program", async () => {
            const variables = repositories.flatMap(({ number, options }) =>
                [...options].map(([name, value]): [string, string] => [
                    `PGBACKREST_REPO${number}_${name.replaceAll("-", "_").toUpperCase()}`,
                    value,
                ]),
            );
            const [mode, conf = "", json = ""] = await written(Object.fromEntries(variables));
            assert.equal(mode, "640");
            const lines = (text: string): readonly string[] =>
                text
                    .split("\n")
                    .filter((line) => !line.startsWith("#"))
                    .sort();
            assert.deepEqual(lines(conf), lines(repoConf));
            assert.deepEqual(JSON.parse(json), [
                { name: "repo1", number: 1, place: "s3:bucket bucket, path /a=b#c;d \"e\" 'f'\\g" },
                { name: "repo2", number: 2, place: "posix:/x" },
            ]);
        });
    });
});
