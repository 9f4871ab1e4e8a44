import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { after, before, describe, it } from "mocha";
import { root } from "../../toolchain/paths";
import { mainStack, PASSWORD, type MainStack } from "./mainStack";

describe("npm run ops -- escrow, as docs/escrow.md has it", function () {
    this.timeout(120_000);
    const directory = mkdtempSync(join(tmpdir(), "pgbt-escrow-"));
    const file = join(directory, "database.conf");
    const documented = [
        ...readFileSync(join(root, "docs/escrow.md"), "utf8").matchAll(/^npm run ops -- (.*)$/gm),
    ].map(([, words = ""]) => words.replace("/media/usb/database.conf", file).split(" "));
    let main: MainStack;
    before(async () => {
        main = await mainStack();
    });
    after(() => {
        rmSync(directory, { recursive: true });
    });
    const ops = (...words: readonly string[]) => main.stack.launch(words, "ops").ended;

    it("prints nothing where it could end in a log", async () => {
        for (const words of [["escrow"], ["escrow", "--json"]]) {
            const { exitCode, output } = await ops(...words);
            assert.equal(exitCode, 2, output);
            assert.match(output, /this is no terminal: nothing was printed/);
            assert.doesNotMatch(output, /repo1-/);
        }
    });

    it("prints to a terminal", async () => {
        const command = `"${process.execPath}" toolchain/launch.mjs ops escrow`;
        const { stdout } = await execa("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
            cwd: main.stack.directory,
            env: main.stack.environment,
        });
        assert.match(stdout, /^repo1-path=\/var\/lib\/pgbackrest\r?$/m);
        assert.match(stdout, /^# Versions: PostgreSQL 17\.\d+, pgBackRest 2\.\d+/m);
    });

    it("writes a file for its owner alone, with the place of the backups and without what they do not need", async () => {
        const [write = [], check = []] = documented;
        const written = await ops(...write);
        assert.equal(written.exitCode, 0, written.output);
        assert.equal(statSync(file).mode & 0o777, 0o600);
        const text = readFileSync(file, "utf8");
        assert.ok(text.includes(`, host: posix:directory ${main.repository}\n`), text);
        assert.ok(!text.includes(PASSWORD) && !text.includes("PRIVATE KEY") && !text.includes("#file"), text);
        const again = await ops(...write);
        assert.equal(again.exitCode, 2);
        assert.match(again.output, /cannot be written .*\n.*a file that is not there yet/);
        assert.equal(readFileSync(file, "utf8"), text);

        const opened = await ops(...check);
        assert.equal(opened.exitCode, 0, opened.output);
        assert.match(opened.output, /repository 1: \d+ backups? of the stanza main, the newest of 20/);
    });

    it("tells that a copy no longer opens the repository, or is none", async () => {
        const other = join(directory, "other.conf");
        const text = readFileSync(file, "utf8");
        writeFileSync(
            other,
            text.replace("[global]", "[global]\nrepo1-cipher-type=aes-256-cbc\nrepo1-cipher-pass=x"),
        );
        const closed = await ops("escrow", "check", other);
        assert.equal(closed.exitCode, 1, closed.output);
        assert.match(closed.output, /DOES NOT OPEN the repositories\.\n *repository 1: NOT OPENED: .*/);
        writeFileSync(other, "[global]\n");
        const none = await ops("escrow", "check", other);
        assert.equal(none.exitCode, 2, none.output);
        assert.match(none.output, /none that `npm run ops -- escrow` has made/);
    });
});
