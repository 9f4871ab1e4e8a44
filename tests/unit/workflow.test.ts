import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { PullRequest, readWorkflow } from "../support/workflow";

const SET = { PULUMI_STACK: "prod", PULUMI_BACKEND_URL: "s3://state", PULUMI_CONFIG_PASSPHRASE: "secret" };

/** Stands for `npm run pulumi`: says what it was called with, and fails on demand. */
const npm = (says: string, status = 0): string =>
    `#!/bin/sh\necho "$*" >>calls\necho "token \${PULUMI_ACCESS_TOKEN-none}" >>calls\ncat <<'END'\n${says}\nEND\nexit ${status}\n`;

const PREVIEW = `Previewing update (prod):
warning: What this change means:
  DANGER   the database is unprotected.
  note     nothing else.
Recovery window of repository host (█ always, ░ at times):
  now   ██████░░ 49 to 56 days
  then  ███░     21 to 28 days
      docker:index/volume:Volume: (same)
Resources:
    1 unchanged`;

describe("the workflow", () => {
    const { on, permissions, jobs } = readWorkflow();

    it("runs for pull requests without giving forks a secret", () => {
        assert.ok(!("pull_request_target" in on) && "pull_request" in on && "schedule" in on);
        assert.match(jobs["preview"]?.if ?? "", /head\.repo\.full_name == github\.repository/);
        for (const name of ["up", "drift"]) assert.doesNotMatch(jobs[name]?.if ?? "", /== 'pull_request'/);
    });

    it("may do no more than it needs", () => {
        assert.deepEqual(permissions, { contents: "read" });
        assert.deepEqual(jobs["preview"]?.permissions, { contents: "read", "pull-requests": "write" });
        assert.equal(jobs["up"]?.permissions, undefined);
        assert.equal(jobs["up"]?.environment, "production");
    });

    it("uses actions by commit, and no expression inside a script", () => {
        for (const step of Object.values(jobs).flatMap((job) => job.steps)) {
            if (step.uses !== undefined) assert.match(step.uses, /^actions\/[a-z-]+@[0-9a-f]{40}$/);
            assert.doesNotMatch(step.run ?? "", /\$\{\{/);
        }
    });

    it("lets up wait for as long as the stack does", () => {
        const text = readFileSync(".github/workflows/pulumi.yml", "utf8");
        const job = /^ {4}up:$[^]*?timeout-minutes: (\d+)/m.exec(text)?.[1];
        const wait = /pgbackrest:waitTimeout: (\d+)/.exec(readFileSync("Pulumi.prod.yaml", "utf8"))?.[1];
        assert.ok(Number(job) > Number(wait), `${job ?? "?"} and ${wait ?? "?"} minutes`);
    });

    it("hands secrets over in variables only", () => {
        const text = readFileSync(".github/workflows/pulumi.yml", "utf8");
        const uses = text.split("\n").filter((line) => line.includes("secrets."));
        assert.ok(uses.length > 0);
        for (const line of uses) assert.match(line, /^ {12}([A-Z_]+): \$\{\{ secrets\.\1 \}\}$/);
    });
});

describe("the steps of the workflow", function () {
    this.timeout(20_000);
    let request: PullRequest;
    beforeEach(() => {
        request = new PullRequest(mkdtempSync(join(tmpdir(), "pgbt-workflow-")));
    });
    afterEach(() => {
        rmSync(request.directory, { recursive: true, force: true });
    });
    const calls = (): string => readFileSync(join(request.directory, "calls"), "utf8");

    it("put the preview into one comment that the next preview changes", async () => {
        request.program("npm", npm(PREVIEW));
        const first = await request.run("preview", SET);
        assert.ok(first.ok, first.output);
        assert.equal(
            calls(),
            "run --silent pulumi -- preview --diff --stack prod --non-interactive --color never\ntoken none\n",
        );
        const [, comment = ""] = request.comments();
        assert.match(
            comment,
            /^<!-- pulumi preview of prod -->\n### What this pull request means for stack `prod`\n\n- \*\*DANGER\*\* the database is unprotected\.\n- \*\*note\*\* nothing else\.\n\n~~~~~~~~text\nRecovery window of repository host \(.*\):\n {2}now {3}█+░+ 49 to 56 days\n {2}then {2}█+░ +21 to 28 days\n~~~~~~~~\n\n<details>/,
        );
        assert.ok(comment.includes(PREVIEW));

        request.program("npm", npm("Resources:\n    18 unchanged"));
        assert.ok((await request.run("preview", SET)).ok);
        const [person, changed = "", ...more] = request.comments();
        assert.match(person ?? "", /not ours$/);
        assert.match(changed, /\n\nNothing of consequence for the database or its backups\.\n/);
        assert.deepEqual(more, []);
    });

    it("comment what becomes of a set-up that moves in, what cannot be told, and a new stack", async () => {
        const says = [
            "Diagnostics:",
            "    warning: Moving in:",
            "      DANGER: this stack has a database already.",
            "      Data volume old_pgdata: used where it is.",
            "",
            "    warning: What this change means cannot be told: another version of this program deployed what runs.",
        ];
        request.program("npm", npm(says.join("\n")));
        assert.ok((await request.run("preview", SET)).ok);
        assert.ok(
            request
                .comments()[1]
                ?.includes(
                    "\n- **DANGER** this stack has a database already.\n- **note** Data volume old_pgdata: used where it is.\n- **warning** What this change means cannot be told: another",
                ),
            request.comments()[1],
        );
        request.program("npm", npm(" +  pulumi:pulumi:Stack pgbackrest-prod create"));
        assert.ok((await request.run("preview", SET)).ok);
        assert.match(request.comments()[1] ?? "", /\n\nA new stack: all of it is made/);
    });

    it("comment a refusal, and fail", async () => {
        request.program(
            "npm",
            npm(
                "Diagnostics:\n  pulumi:pulumi:Stack (prod):\n    error: pgbackrest:protect: is switched off\n    pgbackrest:repositories[0].x: is wrong",
                1,
            ),
        );
        const { ok } = await request.run("preview", SET);
        assert.equal(ok, false);
        assert.match(
            request.comments()[1] ?? "",
            /\n- \*\*refused or failed\*\* pgbackrest:protect: is switched off\n- \*\*refused or failed\*\* pgbackrest:repositories\[0\]\.x: is wrong\n/,
        );
        assert.match(
            readFileSync(join(request.directory, "summary.md"), "utf8"),
            /^### pulumi preview of prod: failed/,
        );
    });

    it("keep a comment below what GitHub takes", async () => {
        request.program("npm", npm("x".repeat(90_000)));
        assert.ok((await request.run("preview", SET)).ok);
        const [, comment = ""] = request.comments();
        assert.ok(comment.length < 65_536);
        assert.match(comment, /and more: see the log of the job/);
    });

    it("bring the stack up, and look for drift", async () => {
        request.program("npm", npm("done"));
        assert.ok((await request.run("up", SET)).ok);
        assert.ok((await request.run("drift", SET)).ok);
        assert.match(
            calls(),
            /-- up --yes --stack prod .*\n.*\n.*-- preview --refresh --expect-no-changes --diff --stack prod .*\n.*\nrun --silent ops -- config verify --stack prod\n.*\nrun --silent ops -- packages verify --stack prod\n/,
        );
        assert.deepEqual(request.comments(), []);
    });

    for (const [name, environment, expected] of [
        [
            "the backend",
            { ...SET, PULUMI_BACKEND_URL: "" },
            /::error::The variable PULUMI_BACKEND_URL is not set/,
        ],
        [
            "the passphrase",
            { ...SET, PULUMI_CONFIG_PASSPHRASE: "" },
            /::error::The secret PULUMI_CONFIG_PASSPHRASE is not set/,
        ],
        [
            "the token",
            { ...SET, PULUMI_BACKEND_URL: "https://api.pulumi.com" },
            /::error::The secret PULUMI_ACCESS_TOKEN is not set/,
        ],
    ] as const)
        it(`say that ${name} is not set`, async () => {
            request.program("npm", npm("not reached"));
            const { ok, output } = await request.run("up", environment);
            assert.equal(ok, false);
            assert.match(output, expected);
            assert.doesNotMatch(output, /not reached/);
        });

    it("make a Docker host known that is reached over ssh, and keep the key from Pulumi", async () => {
        request.program("npm", '#!/bin/sh\necho "${DOCKER_SSH_KEY-no key}"\n');
        const ssh = { ...SET, DOCKER_SSH_KEY: "-----KEY-----" };
        assert.match(
            (await request.run("up", ssh)).output,
            /::error::The variable DOCKER_KNOWN_HOSTS is not set/,
        );
        const { ok, output } = await request.run("up", {
            ...ssh,
            DOCKER_KNOWN_HOSTS: "host ssh-ed25519 AAAA",
        });
        assert.ok(ok && output.includes("no key"), output);
        const file = (name: string): string => readFileSync(join(request.directory, ".ssh", name), "utf8");
        assert.equal(file("id_pulumi"), "-----KEY-----\n");
        assert.equal(statSync(join(request.directory, ".ssh/id_pulumi")).mode & 0o077, 0);
        assert.equal(file("known_hosts"), "host ssh-ed25519 AAAA\n");
        assert.match(file("config"), /StrictHostKeyChecking yes/);
    });
});
