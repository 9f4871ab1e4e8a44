import { spawn } from "node:child_process";

/** A client that stays connected to the database: the same backend answers for as long as nothing ended it. */
export class Session {
    private readonly child;
    private output = "";

    constructor(container: string) {
        const command = ["exec", "--interactive", container, "psql", "-XAtq", "-d", "app"];
        this.child = spawn("docker", command, { stdio: ["pipe", "pipe", "ignore"] });
        this.child.stdout.setEncoding("utf8").on("data", (text: string) => {
            this.output += text;
        });
    }

    /** The process that serves this session. */
    async backend(): Promise<string> {
        const before = this.output.length;
        this.child.stdin.write("select pg_backend_pid();\n");
        for (let i = 0; i < 200; i++) {
            const answer = /^(\d+)\n/.exec(this.output.slice(before))?.[1];
            if (answer !== undefined) return answer;
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
        throw new Error("the session is dead");
    }

    end(): void {
        this.child.stdin.end();
    }
}
