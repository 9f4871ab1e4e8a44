import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { Containers, PATIENCE } from "../support/containers";
import { docker, eventually } from "../support/docker";
import { POSIX } from "../support/inputs";

const TOKEN = "token-that-nobody-sees";
const WISH = {
    ...{ stack: "test", name: "shop", after: 3, repeat: 0, digest: "", timezone: "UTC" },
    receivers: [
        {
            ...{ kind: "webhook", name: "chat", events: ["failure", "recovery"] },
            ...{ url: `http://127.0.0.1:8099/${TOKEN}`, contentType: "text/plain", headers: {} },
            body: "{{event}} {{text}}",
        },
    ],
};
/** Keeps what it gets, in the container of the service. */
const SERVER = `require("node:http").createServer((q, a) => { let b = ""; q.on("data", (d) => b += d).on("end", () => {
    require("node:fs").appendFileSync("/tmp/got", b.split("\\n")[0] + "\\n"); a.end("ok"); }); }).listen(8099, "127.0.0.1");`;

describe("notifications of the backup service", function () {
    this.timeout(PATIENCE);
    let containers: Containers;
    const got = async () =>
        (await containers.exec("backup", "cat", "/tmp/got")).stdout.split("\n").filter((line) => line !== "");

    before(async () => {
        containers = await Containers.create();
        const environment = { ...POSIX, FILE_1_NAME: "notify.json", FILE_1_CONTENT: JSON.stringify(WISH) };
        const { ok, output } = await containers.setup({ environment });
        assert.ok(ok && !output.includes(TOKEN), output);
        await containers.backup();
        await containers.postgres();
        const applied = await containers.apply();
        assert.ok(applied.ok, applied.output);
        await docker(["exec", "--detach", containers.name("backup"), "node", "-e", SERVER]);
    });
    after(() => containers.remove());

    it("tell a failure and its end once each, and keep what is secret", async () => {
        await docker(["stop", containers.name("postgres")]);
        await eventually("the failure is told", async () => (await got()).length === 1);
        await docker(["start", containers.name("postgres")]);
        await eventually("its end is told", async () => (await got()).length === 2);
        const [failure = "", recovery = ""] = await got();
        assert.match(failure, /^failure (PostgreSQL does not answer|this configuration is not in force)/);
        assert.match(recovery, /^recovery protected, /);
        const { output } = await docker(["logs", containers.name("backup")]);
        assert.match(output, /backup: told chat: failure/);
        const places = "cat /var/lib/pgbackrest-state/*.json; tr '\\0' '\\n' </proc/1/environ";
        const { output: seen } = await containers.exec("backup", "bash", "-c", places);
        assert.ok(!output.includes(TOKEN) && !seen.includes(TOKEN));
        const mode = await containers.exec(
            "backup",
            "stat",
            "-Lc",
            "%a %U",
            "/etc/pgbackrest/current/files/notify.json",
        );
        assert.equal(mode.stdout.trim(), "640 postgres");
    });

    it("have the report for the digest, made within the service's memory by a program that ends", async () => {
        const kills = async () =>
            (await containers.exec("backup", "sh", "-c", "cat /sys/fs/cgroup/memory.events 2>/dev/null"))
                .stdout;
        const before = await kills();
        const made = await containers.exec("backup", "node", "/usr/local/bin/report.cjs", "test", "shop");
        assert.ok(made.ok, made.output);
        assert.match(made.stdout, /^<!doctype html>[^]*<title>shop \(test\): protected<\/title>/);
        assert.match(made.stdout, /since WAL was archived[^]*Repository \w+[^]*<svg /);
        assert.doesNotMatch(made.stdout, /cannot be asked|<script/);
        assert.ok(made.stdout.trimEnd().endsWith("</html>"));
        assert.equal(await kills(), before);
    });

    it("are silent for as long as they are told to, and can be tried", async () => {
        const test = await containers.exec("backup", "node", "/usr/local/bin/notify.cjs", "test");
        assert.deepEqual(JSON.parse(test.stdout), { chat: { ok: true, text: "200 OK ok" } });
        const before = await got();
        assert.match(before.at(-1) ?? "", /^test A test: nothing has happened/);
        const silence = await docker(
            [
                "exec",
                "--interactive",
                containers.name("backup"),
                "node",
                "/usr/local/bin/notify.cjs",
                "silence",
                "600",
            ],
            { input: "a test" },
        );
        assert.ok(silence.ok, silence.output);
        const kept = await containers.exec("backup", "cat", "/var/lib/pgbackrest-state/silence.json");
        assert.match(kept.stdout, /"why":"a test"/);
        assert.deepEqual(await got(), before);
    });
});
