import { execa } from "execa";

export interface Result {
    readonly ok: boolean;
    readonly exitCode: number;
    /** Standard output and error, in the order they came. */
    readonly output: string;
    /** Standard output alone. */
    readonly stdout: string;
}

export interface DockerOptions {
    readonly input?: string | Buffer;
    /** Address of another engine than the usual one. */
    readonly host?: string | undefined;
}

/** Runs the docker command line and reports how it ended. Never throws: tests expect failures too. */
export async function docker(args: readonly string[], options: DockerOptions = {}): Promise<Result> {
    const result = await execa("docker", args, {
        all: true,
        reject: false,
        stripFinalNewline: false,
        maxBuffer: 64 * 1024 * 1024,
        ...(options.host === undefined ? {} : { env: { DOCKER_HOST: options.host } }),
        ...(options.input === undefined ? {} : { input: options.input }),
    });
    return {
        ok: !result.failed,
        exitCode: result.exitCode ?? -1,
        output: result.all,
        stdout: result.stdout,
    };
}

/** The same where nothing else than success makes sense; gives the trimmed standard output. */
export async function mustDocker(args: readonly string[], options: DockerOptions = {}): Promise<string> {
    const result = await docker(args, options);
    if (!result.ok)
        throw new Error(`docker ${args.join(" ")} ended with ${result.exitCode}: ${result.output}`);
    return result.stdout.trim();
}

/** Removes every container, volume and network whose name begins with `prefix` and a dash, or is it. Goes on when one resists. */
export async function removeAll(prefix: string, host?: string): Promise<void> {
    const ours = (names: string) =>
        names.split("\n").filter((name) => name === prefix || name.startsWith(`${prefix}-`));
    const list = async (args: readonly string[]) => ours((await docker(args, { host })).stdout);
    const containers = await list(["ps", "--all", "--format", "{{.Names}}"]);
    if (containers.length > 0) await docker(["rm", "--force", "--volumes", ...containers], { host });
    const volumes = await list(["volume", "ls", "--format", "{{.Name}}"]);
    if (volumes.length > 0) await docker(["volume", "rm", "--force", ...volumes], { host });
    const networks = await list(["network", "ls", "--format", "{{.Name}}"]);
    if (networks.length > 0) await docker(["network", "rm", ...networks], { host });
}

/** Between two looks (ms): mostly each is a command in a container, and that costs what is waited for a tenth of a second of a processor. */
const PAUSE = { least: 250, most: 1500 };

/** Stops all that runs in a container, for a while. The engine gives up where a busy machine does not let it freeze them at once. */
export async function pause(name: string): Promise<void> {
    await eventually(`${name} is paused`, async () => (await docker(["pause", name])).ok);
}

/** Waits until `condition` gives something, and gives it; fails with what was waited for. A machine that has much else to do takes long. */
export async function eventually<T>(
    what: string,
    condition: () => Promise<T | undefined | false>,
    seconds = 240,
): Promise<T> {
    const begun = Date.now();
    for (;;) {
        const value = await condition();
        if (value !== undefined && value !== false) return value;
        const waited = Date.now() - begun;
        if (waited > seconds * 1000) throw new Error(`not within ${seconds} s: ${what}`);
        const pause = Math.min(PAUSE.most, Math.max(PAUSE.least, waited / 10));
        await new Promise((resolve) => setTimeout(resolve, pause));
    }
}
