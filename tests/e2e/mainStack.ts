import { chownSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "mocha";
import { TestStack, type CommandResult } from "../support/stack";
import { CERTIFICATE, PRIVATE_KEY } from "./certificate";
import { Arguments } from "./processes";
import { Running } from "./running";

/** What only the setup container, and the application, may know. */
export const PASSWORD = "pw-Ohth4thei'#=;\\x";

export interface MainStack {
    readonly stack: TestStack;
    readonly running: Running;
    /** Directory of the repository on the host. */
    readonly repository: string;
    readonly first: {
        readonly up: CommandResult;
        /** Every command line that any process on the machine had meanwhile. */
        readonly commandLines: ReadonlySet<string>;
    };
}

let made: Promise<MainStack> | undefined;

/** The stack that most tests share: it is up, protected by a repository in a directory of the host, and given secrets. */
export function mainStack(): Promise<MainStack> {
    made ??= make();
    return made;
}

const directory = mkdtempSync(join(tmpdir(), "pgbt-host-"));
let stack: TestStack | undefined;

async function make(): Promise<MainStack> {
    const repository = join(directory, "repository");
    mkdirSync(repository);
    chownSync(repository, 999, 999);
    stack = await TestStack.create({
        repositories: [{ name: "host", type: "posix", hostPath: repository }],
        tlsCertificate: CERTIFICATE,
        mtu: 1400,
    });
    await stack.configureSecret("password", PASSWORD);
    await stack.configureSecret("tlsKey", PRIVATE_KEY);
    const watch = new Arguments();
    const up = await stack.up();
    const commandLines = watch.stop();
    if (!up.ok) throw new Error(up.output);
    return { stack, running: new Running(stack), repository, first: { up, commandLines } };
}

after("remove the main stack", async function () {
    this.timeout(120_000);
    await stack?.remove();
    rmSync(directory, { recursive: true, force: true });
});
