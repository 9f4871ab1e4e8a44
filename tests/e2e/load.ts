import assert from "node:assert/strict";
import { eventually } from "../support/docker";
import { Client } from "./client";
import type { Running } from "./running";

const CLIENTS = 4;
/** Long enough for a busy machine, and shorter than any restart. */
const LONGEST_GAP = 3000;

/** Clients on connections that they keep, and WAL that flows, while something is changed. */
export class Load {
    private constructor(
        private readonly running: Running,
        private readonly clients: readonly Client[],
        /** Ends a WAL segment now and then, and says which. */
        private readonly writer: Client,
    ) {}

    /** @param every seconds for a WAL segment: each costs every repository some tenths of a second of a processor */
    static async start(running: Running, url: string, every = 1): Promise<Load> {
        const clients = Array.from({ length: CLIENTS }, () => Client.connect(running, url));
        const writing =
            "select pg_walfile_name(pg_switch_wal()) from pg_logical_emit_message(false, 'load', 'x')";
        return new Load(
            running,
            await Promise.all(clients),
            await Client.ask(running, "postgres", "postgres", writing, every),
        );
    }

    /** Does it, and prints and checks what the clients noticed of it: nothing. */
    async during<T>(what: string, work: () => Promise<T>): Promise<T> {
        const { result, gap } = await this.measured(what, work);
        assert.deepEqual(
            this.clients.flatMap((client) => client.problem() ?? []),
            [],
            what,
        );
        assert.ok(gap < LONGEST_GAP, `${what}: a client waited for ${gap.toFixed(0)} ms`);
        return result;
    }

    /** Does it, and prints what the clients noticed of it. */
    async measured<T>(
        what: string,
        work: () => Promise<T>,
    ): Promise<{ result: T; gap: number; dropped: number }> {
        for (const client of this.clients) client.forgetGap();
        const before = this.clients.map((client) => client.answers());
        const started = performance.now();
        const result = await work();
        const seconds = (performance.now() - started) / 1000;
        const answers = this.clients.reduce((sum, client, i) => sum + client.answers() - (before[i] ?? 0), 0);
        const failed = this.clients.filter((client) => client.problem() !== undefined).length;
        const dropped = this.clients.filter((client) => client.dropped()).length;
        const gap = Math.max(...this.clients.map((client) => client.longestGap()));
        console.log(
            `        ${what}: ${seconds.toFixed(1)} s, ${answers} queries, ${failed} failed, ${dropped} connections dropped, longest gap ${gap.toFixed(0)} ms`,
        );
        return { result, gap, dropped };
    }

    /** Ends it. */
    async close(): Promise<void> {
        await Promise.all([...this.clients, this.writer].map((client) => client.close()));
    }

    /**
     * Ends it, when every WAL segment that was finished meanwhile is safe: in the repository, or where `isSafe` looks when there was more than
     * one of them.
     */
    async end(isSafe?: (segment: string) => Promise<boolean>): Promise<void> {
        const segments = [...new Set(this.writer.lines())];
        await this.close();
        const lost = async (): Promise<readonly string[]> => {
            if (isSafe === undefined) {
                const archived = await this.running.archivedSegments();
                return segments.filter((segment) => !archived.has(segment));
            }
            const safe = await Promise.all(segments.map(isSafe));
            return segments.filter((_, index) => safe[index] !== true);
        };
        assert.ok(
            segments.every((segment) => /^[0-9A-F]{24}$/.test(segment)),
            segments.join("\n"),
        );
        await eventually("all WAL is in the repository", async () => (await lost()).length === 0);
        console.log(`        ${segments.length} WAL segments, ${(await lost()).length} lost`);
    }
}
