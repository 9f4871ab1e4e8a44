import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { execa } from "execa";
import * as v from "valibot";
import { parse } from "yaml";

const ROOT = resolve(import.meta.dirname, "../..");

const step = v.looseObject({
    name: v.optional(v.string()),
    uses: v.optional(v.string()),
    run: v.optional(v.string()),
    if: v.optional(v.string()),
    env: v.optional(v.record(v.string(), v.string())),
    with: v.optional(v.record(v.string(), v.unknown())),
});
const workflow = v.looseObject({
    on: v.record(v.string(), v.unknown()),
    permissions: v.record(v.string(), v.string()),
    jobs: v.record(
        v.string(),
        v.looseObject({
            if: v.string(),
            permissions: v.optional(v.record(v.string(), v.string())),
            environment: v.optional(v.string()),
            env: v.record(v.string(), v.string()),
            steps: v.array(step),
        }),
    ),
});

export type Step = v.InferOutput<typeof step>;

export function readWorkflow(): v.InferOutput<typeof workflow> {
    return v.parse(
        workflow,
        parse(readFileSync(join(ROOT, ".github/workflows/pulumi.yml"), "utf8"), { merge: true }),
    );
}

/** What GitHub keeps of a pull request: its comments. */
export class PullRequest {
    private readonly programs: string;
    private readonly file: string;

    /** @param directory the checkout that the steps run in */
    constructor(readonly directory: string) {
        this.programs = join(directory, "fake-programs");
        this.file = join(directory, "comments.json");
        mkdirSync(this.programs);
        cpSync(join(ROOT, ".github"), join(directory, ".github"), { recursive: true });
        this.program("gh", FAKE_GH);
    }

    /** Puts a program before all others of this name. */
    program(name: string, text: string): void {
        writeFileSync(join(this.programs, name), text);
        chmodSync(join(this.programs, name), 0o755);
    }

    comments(): readonly string[] {
        if (!existsSync(this.file)) return [];
        const comments = v.parse(
            v.array(v.object({ body: v.string() })),
            JSON.parse(readFileSync(this.file, "utf8")),
        );
        return comments.map(({ body }) => body);
    }

    /** Runs the steps of a job as GitHub does: after one that fails only those that always run. */
    async run(
        job: string,
        environment: Readonly<Record<string, string | undefined>>,
    ): Promise<{ ok: boolean; output: string }> {
        let ok = true;
        let output = "";
        for (const { run, if: condition } of readWorkflow().jobs[job]?.steps ?? []) {
            if (run === undefined || (!ok && condition?.startsWith("always()") !== true)) continue;
            const result = await execa("bash", ["-e", "-c", run], {
                cwd: this.directory,
                env: {
                    GITHUB_REPOSITORY: "owner/repository",
                    GITHUB_STEP_SUMMARY: join(this.directory, "summary.md"),
                    PULL_REQUEST: "7",
                    COMMENTS: this.file,
                    HOME: this.directory,
                    // What is not set in a repository's settings arrives as an empty text.
                    PULUMI_ACCESS_TOKEN: "",
                    AWS_ACCESS_KEY_ID: "",
                    AWS_SECRET_ACCESS_KEY: "",
                    DOCKER_SSH_KEY: "",
                    DOCKER_KNOWN_HOSTS: "",
                    ...environment,
                    PATH: `${this.programs}:${environment["PATH"] ?? process.env["PATH"] ?? ""}`,
                },
                reject: false,
                all: true,
                stdin: "ignore",
            });
            output += `${result.all}\n`;
            ok &&= !result.failed;
        }
        return { ok, output };
    }
}

/** The three calls of the script, on a file. A comment of a person comes first: it must stay as it is. */
const FAKE_GH = `#!/usr/bin/env node
import("node:fs").then(({ existsSync, readFileSync, writeFileSync }) => {
const [command, ...args] = process.argv.slice(2);
const file = process.env.COMMENTS;
const comments = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : [{ id: 1, user: { type: "User" }, body: "<!-- pulumi preview of prod --> not ours" }];
const body = () => readFileSync(args.find((arg) => arg.startsWith("body=@")).slice(6), "utf8");
const at = (path) => args.includes(path) || process.exit(2);
if (command !== "api") process.exit(2);
if (args.includes("--paginate")) {
    at("repos/owner/repository/issues/7/comments");
    const marker = /startswith\\("(.*)"\\)\\)/.exec(args[args.indexOf("--jq") + 1])[1];
    for (const { id, user, body } of comments) if (user.type === "Bot" && body.startsWith(marker)) console.log(id);
} else if (args.includes("POST")) {
    at("repos/owner/repository/issues/7/comments");
    comments.push({ id: comments.length + 1, user: { type: "Bot" }, body: body() });
} else if (args.includes("PATCH")) {
    const id = Number(/\\d+$/.exec(args.find((arg) => arg.includes("/issues/comments/")))[0]);
    comments.find((comment) => comment.id === id).body = body();
} else process.exit(2);
writeFileSync(file, JSON.stringify(comments));
});
`;
