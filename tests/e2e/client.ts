import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { eventually } from "../support/docker";
import type { Role, Running } from "./running";

/** A client with one connection, on which it asks again and again. */
export class Client {
    private output = "";
    private ended = false;
    private answered = performance.now();
    private gap = 0;

    private constructor(
        private readonly process: ChildProcess,
        private readonly running: Running,
        /** By which the server knows it. */
        private readonly application: string,
    ) {
        const collect = (data: unknown): void => {
            this.output += String(data);
            this.gap = this.longestGap();
            this.answered = performance.now();
        };
        process.stdout?.on("data", collect);
        process.stderr?.on("data", collect);
        process.on("exit", () => (this.ended = true));
    }

    /** A client of the application, over the network. */
    static async connect(running: Running, url: string): Promise<Client> {
        // From the backup container: it has psql.
        return Client.ask(running, "backup", url, "select pg_backend_pid()", 0.2);
    }

    /** Asks this, every so many seconds. */
    static async ask(
        running: Running,
        role: Role,
        database: string,
        query: string,
        seconds: number,
    ): Promise<Client> {
        const psql = ["psql", database, "-XAtq", "-v", "ON_ERROR_STOP=1"];
        const application = `client-${randomBytes(4).toString("hex")}`;
        const inside = ["exec", "--interactive", "--env", `PGAPPNAME=${application}`, running.name(role)];
        const child = spawn("docker", [...inside, ...psql], { stdio: ["pipe", "pipe", "pipe"] });
        child.stdin.write(`${query} \\watch i=${seconds}\n`);
        const client = new Client(child, running, application);
        await eventually("the client is connected", async () => Promise.resolve(client.answers() > 0));
        return client;
    }

    /** What was answered, without the line that is under way. */
    lines(): readonly string[] {
        return this.output.split("\n").slice(0, -1);
    }

    /** How many questions were answered. */
    answers(): number {
        return this.lines().length;
    }

    /** How long it has waited for an answer at most, in milliseconds. */
    longestGap(): number {
        return Math.max(this.gap, performance.now() - this.answered);
    }

    /** Forgets how long it has waited until now. */
    forgetGap(): void {
        this.gap = 0;
    }

    /** Whether the connection is gone. */
    dropped(): boolean {
        return this.ended;
    }

    /** What went wrong until now, if anything: an error, another connection, the end. */
    problem(): string | undefined {
        if (this.ended) return `the client has ended: ${this.output.slice(-500)}`;
        const different = new Set(this.lines());
        return different.size === 1 ? undefined : [...different].join("\n");
    }

    /** Ends it. What runs in the container would go on without the docker command, so the server ends it. */
    async close(): Promise<void> {
        const sessions = `select pg_terminate_backend(pid) from pg_stat_activity where application_name = '${this.application}'`;
        await this.running.exec("postgres", "psql", "-XAtqc", sessions);
        this.process.stdin?.end();
        this.process.kill();
        await eventually("the client has ended", async () => Promise.resolve(this.ended));
    }
}
