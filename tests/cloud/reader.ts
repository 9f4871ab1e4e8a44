import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { root } from "../../toolchain/paths";
import { docker, mustDocker } from "../support/docker";
import type { CloudStack } from "./cloudStack";

/** Blocks of a language in a page. */
export function blocksOf(page: string, language: string): string[] {
    const text = readFileSync(join(root, page), "utf8");
    return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(
        ([, block = ""]) => block,
    );
}

/** What the script prints into reader.conf, as docs/readers.md has it typed where the stack is. */
export async function readerConfiguration({ stack }: CloudStack, script: string): Promise<string> {
    const typed = script.replace(
        "npm run --silent pulumi --",
        `"${process.execPath}" toolchain/launch.mjs pulumi`,
    );
    const { stdout } = await execa(
        "bash",
        ["-euo", "pipefail", "-c", `umask 077; ${typed} cat reader.conf`],
        {
            cwd: stack.directory,
            env: stack.environment,
        },
    );
    return stdout;
}

/** Another machine, which has PostgreSQL, pgBackRest and the configuration of a reader. */
export class Elsewhere {
    private constructor(private readonly name: string) {}

    /** @param network that the server is in; that of the stack unless its host is lost */
    static async make(
        { stack, image }: CloudStack,
        configuration: string,
        ca: string,
        network = stack.name,
    ): Promise<Elsewhere> {
        const elsewhere = new Elsewhere(`${stack.name}-elsewhere`);
        await mustDocker([
            ...["run", "--detach", "--network", network, "--name", elsewhere.name],
            ...["--env", "PATH=/usr/lib/postgresql/17/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
            ...[image, "sleep", "infinity"],
        ]);
        await elsewhere.file("/tmp/ca.crt", ca);
        await elsewhere.file("/tmp/reader.conf", `${configuration}\nrepo1-storage-ca-file=/tmp/ca.crt\n`);
        return elsewhere;
    }

    private async file(path: string, content: string): Promise<void> {
        const write = ["bash", "-c", `umask 077; cat >${path}`];
        await mustDocker(["exec", "--interactive", this.name, ...write], { input: content });
    }

    /** Types a command as it is in a page; `--config` with its whole path. */
    type(command: string) {
        const typed = command.replace("=reader.conf", "=/tmp/reader.conf");
        return docker(["exec", this.name, "bash", "-euc", typed]);
    }

    async mustType(command: string): Promise<string> {
        const { ok, output } = await this.type(command);
        if (!ok) throw new Error(`${command}: ${output}`);
        return output;
    }

    async remove(): Promise<void> {
        await docker(["rm", "--force", "--volumes", this.name]);
    }
}
