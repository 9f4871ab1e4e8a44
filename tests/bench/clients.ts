import { type ChildProcess, spawn } from "node:child_process";
import { eventually, mustDocker } from "../support/docker";

const CLIENTS = 4;
const PAUSE = 0.02;

/**
 * One client: it stays connected, commits a row, waits, and again. An answer is the time by the server's clock. Whenever the
 * connection is gone or refused it says so, and connects anew after the same pause, for ever.
 */
const CLIENT = `
    while :; do
        echo "insert into beats values (clock_timestamp()) returning extract(epoch from clock_timestamp()) \\watch i=${PAUSE}" |
            psql "$1" -XAtq -v ON_ERROR_STOP=1 2>/dev/null
        echo failed
        sleep ${PAUSE}
    done`;

/** What clients saw of a change. */
export interface Seen {
    readonly failed: number;
    readonly dropped: number;
    /** Seconds between two answers to the same client, the longest of all. */
    readonly gap: number;
}

/** Clients of the application in a container of their own, in the network of the stack. */
export class Clients {
    private constructor(
        private readonly container: string,
        private readonly clients: readonly ClientProcess[],
    ) {}

    /** @param name of the network, and prefix of the container, which is removed with all the rest of the stack */
    static async start(name: string, image: string, url: string): Promise<Clients> {
        const container = `${name}-clients`;
        await mustDocker([
            "run",
            "--detach",
            "--init",
            "--name",
            container,
            "--network",
            name,
            image,
            "sleep",
            "infinity",
        ]);
        const clients = Array.from({ length: CLIENTS }, () => new ClientProcess(container, url));
        const all = new Clients(container, clients);
        await all.answered();
        return all;
    }

    /** What they see while something is done, and until each of them has an answer afterwards. */
    async during<T>(what: () => Promise<T>): Promise<readonly [T, Seen]> {
        for (const client of this.clients) client.forget();
        const result = await what();
        await this.answered();
        const seen = this.clients.map((client) => client.seen());
        const sum = (key: keyof Seen): number => seen.reduce((total, one) => total + one[key], 0);
        const gap = Math.max(...seen.map((one) => one.gap));
        return [result, { failed: sum("failed"), dropped: sum("dropped"), gap }];
    }

    /** Until everybody has had an answer that is newer than this call. */
    private async answered(): Promise<void> {
        const before = this.clients.map((client) => client.answers);
        await eventually("every client has an answer", () =>
            Promise.resolve(this.clients.every((client, index) => client.answers > (before[index] ?? 0))),
        );
    }

    async stop(): Promise<void> {
        for (const client of this.clients) client.end();
        await mustDocker(["rm", "--force", this.container]);
    }
}

class ClientProcess {
    answers = 0;
    private readonly child: ChildProcess;
    private rest = "";
    private last = Number.NaN;
    private connected = false;
    private failed = 0;
    private dropped = 0;
    private gap = 0;

    constructor(container: string, url: string) {
        const command = ["exec", container, "bash", "-c", CLIENT, "bash", url];
        this.child = spawn("docker", command, { stdio: ["ignore", "pipe", "ignore"] });
        this.child.stdout?.setEncoding("utf8").on("data", (text: string) => {
            const lines = (this.rest + text).split("\n");
            this.rest = lines.pop() ?? "";
            for (const line of lines) this.read(line);
        });
    }

    private read(line: string): void {
        if (line === "failed") {
            this.failed++;
            if (this.connected) this.dropped++;
            this.connected = false;
            return;
        }
        const time = Number(line);
        if (time - this.last > this.gap) this.gap = time - this.last;
        this.last = time;
        this.connected = true;
        this.answers++;
    }

    forget(): void {
        this.failed = this.dropped = this.gap = 0;
    }

    seen(): Seen {
        return { failed: this.failed, dropped: this.dropped, gap: this.gap };
    }

    end(): void {
        this.child.kill();
    }
}
