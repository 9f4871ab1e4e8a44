import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { after, before, describe, it } from "mocha";
import { readPoints } from "../../components/restore/points";
import { root } from "../../toolchain/paths";
import { escaped } from "../../toolchain/report/markup";
import { mustDocker } from "../support/docker";
import { mainStack, type MainStack, PASSWORD } from "./mainStack";

/** What each command of these pages has to say; those of plain Docker have to end well. */
const PAGES = ["docs/ops.md", "docs/report.md"];
const SAID: readonly (readonly [command: RegExp, said: RegExp])[] = [
    [/ops -- help/, /restore-point[^]*packages[^]*escrow/],
    [
        /ops -- status/,
        /^protected, .*\ncan be restored to any moment from 20\S+ \S+ to 20\S+ \S+ UTC \(\d+ \S+ ago\)[^]*\n20\S+F\tfull\t[^]*\nrepository host: \S+ in \d+ backups?, \S+ of WAL\nWAL: [^]*\nnext: (full|diff|verify) /m,
    ],
    [/ops -- silence 2h/, /^silence for 2 h: npm run ops -- silence off ends it earlier$/m],
    [/ops -- silence off/, /^no silence: trouble is told again/m],
    [/ops -- info/, /^stanza main: \d+ backups?, [^]*\n20\S+F\tfull\t[^]*\nWAL up to [0-9A-F]{24} \(17-1\)/m],
    [/ops -- backup diff/, /^diff backup 20\S+D: \S+ added in \d+ s$/m],
    [
        /ops -- restore-point/,
        /^restore point before-import: 20\S+ \S+ UTC, at [0-9A-F]+\/[0-9A-F]+ of timeline 1$/m,
    ],
    [
        /ops -- restore plan/,
        /^restore 20\S+: to the end of the WAL[^]*: chosen: the newest[^]*left behind: nothing/m,
    ],
    [/ops -- verify/, /^all in the repository is as it was written\n[^]*status: ok/m],
    [
        /ops -- history/,
        /^nothing has failed that is not over\n[^]*\tbackup\twell\t[^]*\trestore point\twell\t\tbefore-import at /m,
    ],
    [/ops -- volumes/, /^the database is in (\S+)-postgres-data\n\1-postgres-data\t\S+\tthe database/m],
    [/ops -- report$/, /^protected, .*\nthe report is in \/\S+\/report-\S+\.html$/m],
    [/ops -- expire/, /^nothing to remove: retention keeps all that there is$/m],
];

describe("npm run ops, as the pages have it", function () {
    this.timeout(120_000);
    let main: MainStack;
    before(async () => {
        main = await mainStack();
    });
    const directory = mkdtempSync(join(tmpdir(), "pgbt-ops-"));
    after(() => {
        rmSync(directory, { recursive: true });
    });
    const ops = (...words: readonly string[]) => main.stack.launch(words, "ops").ended;

    const blocks = PAGES.flatMap((page) => [
        ...readFileSync(join(root, page), "utf8").matchAll(/^```sh\n([^]*?)^```$/gm),
    ]);
    const commands = blocks.flatMap(([, block = ""]) => block.trim().split("\n"));
    for (const command of commands)
        it(command, async () => {
            const { exitCode, all } = await execa(
                "bash",
                ["-c", command.replaceAll("salespider", main.stack.name)],
                {
                    ...{ all: true, reject: false, stdin: "ignore" },
                    cwd: main.stack.directory,
                    env: main.stack.environment,
                },
            );
            const said = SAID.find(([of]) => of.test(command))?.[1];
            assert.equal(exitCode, 0, all);
            assert.ok(
                said !== undefined || command.startsWith("docker "),
                `nothing is expected of ${command}`,
            );
            if (said !== undefined) assert.match(all, said);
        });

    it("has run all that is expected of it", () => {
        for (const [of] of SAID)
            assert.ok(
                commands.some((command) => of.test(command)),
                String(of),
            );
    });

    it("writes a report of what is there, with the sentence that it says, and without a secret", async () => {
        const file = join(directory, "report.html");
        const written = await ops("report", "--output", file, "--json");
        assert.equal(written.exitCode, 0, written.output);
        const page = readFileSync(file, "utf8");
        const sentence = /"sentence": (".*")/.exec(written.output)?.[1] ?? "";
        assert.ok(page.includes(`<p id="sentence">${escaped(String(JSON.parse(sentence)))}</p>`), sentence);
        for (const there of [
            "<strong>Protected</strong>",
            "<h2>Repository host</h2>",
            "any moment from 20",
            "archive_timeout 60s",
        ])
            assert.ok(page.includes(there), there);
        const outputs = await main.stack.outputs();
        const password = /:\/\/[^:]+:([^@]+)@/.exec(String(outputs["connection"]))?.[1] ?? "";
        assert.ok(password.length > 10);
        for (const secret of [password, PASSWORD, escaped(PASSWORD)]) assert.ok(!page.includes(secret));

        const nowhere = await ops("report", "--output", join(directory, "not", "there.html"));
        assert.equal(nowhere.exitCode, 2);
        assert.match(nowhere.output, /not\/there\.html cannot be written: .*ENOENT/);
    });

    it("watches: a line in a log, a picture on a terminal, and ^C ends both well", async () => {
        const { stack } = main;
        const seen = async (output: () => string, wanted: (output: string) => boolean): Promise<void> => {
            const late = Date.now() + 60_000;
            while (!wanted(output()) && Date.now() < late) await sleep(100);
            assert.ok(wanted(output()), output());
        };
        const logged = stack.launch(["status", "--watch"], "ops");
        await seen(
            () => logged.output(),
            (output) => /^20\S+Z protected, /m.test(output),
        );
        logged.signal("SIGINT");
        const { exitCode, output } = await logged.ended;
        assert.equal(exitCode, 0, output);
        assert.match(output, /Z protected, .*\nprotected, .*\ncan be restored to any moment from /);

        const command = "stty cols 90 rows 30; exec node toolchain/launch.mjs ops status --watch";
        const terminal = execa("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
            ...{ all: true, reject: false, stdin: "pipe", cwd: stack.directory, env: stack.environment },
        });
        let drawn = "";
        terminal.all.on("data", (text: Buffer) => (drawn += text.toString()));
        const home = "\u001b[H";
        await seen(
            () => drawn,
            (all) => all.split(home).length > 2,
        );
        terminal.stdin.write("\u0003");
        assert.equal((await terminal).exitCode, 0, drawn);
        const [before = "", ...pictures] = drawn.split(home);
        assert.ok(before.includes("\u001b[?1049h"), drawn);
        for (const picture of pictures) assert.match(picture, /protected, [^]*can be restored[^]*\^C ends/);
        const [, after = ""] = drawn.split("\u001b[?1049l");
        assert.match(after, /protected, [^]*can be restored to any moment from /);
    });

    it("keeps a restore point in the repository, with what a restore to it needs, and its name is taken", async () => {
        const points = readPoints(await main.running.pgbackrest("--output=json", "info"), "main");
        const point = points.find(({ name }) => name === "before-import");
        assert.ok(point);
        const age = Date.now() / 1000 - point.time;
        assert.ok(age > 0 && age < 600, `${age} s`);
        const behind = await main.running.sql(`select pg_current_wal_lsn() - '0/0' > ${point.lsn}`);
        assert.equal(behind, "t");
        const again = await ops("restore-point", "before-import");
        assert.equal(again.exitCode, 2, again.output);
        assert.match(again.output, /there is a restore point before-import of 20.* UTC: take another name/);
    });

    it("removes a backup only when told to, and says first what would go", async () => {
        const labels = async () =>
            (await main.running.pgbackrest("--output=json", "info")).match(/"label":"[^"]+"/g) ?? [];
        const before = await labels();
        const last = /"label":"(.*)"/.exec(before.at(-1) ?? "")?.[1] ?? "";
        assert.match(last, /D$/);
        const asked = await ops("expire", "--set", last);
        assert.equal(asked.exitCode, 2, asked.output);
        assert.match(
            asked.output,
            new RegExp(`^ {2}backup ${last}$[^]*Nobody can be asked without a terminal`, "m"),
        );
        assert.deepEqual(await labels(), before);
        const done = await ops("expire", "--set", last, "--yes", "--json");
        assert.equal(done.exitCode, 0, done.output);
        assert.deepEqual(await labels(), before.slice(0, -1));
    });

    it("drops a data volume, from the state too, when nobody has it mounted and it was said in so many words", async () => {
        const { stack, running } = main;
        const label = '{{index .Labels "pgbackrest.mark"}}';
        const mark = await mustDocker(["volume", "inspect", "--format", label, `${stack.name}-backup-state`]);
        const old = `${stack.name}-postgres-data-old`;
        await mustDocker(["volume", "create", "--label", `pgbackrest.mark=${mark}`, old]);
        const image = await running.inspect("postgres", "{{.Image}}");
        const holder = `${old}-holder`;
        await mustDocker(["create", "--name", holder, "--volume", `${old}:/v`, image]);
        const held = await ops("volumes", "drop", "old", "--yes");
        assert.equal(held.exitCode, 2, held.output);
        assert.ok(held.output.includes(`NOT DONE: ${old} is in use: ${holder} has it mounted`), held.output);
        await mustDocker(["rm", holder]);

        // Pulumi protects what it imports.
        const imported = [
            "import",
            "docker:index/volume:Volume",
            old,
            old,
            "--yes",
            "--skip-preview",
            "--generate-code=false",
        ];
        const known = await stack.pulumi(imported);
        assert.ok(known.ok, known.output);
        const done = await ops("volumes", "drop", old, "--confirm", old);
        assert.equal(done.exitCode, 0, done.output);
        assert.equal(await mustDocker(["volume", "ls", "--quiet", "--filter", `name=${old}`]), "");
        assert.ok(!(await stack.pulumi(["stack", "export"])).output.includes(old));
    });

    it("reaches an engine behind ssh, as pgbackrest:dockerHost names it", async () => {
        const { stack } = main;
        const directory = mkdtempSync(join(tmpdir(), "pgbt-ssh-"));
        // Of ssh only what the docker command does with it: it runs a program on the other side, where nobody names another engine.
        const asked = join(directory, "asked");
        const script = [
            ...["#!/bin/sh", `echo "$*" >>'${asked}'`],
            `DOCKER_HOST='${stack.environment["DOCKER_HOST"] ?? ""}' exec docker system dial-stdio`,
        ].join("\n");
        writeFileSync(join(directory, "ssh"), script, { mode: 0o755 });
        stack.configure({ dockerHost: "ssh://ops@db1.example" });
        try {
            const { exitCode, all } = await execa(
                "node",
                ["toolchain/launch.mjs", "ops", "status", "--json"],
                {
                    ...{ all: true, reject: false, cwd: stack.directory },
                    env: { ...stack.environment, PATH: `${directory}:${stack.environment["PATH"] ?? ""}` },
                },
            );
            assert.equal(exitCode, 0, all);
            assert.match(all, /"protected": true/);
            assert.match(readFileSync(asked, "utf8"), /-l ops .*db1\.example .*docker system dial-stdio/);
        } finally {
            stack.configure({ dockerHost: undefined });
            rmSync(directory, { recursive: true });
        }
    });

    it("says that it cannot tell where there is no stack, also to programs", async () => {
        const none = await ops("status", "--stack", "another", "--json");
        assert.equal(none.exitCode, 2, none.output);
        assert.match(none.output, /"status": 2,\n {2}"error": ".*no stack named 'another'/);
    });
});
