import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "mocha";
import { start } from "../../service/child";

/** A shell script as a run; gives what it says, too. */
function run(script: string) {
    const lines: string[] = [];
    const onLine = (line: string) => lines.push(line);
    return { ...start("bash", ["-c", script], { shown: false, onLine }), lines };
}

async function hasSaid({ lines }: { readonly lines: readonly string[] }, count: number): Promise<void> {
    while (lines.length < count) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Waits until it has ended, be it buried or not: one that was killed may take a moment on a busy machine. */
async function isGone(pid: string | undefined): Promise<void> {
    const isAlive = (): boolean => {
        try {
            return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid ?? ""}/stat`, "utf8"));
        } catch {
            return false;
        }
    };
    while (isAlive()) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe("a run of the backup service", function () {
    this.timeout(60_000);

    it("tells all that it says, and how it ended", async () => {
        const child = run("echo one; echo two >&2; printf three; exit 3");
        assert.deepEqual(await child.ended, { status: 3, signal: null });
        assert.deepEqual([...child.lines].sort(), ["one", "three", "two"]);
    });

    it("that cannot be started says why", async () => {
        const lines: string[] = [];
        const { ended } = start("/no/such/program", [], { shown: false, onLine: (line) => lines.push(line) });
        assert.equal((await ended).status, 127);
        assert.match(lines.join("\n"), /ERROR: .*ENOENT/);
    });

    it("is ended with its workers, and has its last words", async () => {
        const child = run('trap "echo last; exit 63" TERM; sleep 600 & echo $!; wait');
        await hasSaid(child, 1);
        await child.end();
        assert.deepEqual(await child.ended, { status: 63, signal: null });
        assert.equal(child.lines.at(-1), "last");
        await isGone(child.lines[0]);
    });

    it("is ended for certain, also when it and its workers take no notice", async () => {
        const child = run(
            'trap "" TERM; bash -c "trap \\"\\" TERM; echo \\$\\$; while :; do sleep 1; done" & while :; do sleep 1; done',
        );
        await hasSaid(child, 1);
        const begun = performance.now();
        await child.end();
        assert.equal((await child.ended).signal, "SIGKILL");
        assert.ok(performance.now() - begun >= 4990, "they had their 5 s");
        await isGone(child.lines[0]);
    });

    it("leaves no worker behind when it is killed, and waits for none that holds its output open", async () => {
        const child = run("sleep 600 & echo $!; kill -KILL $$");
        const begun = Date.now();
        assert.equal((await child.ended).signal, "SIGKILL");
        assert.ok(Date.now() - begun < 30_000);
        await isGone(child.lines[0]);
    });
});
