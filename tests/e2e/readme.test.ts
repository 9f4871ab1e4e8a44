import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { execa } from "execa";
import { after, before, describe, it } from "mocha";
import { removeAll } from "../support/docker";

const ROOT = resolve(import.meta.dirname, "../..");
const NAME = `pgbt-${randomBytes(3).toString("hex")}`;
const PORT = 20_000 + Math.floor(Math.random() * 10_000);

/** A clone as a user has it, but for the names on the Docker host. */
async function clone(directory: string): Promise<void> {
    const { stdout } = await execa("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
        cwd: ROOT,
    });
    for (const file of stdout.split("\n")) {
        mkdirSync(dirname(join(directory, file)), { recursive: true });
        cpSync(join(ROOT, file), join(directory, file));
    }
    symlinkSync(join(ROOT, "node_modules"), join(directory, "node_modules"));
    const stack = join(directory, "Pulumi.dev.yaml");
    const settings = readFileSync(stack, "utf8").replace(
        /^( *)pgbackrest:port: \d+$/m,
        // More than PostgreSQL's own: a recovery with less is refused.
        `$1pgbackrest:port: ${PORT}\n$1pgbackrest:name: ${NAME}\n$1pgbackrest:settings: { max_connections: 300, max_prepared_transactions: 9 }`,
    );
    writeFileSync(stack, settings);
    const git = async (...args: string[]) => execa("git", args, { cwd: directory });
    await git("init", "--quiet");
    await git("add", "--all");
    await git(
        "-c",
        "user.name=test",
        "-c",
        "user.email=test@localhost",
        "commit",
        "--quiet",
        "--message",
        "clone",
    );
}

/** What a new user reads one after the other. */
const PAGES = [
    "README.md",
    "docs/change-a-setting.md",
    "docs/prove-a-backup.md",
    "docs/health.md",
    "docs/repository-away.md",
    "docs/troubleshooting.md",
    "docs/moving-on.md",
];

/** The shell blocks of a page, in order, each with the heading above it. */
function shellBlocks(page: string): { heading: string; script: string }[] {
    const text = readFileSync(join(ROOT, page), "utf8");
    let heading = "";
    return [...text.matchAll(/^#+ (.*)$|^```sh\n([^]*?)^```$/gm)].flatMap(([, title, script]) => {
        heading = title ?? heading;
        return script === undefined ? [] : [{ heading, script: script.replaceAll("salespider", NAME) }];
    });
}

describe("README and the first pages of docs, followed step by step in a fresh clone", function () {
    // Each step builds on the ones before.
    this.bail(true);
    this.timeout("10m");
    const directory = mkdtempSync(join(tmpdir(), "pgbt-clone-"));

    const shell = async (script: string) =>
        execa("bash", ["-euo", "pipefail", "-c", script], {
            cwd: directory,
            all: true,
            reject: false,
            stdin: "ignore",
            // Nothing of the environment may point the commands at another stack than the clone's own.
            env: Object.fromEntries(
                Object.keys(process.env).map((key) => [
                    key,
                    key.startsWith("PULUMI_") ? undefined : process.env[key],
                ]),
            ),
        });
    const succeed = async (script: string): Promise<string> => {
        const result = await shell(script);
        assert.equal(result.exitCode, 0, `${script}\n${result.all}`);
        return result.all;
    };
    const containerIds = () => succeed(`docker ps --all --quiet --no-trunc --filter name=${NAME} | sort`);

    before(() => clone(directory));

    after(async () => {
        await shell("npm run pulumi -- destroy --yes --skip-preview");
        await removeAll(NAME);
        rmSync(directory, { recursive: true, force: true });
    });

    it("npm start brings a protected database up and says how to connect", async () => {
        const output = await succeed("npm start");
        for (const text of [`${NAME}-postgres`, "psql", "pgbackrest info", "preview"])
            assert.ok(output.includes(text), output);
        const info: unknown = JSON.parse(
            await succeed(`docker exec ${NAME}-backup pgbackrest info --output=json`),
        );
        assert.match(JSON.stringify(info), /"type":"full"/);
    });

    it("npm start again changes nothing, and the clone stays clean", async () => {
        const before = await containerIds();
        await succeed("npm start");
        assert.equal(await containerIds(), before);
        assert.equal(await succeed("git status --porcelain"), "");
    });

    const [start, ...blocks] = PAGES.flatMap(shellBlocks);
    assert.equal(start?.script.trim(), "npm start");
    for (const { heading, script } of blocks)
        it(`${heading}: ${script.split("\n")[0] ?? ""}`, async () => {
            const output = await succeed(script);
            if (script.includes("pg_is_in_recovery")) assert.match(output, /^ f +\|/m);
        });

    it("destroy leaves no container, volume or network", async () => {
        await succeed("npm run pulumi -- destroy --yes --skip-preview");
        for (const list of [
            "docker ps --all --quiet",
            "docker volume ls --quiet",
            "docker network ls --quiet",
        ])
            assert.equal(await succeed(`${list} --filter name=${NAME}`), "");
    });
});
