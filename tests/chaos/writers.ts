import { type ChildProcess, spawn } from "node:child_process";
import { eventually } from "../support/docker";
import type { Running } from "../e2e/running";

/** Clients that commit one row after the other, connect again when they must, and remember what was acknowledged. */
export class Writers {
    private readonly writers: readonly Writer[];

    private constructor(
        private readonly running: Running,
        clients: number,
    ) {
        this.writers = Array.from({ length: clients }, (_, client) => new Writer(running, client));
    }

    static async start(running: Running, clients: number): Promise<Writers> {
        await running.sql("create table commits (client int, n int, primary key (client, n))");
        const writers = new Writers(running, clients);
        await writers.goOn();
        return writers;
    }

    get acknowledged(): number {
        return this.writers.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
    }

    /** Each has something acknowledged from now on. */
    async goOn(): Promise<void> {
        for (const { acknowledged } of this.writers) {
            const before = acknowledged.length;
            await eventually("the writers go on", () => Promise.resolve(acknowledged.length > before));
        }
    }

    /** Rows that were acknowledged and are not there. */
    async lost(): Promise<readonly string[]> {
        const asked = this.writers.map(({ acknowledged }) => [...acknowledged]);
        const rows = new Set((await this.running.sql("select client, n from commits")).split("\n"));
        return asked.flatMap((numbers, client) =>
            numbers.map((n) => `${client}|${n}`).filter((row) => !rows.has(row)),
        );
    }

    end(): void {
        for (const writer of this.writers) writer.end();
    }
}

class Writer {
    readonly acknowledged: number[] = [];
    private asked = -1;
    private child: ChildProcess | undefined;
    private ended = false;

    constructor(
        private readonly running: Running,
        private readonly client: number,
    ) {
        this.connect();
    }

    private connect(): void {
        const psql = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", "postgres"];
        const child = spawn("docker", ["exec", "--interactive", this.running.name("postgres"), ...psql], {
            stdio: ["pipe", "pipe", "ignore"],
        });
        this.child = child;
        child.stdin.on("error", () => undefined);
        let answers = "";
        child.stdout.setEncoding("utf8").on("data", (text: string) => {
            answers += text;
            // psql shows it after the commit. What else comes is the engine's complaint that there is no container to run it in.
            if (answers !== `${this.asked}\n`) return;
            this.acknowledged.push(this.asked);
            answers = "";
            this.write(child);
        });
        child.on("close", () => {
            if (!this.ended)
                setTimeout(() => {
                    this.connect();
                }, 200);
        });
        this.write(child);
    }

    /** A number is tried once: whether one without an answer is there is not known. */
    private write(child: ChildProcess): void {
        child.stdin?.write(`insert into commits values (${this.client}, ${++this.asked}) returning n;\n`);
    }

    end(): void {
        this.ended = true;
        this.child?.kill();
    }
}
