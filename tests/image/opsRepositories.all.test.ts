import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import type { Answer, Given, Operation } from "../../toolchain/operations/operation";
import { backup } from "../../toolchain/operations/backup";
import { expire } from "../../toolchain/operations/expire";
import { history } from "../../toolchain/operations/history";
import { info } from "../../toolchain/operations/info";
import { restorePoint } from "../../toolchain/operations/restorePoint";
import { status } from "../../toolchain/operations/status";
import { verify } from "../../toolchain/operations/verifyRepository";
import { PATIENCE } from "../support/containers";
import { directory, TwoRepositories } from "../support/twoRepositories";

/** Segments that may wait: none is dropped here. */
const QUEUE = 500;

describe("npm run ops with two repositories, one of which goes away", function () {
    this.timeout(PATIENCE);
    let two: TwoRepositories;
    let bin: string;

    before(async () => {
        two = await TwoRepositories.create();
        await two.start(directory("offsite"), QUEUE);
        const { containers } = two;
        await containers.backup();
        const applied = await containers.apply();
        assert.ok(applied.ok, applied.output);
        // Of Pulumi only what these operations ask it.
        bin = mkdtempSync(join(tmpdir(), "pgbt-ops-"));
        const name = (part: string) => containers.name(part);
        const outputs = {
            ...{ revision: "1", stanza: "main" },
            containers: { setup: name("setup"), postgres: name("postgres"), backup: name("backup") },
            volumes: { data: name("data"), state: name("state") },
        };
        const script = [
            "#!/bin/sh",
            `case "$1" in stack) echo '${JSON.stringify(outputs)}' ;; *) echo '{}' ;; esac`,
        ];
        writeFileSync(join(bin, "pulumi"), script.join("\n"), { mode: 0o755 });
    });
    after(async () => {
        rmSync(bin, { recursive: true });
        await two.remove();
    });

    const run = (
        operation: Operation,
        args: readonly string[] = [],
        options: Given["options"] = {},
    ): Promise<Answer> =>
        operation.run({
            ...{ directory: bin, stack: "test", args, options },
            environment: { PATH: `${bin}:${process.env["PATH"] ?? ""}` },
            user: {
                say: () => undefined,
                progress: () => undefined,
                confirms: () => Promise.resolve(true),
                types: () => Promise.resolve(true),
            },
        });
    const text = ({ lines }: Answer): string =>
        lines
            .map((line) =>
                typeof line === "string" ? line : line.rows.map((row) => row.join(" ")).join("\n"),
            )
            .join("\n");
    const ends = async (expected: Answer["status"], said: RegExp, ...of: Parameters<typeof run>) => {
        const answer = await run(...of);
        assert.equal(answer.status, expected, text(answer));
        assert.match(text(answer), said);
        return answer;
    };

    it("names each of them while both are well", async () => {
        await ends(0, /^repository local: full backup \S+F: .*\nrepository offsite: full backup /, backup, [
            "full",
        ]);
        await ends(0, /^repository offsite: incr backup [^\n]*$/, backup, [], { repository: "offsite" });
        await ends(0, /^stanza main\nrepository local: \d[^]*\nrepository offsite: \d/, info);
        await ends(0, /^repository local: all in [^]*\nrepository offsite: all in /, verify);
        await ends(0, /^repository local: nothing to remove.*\nrepository offsite: nothing to /, expire);
        await ends(0, /^restore point before: [^\n]*$/, restorePoint, ["before"]);
        await ends(0, /\nrepository local: can be restored to [^]*\nrepository offsite: can be /, status);
    });

    it("refuses a name that none of them has, with the names that they have", async () => {
        const none = { repository: "cloud" };
        for (const operation of [backup, info, verify, expire])
            await ends(2, /there is no repository cloud, but local, offsite/, operation, [], none);
    });

    it("goes on with the other while one is away, and the exit status says so", async () => {
        const moved = await two.containers.shell("mv /var/lib/pgbackrest/offsite /var/lib/pgbackrest/away");
        assert.ok(moved.ok, moved.output);
        const away = /repository offsite[^\n]* cannot be read: /;
        await ends(2, away, info);
        await ends(1, away, backup);
        await ends(1, /^repository local: incr backup [^\n]*\nrepository offsite: /, backup);
        await ends(2, away, verify);
        await ends(1, away, expire);
        await ends(1, /^restore point after: [^\n]*\nrepository offsite: NOT /, restorePoint, ["after"]);
        assert.match(text(await run(history)), away);
        const seen = text(await run(status));
        assert.match(seen, away);
        assert.match(seen, /\nrepository local: can be restored to any moment /);
    });
});
