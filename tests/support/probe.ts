import { randomBytes } from "node:crypto";
import { builtImage } from "./containers";
import { mustDocker } from "./docker";

/** One try: files in a directory of its own (their names may have directories), and a shell command that runs in it. */
export interface Case {
    readonly files: Readonly<Record<string, string>>;
    readonly command: string;
}

/** A long-lived container of the image, to ask its programs many questions quickly: all cases of a call take one `docker exec`. */
export class Probe {
    private constructor(private readonly container: string) {}

    static async start(): Promise<Probe> {
        const container = `pgbt-probe-${randomBytes(4).toString("hex")}`;
        const image = await builtImage();
        await mustDocker([
            "run",
            "--detach",
            "--name",
            container,
            "--network",
            "none",
            image,
            "sleep",
            "infinity",
        ]);
        return new Probe(container);
    }

    async stop(): Promise<void> {
        await mustDocker(["rm", "--force", "--volumes", this.container]);
    }

    /** What each case printed, on both channels. */
    async run(cases: readonly Case[]): Promise<string[]> {
        const output = await this.bash(cases.map(script).join("\n"));
        return output
            .trim()
            .split("\n")
            .map((line) => Buffer.from(line, "base64").toString("utf8"));
    }

    /** Runs a script; gives its trimmed standard output. */
    async bash(script: string): Promise<string> {
        return mustDocker(["exec", "--interactive", this.container, "bash", "-s"], { input: script });
    }
}

/** Contents travel in base64, so that no shell ever sees them. */
function script({ files, command }: Case): string {
    const write = Object.entries(files).map(
        ([name, content]) =>
            `mkdir -p "$(dirname ${name})"; base64 -d >${name} <<'END'\n${Buffer.from(content).toString("base64")}\nEND`,
    );
    return [`cd "$(mktemp -d)"`, ...write, `( ${command} ) 2>&1 </dev/null | base64 -w 0; echo`].join("\n");
}
