import assert from "node:assert/strict";
import type { Server } from "../support/servers/servers";
import { eventually } from "../support/docker";
import type { CloudStack } from "./cloudStack";

/** The server is away while WAL flows: the database goes on at its pace, and the backlog drains when the server is back. */
export async function outage(cloud: CloudStack, server: Server, seconds: number): Promise<void> {
    await cloud.archived();
    await server.stop();
    const end = Date.now() + seconds * 1000;
    let slowest = 0;
    let segments = 0;
    try {
        while (Date.now() < end) {
            const begun = Date.now();
            await cloud.load(1);
            slowest = Math.max(slowest, Date.now() - begun);
            segments++;
            await new Promise((resolve) => setTimeout(resolve, (seconds * 1000) / 20));
        }
        assert.ok((await cloud.backlog()) >= segments, "WAL waits on the data volume");
    } finally {
        await server.start();
    }
    const back = Date.now();
    await eventually("the backlog drains", async () => (await cloud.backlog()) === 0, 120);
    const took = (Date.now() - back) / 1000;
    console.log(
        `        (${segments} segments, the slowest write ${slowest} ms; drained ${took.toFixed(0)} s after the server was back)`,
    );
    await cloud.archived();
    await cloud.pgbackrest("check");
}
