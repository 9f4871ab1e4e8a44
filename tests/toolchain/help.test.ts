import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "mocha";
import * as v from "valibot";
import { OPERATIONS } from "../../toolchain/operations/operations";
import { NEVER } from "../../toolchain/operations/operation";
import { choose } from "../../toolchain/operations/program";
import { root } from "../../toolchain/paths";
import { attempt } from "../../toolchain/run";
import { isHelp } from "../../toolchain/stack";
import { mochaOptions, parts } from "../../toolchain/testing/parts";

const Package = v.object({ scripts: v.record(v.string(), v.string()) });
const { scripts } = v.parse(Package, JSON.parse(readFileSync(join(root, "package.json"), "utf8")));
const COMMANDS = Object.keys(scripts);

const launch = (directory: string, ...words: readonly string[]) =>
    attempt(process.execPath, [join(directory, "toolchain", "launch.mjs"), ...words]);

/** What each help has to have. */
function complete(all: string, usage: RegExp): void {
    assert.match(all, usage);
    assert.match(all, /exit status/i);
    assert.match(all, /example/i);
}

describe("the help of an npm command", function () {
    this.timeout(60_000);

    /** With nothing beside the two files of the launcher, a command that does more than to help fails. */
    let bare: string;
    before(() => {
        bare = mkdtempSync(join(tmpdir(), "pgbackrest-help-"));
        for (const file of ["toolchain/launch.mjs", "toolchain/help.mjs", "package-lock.json"]) {
            mkdirSync(dirname(join(bare, file)), { recursive: true });
            cpSync(join(root, file), join(bare, file));
        }
        symlinkSync(join(root, "toolchain/commands"), join(bare, "toolchain/commands"));
    });
    after(() => {
        rmSync(bare, { recursive: true });
    });

    for (const command of COMMANDS)
        it(`${command}: is on one screen, needs no packages, and does nothing`, async () => {
            for (const option of ["--help", "-h"]) {
                const { exitCode, all } = await launch(bare, command, option);
                assert.equal(exitCode, 0, all);
                assert.match(all, new RegExp(`^Usage: npm (?:run )?${command}\\b`));
                assert.ok(all.split("\n").length <= 24, all);
                if (command === "ops") assert.match(all, /npm ci/);
                else if (command === "lint") assert.match(all, /exit status/i);
                else if (command !== "start") complete(all, /^Usage/);
            }
            assert.ok(!existsSync(join(bare, "node_modules")));
        });

    it("test: has all parts and options", async () => {
        const { all } = await launch(bare, "test", "--help");
        for (const part of parts) assert.match(all, new RegExp(`\\b${part}\\b`));
        for (const option of mochaOptions) assert.ok(all.includes(option), option);
    });

    for (const command of ["start", "lint"])
        it(`${command}: refuses what it would not heed, before it does anything`, async () => {
            const { exitCode, all } = await launch(bare, command, "--stack", "prod");
            assert.equal(exitCode, 1, all);
            assert.match(all, /There is no "--stack prod".*takes no options[^]*--help/);
            assert.ok(!existsSync(join(bare, "node_modules")));
        });

    for (const [command, word, allowed] of [
        ["test", "--al", /unit, [^]*--all/],
        ["test", "unti", /unit, [^]*--all/],
        ["bench", "--twice", /archive, [^]*--once/],
        ["ops", "--now", /Commands: status, [^]*--stack/],
    ] as const)
        it(`${command} ${word}: is refused with what is allowed`, async () => {
            const { exitCode, all } = await launch(root, command, word);
            assert.notEqual(exitCode, 0);
            assert.ok(all.includes(word), all);
            assert.match(all, allowed);
        });

    it("pulumi: that of one of its commands is Pulumi's", async () => {
        const { exitCode, all } = await launch(root, "pulumi", "up", "--help");
        assert.equal(exitCode, 0, all);
        assert.match(all, /Create or update the resources in a stack/);
    });

    it("pulumi: is what is asked for, and not what stands behind --", () => {
        for (const line of ["up --help", "stack -h", "help up", "--help"])
            assert.ok(isHelp(line.split(" ")), line);
        for (const line of ["up", "config set x -- -h", "stack output help"])
            assert.ok(!isHelp(line.split(" ")), line);
    });
});

/** All that a command line of ops prints. */
function said(line: string): string {
    let text = "";
    const write = (more: string): void => {
        text += more;
    };
    choose(OPERATIONS, line.split(" "), { out: write, err: write });
    return text;
}

describe("the help of ops", () => {
    it("has all commands, each in its own words", () => {
        for (const line of ["--help", "help"]) {
            complete(said(line), /^Usage: npm run ops -- <command> \[options\]/);
            const words = said(line).replace(/\s+/g, " ");
            for (const { name, summary } of OPERATIONS) assert.ok(words.includes(`${name} ${summary}`), name);
        }
    });

    for (const { name, summary, args = [], options = [], statuses } of OPERATIONS)
        it(`${name}: says what it does, its arguments, options, exit statuses and an example`, () => {
            const syntax = args.map(([word]) => `${word} `).join("");
            for (const line of [`${name} --help`, `${name} -h`, `help ${name}`]) {
                const text = said(line);
                complete(text, new RegExp("^Usage: npm run ops -- "));
                assert.ok(text.startsWith(`Usage: npm run ops -- ${name} ${syntax}[options]\n`), text);
                const words = text.replace(/\s+/g, " ");
                for (const part of [summary, ...[...args, ...options].map(([, meaning]) => meaning)])
                    assert.ok(words.includes(part), part);
                for (const [status, meaning] of statuses.entries())
                    assert.equal(text.includes(`\n  ${String(status)}  `), meaning !== NEVER);
                assert.equal(text.match(/--stack <stack>/g)?.length, 1, text);
                assert.equal(text.match(/--at <target>/g)?.length ?? 0, text.includes("--at") ? 1 : 0);
            }
        });

    for (const { name, options = [] } of OPERATIONS)
        it(`${name} --nosuch: is refused with what is allowed`, () => {
            const text = said(`${name} --nosuch`);
            assert.match(text, /unknown option '--nosuch'/);
            for (const [syntax] of [...options, ["--stack <stack>"], ["--json"], ["--yes"]] as const)
                assert.ok(text.includes(syntax), text);
            assert.ok(text.includes(`npm run ops -- ${name} --help`), text);
        });

    it("refuses an option of another command of the same word", () => {
        for (const line of ["restore promote --pause", "restore later --name x", "escrow check a --file b"])
            assert.match(said(line), /unknown option '--(?:pause|name|file)'[^]*Options: /);
    });

    it("names the commands where there is none of that name", () => {
        assert.match(said("nosuch"), /unknown command 'nosuch'\nCommands: status, .*escrow check\./);
        assert.match(
            said("drill nosuch"),
            /unknown command 'nosuch'\nCommands: drill run, drill list, drill show\./,
        );
    });
});
