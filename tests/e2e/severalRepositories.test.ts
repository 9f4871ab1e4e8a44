import assert from "node:assert/strict";
import { chownSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { eventually, mustDocker } from "../support/docker";
import { finishes, secondStackUp, type SecondStack, UP } from "./secondStack";

const LOCAL = { name: "local", type: "posix" };
const COPY = "/var/lib/pgbackrest-copy";

describe("a stack with two repositories", function () {
    this.timeout(300_000);
    let second: SecondStack;
    const directory = mkdtempSync(join(tmpdir(), "pgbt-copy-"));
    before(async () => {
        chownSync(directory, 999, 999);
        second = await secondStackUp();
    });
    after(() => {
        rmSync(directory, { recursive: true, force: true });
    });

    const info = async (number: number): Promise<string> =>
        second.running.pgbackrest(`--repo=${number}`, "info");
    const volumes = async (): Promise<readonly string[]> =>
        (await mustDocker(["volume", "ls", "--quiet", "--filter", `name=^${second.stack.name}-`])).split(
            "\n",
        );

    it("gets the second with a restart that is told, a stanza and a full backup, and has nothing to do then", async () => {
        const { stack, running } = second;
        const full = await running.fullBackups();
        stack.configure({
            repositories: [
                { name: "copy", type: "posix", path: COPY, hostPath: directory, retention: { full: 3 } },
                LOCAL,
            ],
        });
        const preview = await stack.preview();
        assert.ok(preview.ok, preview.output);
        assert.match(
            preview.output,
            /repository copy is new: .* starts empty and gets a full backup at once/,
        );
        assert.match(preview.output, /-postgres restarts once \(what it has mounted for repositories: /);
        await finishes(second);
        // Its number belongs to its name.
        assert.match(await info(1), new RegExp(full.at(-1) ?? "none"));
        assert.match(await info(2), /full backup: \S+/);
        const segment = await running.switchWal();
        for (const number of [1, 2])
            await eventually(`${segment} is in repo${number}`, async () =>
                (
                    await running.pgbackrest(`--repo=${number}`, "repo-ls", "--recurse", "archive/main")
                ).includes(segment),
            );
    });

    it("is protected by the one while the other is away, and red, and takes a change", async () => {
        const { stack, running } = second;
        await running.mustExec("backup", "chmod", "0", COPY);
        await running.switchWal();
        await eventually(
            "health tells of the one that is away",
            async () => {
                const { ok, output } = await running.healthCheck();
                return !ok && /protected by local only; .*repository copy/.test(output);
            },
            120,
        );
        const started = await running.startTime();
        stack.configure({ settings: { work_mem: "5MB" } });
        const changed = await stack.launch(UP).ended;
        assert.ok(changed.ok, changed.output);
        assert.match(changed.output, /Found by apply:\n.*protected by local only; .*repository copy/);
        assert.equal(await running.sql("show work_mem"), "5MB");
        assert.equal(await running.startTime(), started);
        await running.mustExec("backup", "chmod", "750", COPY);
        await eventually("it is healthy again", async () => (await running.healthCheck()).ok, 150);
    });

    it("loses one from its settings, and nothing from its storage", async () => {
        const { stack } = second;
        const was = await volumes();
        stack.configure({ repositories: [LOCAL] });
        const preview = await stack.preview();
        assert.match(preview.output, /repository copy gets no more backups\. The old backups stay in/);
        await finishes(second);
        assert.deepEqual(await volumes(), was);
        assert.ok(existsSync(join(directory, "backup/main/backup.info")));
    });
});
