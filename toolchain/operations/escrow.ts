import { readFileSync, writeFileSync } from "node:fs";
import * as v from "valibot";
import { isRecord } from "../../components/fields";
import { PLACES } from "../../components/docker/places";
import { messageOf, ToolchainError } from "../errors";
import { attempt } from "../run";
import { type Copy, escrowFile, type Kept, openScript, readCopy } from "./escrowFile";
import { type FoundStack, findStack, parsed } from "./findStack";
import { type Answer, cannotTell, type Given, NEVER, type Operation, optionOf } from "./operation";
import { upCommand } from "./verdict";
import { entries } from "./verify";

export const escrow: Operation = {
    name: "escrow",
    summary: "What is needed to restore without the state and the host, to be kept elsewhere.",
    options: [["--file <file>", "write it to a new file that only you can read, not to the terminal"]],
    examples: ["escrow", "escrow --file /media/usb/database.conf --stack prod"],
    statuses: ["it was printed, or written", NEVER, "it cannot be told, or must not be printed there"],
    run: printEscrow,
};

export const escrowCheck: Operation = {
    name: "escrow check",
    summary: "Does a kept copy still open the repositories?",
    args: [["<file>", "the copy"]],
    examples: ["escrow check /media/usb/database.conf"],
    statuses: ["it opens all of them", "it does not, and why", "it cannot be told"],
    run: checkEscrow,
};

async function printEscrow(given: Given): Promise<Answer> {
    const file = optionOf(given, "file");
    if (file === undefined && (!process.stdout.isTTY || given.options["json"] === true))
        throw new ToolchainError(
            "It holds passphrases and keys, and this is no terminal: nothing was printed, because it could end in a log.",
            "Have it written to a file that only you can read: npm run ops -- escrow --file FILE",
        );
    const kept = await keptOf(given);
    if (typeof kept === "string") return cannotTell("what is to be kept", kept);
    const text = escrowFile(kept, new Date());
    if (file === undefined) return { status: 0, lines: text.split("\n"), data: {} };
    try {
        writeFileSync(file, text, { mode: 0o600, flag: "wx" });
    } catch (error) {
        throw new ToolchainError(
            `${file} cannot be written (${messageOf(error)}).`,
            "Name a file that is not there yet: an older copy may have what this one has not.",
        );
    }
    const lines = [
        `${file} is written, readable to you alone: keep it where neither the host nor the state can take it along.`,
        "Whether it opens the repositories, now and later, this tells:",
        `  npm run ops -- escrow check ${file}`,
    ];
    return { status: 0, lines, data: { file } };
}

const SIGNATURE = "4dabf18193072939515e22adb298388d";

/** Values of a state without Pulumi's marks of secrets. */
function plain(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(plain);
    if (!isRecord(value)) return value;
    if (SIGNATURE in value) return plain(parsed(String(value["plaintext"])));
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

const Texts = v.record(v.string(), v.string());
const Outputs = v.object({
    revision: v.string(),
    stanza: v.string(),
    containers: v.object({ setup: v.string() }),
    passphrases: v.optional(Texts, {}),
});
const Setup = v.object({
    name: v.string(),
    envs: v.array(v.string()),
    uploads: v.array(v.object({ file: v.string(), content: v.string() })),
});
const Repositories = v.array(v.object({ number: v.number(), name: v.string(), place: v.string() }));

/** What setup is told beside files, and what it does with them. */
const NOT_THEIRS = /^(STANZA|REVISION|ATTEMPT|WAIT_TIMEOUT|REPOSITORY_\w+|FILE_\d+_\w+)$/;

/** From the state, which has all of it also when the host is lost; or why not. */
async function keptOf(given: Given): Promise<Kept | string> {
    const { directory, stack, environment } = given;
    const exported = await attempt("pulumi", ["stack", "export", "--show-secrets"], {
        cwd: directory,
        environment,
        timeoutSeconds: 60,
    });
    if (!exported.ok) return exported.all.trim();
    const state = parsed(exported.stdout);
    const deployment = isRecord(state) ? state["deployment"] : undefined;
    const listed = isRecord(deployment) ? deployment["resources"] : undefined;
    const resources = (Array.isArray(listed) ? listed : []).filter(isRecord);
    const root = resources.find(({ type }) => type === "pulumi:pulumi:Stack");
    const outputs = v.safeParse(Outputs, plain(root?.["outputs"]));
    if (!outputs.success) return `the stack was never brought up: ${upCommand(stack)}`;
    const { revision, stanza, containers, passphrases } = outputs.output;
    const setup = resources
        .filter(({ type, delete: goes }) => type === "docker:index/container:Container" && goes !== true)
        .map(({ inputs }) => v.safeParse(Setup, plain(inputs)))
        .flatMap(({ success, output }) => (success ? [output] : []))
        .find(({ name }) => name === containers.setup);
    if (setup === undefined)
        return `the state does not have the container ${containers.setup}: ${upCommand(stack)}`;
    const variables = entries(setup.envs);
    if (variables["REVISION"] !== revision)
        given.user.say(
            `The last \`up\` did not come to its end (it wanted revision ${variables["REVISION"] ?? "?"}, and ${revision} is in force): this is what it wanted.`,
        );
    const files = new Map([
        ...setup.uploads.map(({ file, content }) => [file.replace(/^.*\//, ""), content] as const),
        ...Object.entries(variables).flatMap(([name, value]) => {
            const number = /^FILE_(\d+)_NAME$/.exec(name)?.[1];
            return number === undefined ? [] : [[value, variables[`FILE_${number}_CONTENT`] ?? ""] as const];
        }),
    ]);
    const repositories = v.safeParse(Repositories, parsed(files.get("repositories.json") ?? ""));
    if (!repositories.success || repositories.output.length === 0) return "the stack has no repository";
    return {
        ...{ stack, revision, stanza, files, passphrases, repositories: repositories.output },
        pgbackrestConf: files.get("pgbackrest.conf") ?? "",
        repoConf: files.get("conf.d/repo.conf") ?? "",
        environment: Object.fromEntries(Object.entries(variables).filter(([name]) => !NOT_THEIRS.test(name))),
        versions: await versionsOf(given),
    };
}

/** What runs; where it cannot be asked any more, what the image has. */
async function versionsOf({ directory, stack, environment }: Given): Promise<string> {
    const found = await findStack(directory, stack, environment);
    const asked =
        typeof found === "string"
            ? undefined
            : await attempt(
                  "docker",
                  [
                      "exec",
                      found.outputs.containers.postgres,
                      "sh",
                      "-c",
                      "postgres --version; pgbackrest version",
                  ],
                  { environment: found.engine },
              );
    const [, postgres = "17"] = /^postgres \(PostgreSQL\) (\S+)/m.exec(asked?.stdout ?? "") ?? [];
    const [, pgbackrest = "2.60 or newer"] = /^pgBackRest (\S+)/m.exec(asked?.stdout ?? "") ?? [];
    return `PostgreSQL ${postgres}, pgBackRest ${pgbackrest}`;
}

async function checkEscrow({ directory, stack, environment, args: [file = ""] }: Given): Promise<Answer> {
    const what = `whether ${file} opens the repositories`;
    let text: string;
    try {
        text = readFileSync(file, "utf8");
    } catch (error) {
        return cannotTell(what, messageOf(error));
    }
    const copy = readCopy(text);
    if (copy === undefined) return cannotTell(what, "it is none that `npm run ops -- escrow` has made");
    const found = await findStack(directory, stack, environment);
    if (typeof found === "string") return cannotTell(what, found);
    const asked = await open(found, copy, text);
    return judge(file, copy, asked.stdout) ?? cannotTell(what, ...asked.all.trim().split("\n").slice(-3));
}

const Container = v.tuple([
    v.object({
        Image: v.string(),
        Mounts: v.array(
            v.object({
                Type: v.string(),
                Name: v.optional(v.string()),
                Source: v.string(),
                Destination: v.string(),
            }),
        ),
        NetworkSettings: v.object({ Networks: v.record(v.string(), v.unknown()) }),
    }),
]);

/** What the copy finds, in a container that has nothing but the copy and the way to the repositories. */
async function open({ outputs, engine }: FoundStack, copy: Copy, text: string) {
    const inspected = await attempt("docker", ["container", "inspect", outputs.containers.backup], {
        environment: engine,
    });
    const seen = v.safeParse(Container, parsed(inspected.stdout));
    if (!seen.success) return inspected;
    const [{ Image: image, Mounts: mounts, NetworkSettings: network }] = seen.output;
    const needed = mounts
        .filter(({ Destination: at }) => copy.paths.includes(at) || at === PLACES.token)
        .map(({ Type: type, Name: name, Source: source, Destination: target }) =>
            [
                `type=${type}`,
                `source=${type === "volume" ? (name ?? source) : source}`,
                `target=${target}`,
                "readonly",
            ].join(),
        );
    return attempt(
        "docker",
        [
            ...["run", "--rm", "--interactive", "--read-only", "--cap-drop", "ALL"],
            ...[
                "--security-opt",
                "no-new-privileges",
                "--tmpfs",
                "/tmp:mode=1777",
                "--tmpfs",
                "/etc/pgbackrest:uid=999,mode=0700",
            ],
            ...["--network", Object.keys(network.Networks)[0] ?? "bridge"],
            ...needed.flatMap((mount) => ["--mount", mount]),
            ...copy.environment.flatMap((variable) => ["--env", variable]),
            ...[image, "sh", "-euc", openScript(copy)],
        ],
        { environment: engine, input: text, timeoutSeconds: 300 },
    );
}

const Info = v.tuple([
    v.object({
        repo: v.array(
            v.object({ key: v.number(), status: v.object({ code: v.number(), message: v.string() }) }),
        ),
        backup: v.array(
            v.object({
                timestamp: v.object({ stop: v.number() }),
                database: v.object({ "repo-key": v.number() }),
            }),
        ),
    }),
]);

/** What `info` says with it; nothing when that is no answer. */
export function judge(file: string, { stanza }: Copy, output: string): Answer | undefined {
    const info = v.safeParse(Info, parsed(output));
    if (!info.success) return undefined;
    const [{ repo: repositories, backup: backups }] = info.output;
    const lines = repositories.map(({ key, status }) => {
        const ends = backups
            .filter(({ database }) => database["repo-key"] === key)
            .map((one) => one.timestamp.stop);
        const newest = new Date(Math.max(...ends) * 1000);
        return ends.length === 0
            ? `repository ${key}: NOT OPENED: ${status.message}`
            : `repository ${key}: ${ends.length} ${ends.length === 1 ? "backup" : "backups"} of the stanza ${stanza}, the newest of ${newest.toISOString().slice(0, 19).replace("T", " ")} UTC`;
    });
    const opens = repositories.length > 0 && lines.every((line) => !line.includes("NOT OPENED"));
    const remedy =
        "Make a new copy (npm run ops -- escrow --file FILE), and keep this one for what is older.";
    return opens
        ? { status: 0, lines: [`${file} opens the repositories.`, ...lines], data: { opens, lines } }
        : {
              status: 1,
              lines: [`${file} DOES NOT OPEN the repositories.`, ...lines, remedy],
              data: { opens, lines },
          };
}
