// A preview of a stack that nobody here has: its settings are in the clone, its state and its production host are not.
import { randomBytes } from "node:crypto";
import {
    cpSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    symlinkSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { devStack, stateDirectory, stateFile, stateUrl } from "./backend";
import { foreground } from "./foreground";
import { root } from "./paths";
import { run } from "./run";
import { commandOf } from "./stack";

/** What Pulumi and Node.js take for the project only as files of the copy itself. */
const COPIED = [
    "Pulumi.yaml",
    "package.json",
    "package-lock.json",
    "program.mjs",
    "index.ts",
    "tsconfig.json",
];
const LEFT_OUT = [".git", basename(stateDirectory)];

/** What the AWS provider of a stack that is only looked at need not know. */
const UNASKED = ["skipCredentialsValidation", "skipRequestingAccountId", "skipMetadataApiCheck"];
/** What it could not do without asking. */
const UNANSWERED = ["profile", "assumeRole", "allowedAccountIds"];

/**
 * Is this a preview of a stack whose settings are here and whose state nobody has made? Where the user has chosen a backend of
 * their own, or the settings hold secrets, the real one is meant.
 */
export function isElsewhere(
    stack: string,
    args: readonly string[],
    environment: Record<string, string>,
): boolean {
    if (!["preview", "pre"].includes(commandOf(args) ?? "") || args.includes("--help")) return false;
    if (stack === devStack || existsSync(stateFile(stack))) return false;
    if (environment["PULUMI_BACKEND_URL"] !== stateUrl) return false;
    const settings = join(root, `Pulumi.${stack}.yaml`);
    return (
        existsSync(settings) && !/^(?:encryptionsalt|secretsprovider):/m.test(readFileSync(settings, "utf8"))
    );
}

/** Previews it as a new one, in a copy that is gone afterwards: the clone stays as it is. */
export async function previewElsewhere(
    stack: string,
    args: readonly string[],
    given: Record<string, string>,
    say: (text: string) => void,
): Promise<number> {
    const directory = mkdtempSync(join(tmpdir(), "pgbackrest-preview-"));
    const passphrase = given["PULUMI_CONFIG_PASSPHRASE"] ?? randomBytes(16).toString("hex");
    const environment: Record<string, string> = {
        ...given,
        PULUMI_BACKEND_URL: `file://${join(directory, ".state")}`,
        PULUMI_CONFIG_PASSPHRASE: passphrase,
        // The engine of this machine is not that of the stack: neither its CPUs nor its names count.
        PREVIEW_ELSEWHERE: "true",
    };
    try {
        mkdirSync(join(directory, ".state"));
        for (const file of [...COPIED, `Pulumi.${stack}.yaml`])
            cpSync(join(root, file), join(directory, file));
        // The rest may be named in the settings: init SQL, CA files.
        for (const name of readdirSync(root))
            if (![...COPIED, ...LEFT_OUT].includes(name) && !/^Pulumi\..*\.yaml$/.test(name))
                symlinkSync(join(root, name), join(directory, name));
        say(`The stack ${stack} has no state here: this is the preview of a new one.`);
        const options = { cwd: directory, environment };
        await run("pulumi", ["stack", "init", stack, "--non-interactive"], options);
        const settings = readFileSync(join(directory, `Pulumi.${stack}.yaml`), "utf8");
        if (/type: *"?s3\b/.test(settings) && !hasAwsCredentials(given)) {
            say(
                "There are no AWS credentials here: AWS is not asked. To deploy, give a profile or AWS_... variables.",
            );
            for (const name of UNASKED)
                await run("pulumi", ["config", "set", "--path", `aws.${name}`, "true"], options);
            for (const name of UNANSWERED)
                await run("pulumi", ["config", "rm", "--path", `aws.${name}`], options);
            Object.assign(environment, { AWS_ACCESS_KEY_ID: "preview", AWS_SECRET_ACCESS_KEY: "preview" });
        }
        return (await foreground("pulumi", args, environment, { cwd: directory })).status;
    } finally {
        rmSync(directory, { recursive: true, force: true });
    }
}

function hasAwsCredentials(environment: Record<string, string>): boolean {
    const variables = [
        "AWS_ACCESS_KEY_ID",
        "AWS_PROFILE",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    ];
    const file = (name: string): string => join(environment["HOME"] ?? homedir(), ".aws", name);
    return (
        variables.some((name) => (environment[name] ?? "") !== "") ||
        existsSync(file("credentials")) ||
        // It may hold no more than a region.
        (existsSync(file("config")) &&
            /^\s*(?:role_arn|sso_\w+|credential_process|aws_access_key_id)\s*=/m.test(
                readFileSync(file("config"), "utf8"),
            ))
    );
}
