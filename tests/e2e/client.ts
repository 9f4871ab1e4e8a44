import { spawn, type ChildProcess } from "node:child_process";
import { eventually } from "../support/docker";
import type { Running } from "./running";

/** A client of the application with one connection, on which it asks again and again. */
export class Client {
    private output = "";
    private ended = false;

    private constructor(private readonly process: ChildProcess) {
        const collect = (data: unknown): void => {
            this.output += String(data);
        };
        process.stdout?.on("data", collect);
        process.stderr?.on("data", collect);
        process.on("exit", () => (this.ended = true));
    }

    static async connect(running: Running, url: string): Promise<Client> {
        // From the backup container, over the network: it has psql.
        const psql = [
            "exec",
            "--interactive",
            running.name("backup"),
            "psql",
            url,
            "-XAtq",
            "-v",
            "ON_ERROR_STOP=1",
        ];
        const child = spawn("docker", psql, { stdio: ["pipe", "pipe", "pipe"] });
        child.stdin.write("select pg_backend_pid() \\watch i=0.05\n");
        const client = new Client(child);
        await eventually("the client is connected", async () => Promise.resolve(client.answers() > 0));
        return client;
    }

    /** How many questions were answered. */
    answers(): number {
        return this.output.split("\n").length - 1;
    }

    /** What went wrong until now, if anything: an error, another connection, the end. */
    problem(): string | undefined {
        if (this.ended) return `the client has ended: ${this.output.slice(-500)}`;
        const different = new Set(this.output.split("\n").slice(0, -1));
        return different.size === 1 ? undefined : [...different].join("\n");
    }

    async close(): Promise<void> {
        this.process.stdin?.end();
        this.process.kill();
        await eventually("the client has ended", async () => Promise.resolve(this.ended));
    }
}
