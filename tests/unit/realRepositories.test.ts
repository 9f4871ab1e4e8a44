import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { after, before, describe, it } from "mocha";
import { fileEnvironment, type PublishedFile, renderFiles } from "../../components/publication/publication";
import { withNumbers } from "../../components/repository/number";
import { Repositories } from "../../components/repository/repositories";
import { InFile } from "../support/mixes/kinds";
import { type Meant, type Mix, mixes, shown } from "../support/mixes/mixes";
import { Recording } from "../support/mocks";
import { type Case, Probe } from "../support/probe";
import { settingsOf } from "../support/settings";

const TEMPLATE = { file: "t.conf", text: readFileSync("config/pgbackrest/pgbackrest.conf", "utf8") };
const MIXES = 5;

/** What the program gives to setup for a stack: plain files and the variables of setup. */
interface Given {
    readonly files: Readonly<Record<string, string>>;
    readonly variables: Readonly<Record<string, string>>;
}

async function given(all: readonly Mix[]): Promise<readonly Given[]> {
    await Recording.start("update");
    const found = all.map(async ({ raw, repositories }, index): Promise<Given> => {
        const settings = settingsOf({ ...raw, name: "shop" }, ["repositories"]);
        const numbered = { ...settings, repositories: withNumbers(settings.repositories, repositories) };
        const { files, uses } = renderFiles(numbered, TEMPLATE, "dev");
        const component = new Repositories(`mix${index}`, {
            ...{ settings: numbered, uses, amazon: undefined, labels: () => [], stack: "dev" },
            ...{ generated: [], kmsKeys: [] },
        });
        const own = await new Promise<readonly PublishedFile<string>[]>((resolve) => {
            component.files.apply(resolve);
        });
        return { files, variables: fileEnvironment(own) };
    });
    return Promise.all(found);
}

type Pair = readonly [name: string, text: string];

describe("any mix of repositories, read by the real pgbackrest", function () {
    this.timeout(120_000);
    let probe: Probe;
    before(async () => {
        probe = await Probe.start();
    });
    after(() => probe.stop());

    /** A command that renders the revision as setup does, and then asks. */
    const inRevision = (stack: Given | undefined, ask: string): Case => ({
        files: Object.fromEntries<string>([
            ...Object.entries(stack?.files ?? {}).map(([name, text]): Pair => [`input/${name}`, text]),
            ...Object.entries(stack?.variables ?? {}).map(([name, text]): Pair => [
                `variables/${name}`,
                `${text}.`,
            ]),
        ]),
        command: [
            "set -euo pipefail; shopt -s nullglob; umask 0027; export STANZA=main REVISION=abc",
            // Setup has them in its environment, and whatever ends them belongs to them.
            'for file in variables/*; do text=$(cat "$file"); export "${file##*/}=${text%.}"; done',
            ". /usr/local/lib/pgbackrest/render.sh; . /usr/local/lib/pgbackrest/archivers.sh",
            'fail() { echo "$*"; exit 1; }',
            'eval "$(declare -f render | sed "s|/setup/input|$PWD/input|g")"',
            'render "$PWD/revision" "$PWD/revision"',
            "for name in $(compgen -v | grep ^FILE_); do unset $name; done",
            // It ends every command before it looks at a repository or at PostgreSQL.
            "mkdir -p /tmp/pgbackrest; touch /tmp/pgbackrest/all.stop",
            ask,
        ].join("\n"),
    });
    const asked = (configuration: string, command: string): string =>
        `printf '%s\\n' '${command}' "$(pgbackrest ${configuration} --stanza=main --log-level-console=info ${command} 2>&1 | base64 -w 0)"`;

    /** Asks of all, and of each alone; and what is in the files. */
    const questions = ({ repositories }: Mix): string =>
        [
            ...OF_ALL.map((command) => asked("--config-path=$PWD/revision", command)),
            ...repositories.map(({ number }) =>
                asked(`--config=$PWD/revision/archivers/${number}/pgbackrest.conf`, OF_ONE),
            ),
            'find "$PWD/revision" -type f | while read -r file; do printf \'%s\\n\' "$file" "$(base64 -w 0 "$file")"; done',
        ].join("\n");

    it("is what was meant, of all repositories and of each alone, without a warning", async () => {
        const all = [...fc.sample(mixes.ofAll, 1), ...fc.sample(mixes.any, MIXES)];
        const stacks = await given(all);
        const outputs = await probe.run(all.map((mix, index) => inRevision(stacks[index], questions(mix))));
        for (const [index, mix] of all.entries()) {
            const context = JSON.stringify(mix.raw, undefined, 1);
            const { answers, files } = read(outputs[index] ?? "");
            assert.equal(answers.length, OF_ALL.length + mix.repositories.length, outputs[index]);
            for (const [question, { command, said }] of answers.entries()) {
                assert.doesNotMatch(said, /WARN:/, `${context}\n${said}`);
                const one = mix.repositories[question - OF_ALL.length];
                const [asked_, file] =
                    one === undefined
                        ? [mix.repositories, "conf.d/repo.conf"]
                        : [[{ ...one, number: 1 }], `archivers/${one.number}/pgbackrest.conf`];
                const config = files.get(file) ?? "";
                assert.deepEqual(
                    saidOf(said, config, files),
                    asked_.flatMap((repository) => meantFor(repository, command)).sort(),
                    `${context}\n${said}`,
                );
            }
        }
    });
});

/** Commands that read different options, and that are asked of all repositories; and the one that is asked of each alone. */
const OF_ALL = ["backup", "expire", "archive-get"];
const OF_ONE = "archive-push";

interface Read {
    readonly answers: readonly { readonly command: string; readonly said: string }[];
    /** By their names in the revision. */
    readonly files: ReadonlyMap<string, string>;
}

function read(output: string): Read {
    const lines = output.trim().split("\n");
    const pairs = lines.flatMap((line, index) =>
        index % 2 === 0
            ? [[line, Buffer.from(lines[index + 1] ?? "", "base64").toString("utf8")] as const]
            : [],
    );
    return {
        answers: pairs
            .filter(([name]) => !name.startsWith("/"))
            .map(([command, said]) => ({ command, said })),
        files: new Map(
            pairs
                .filter(([name]) => name.startsWith("/"))
                .map(([name, text]) => [name.replace(/^.*?\/revision\//, ""), text]),
        ),
    };
}

/**
 * What it says of repositories, in the line that begins its log. What it keeps to itself is what the line of its file has, and a file is what
 * is in it.
 */
function saidOf(log: string, config: string, files: Read["files"]): readonly string[] {
    const [, options = ""] = /command begin \S+: (.*)/.exec(log) ?? [];
    return options
        .split(/ (?=--)/)
        .filter((option) => /^--(?:no-)?repo\d+-/.test(option))
        .map((option) => {
            const name = option.slice(2, option.indexOf("="));
            const secret = new RegExp(`^${name}=(.*)$`, "m").exec(config)?.[1] ?? "";
            const value = option.endsWith("=<redacted>") ? secret : option.slice(name.length + 3);
            const file = files.get(/\/revision\/(files\/.*)$/.exec(value)?.[1] ?? "");
            return option.includes("=") ? `--${name}=${file ?? value}` : option;
        })
        .sort();
}

function meantFor({ number, options }: Meant, command: string): readonly string[] {
    return Object.entries(options(command)).map(([name, value]) =>
        shown(number, name, value instanceof InFile ? value.content : value),
    );
}
