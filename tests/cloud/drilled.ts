import assert from "node:assert/strict";
import { type DrillRecord, readDrills } from "../../components/drill/record";
import type { DrillWish } from "../../components/drill/wish";
import { READ_ONLY } from "../support/containers";
import { docker, eventually, mustDocker } from "../support/docker";
import type { CloudStack } from "./cloudStack";

/** What a drill with a stack's repository finds, in a container of its own that reaches what the stack's own reach. */
export async function drilled(
    { stack, image }: CloudStack,
    queries: DrillWish["queries"],
): Promise<DrillRecord> {
    const name = `${stack.name}-drilled`;
    const wish: DrillWish = { queries };
    try {
        await mustDocker([
            ...[
                "run",
                "--detach",
                "--name",
                name,
                "--network",
                stack.name,
                "--cap-drop",
                "ALL",
                ...READ_ONLY,
            ],
            ...["--env", `DRILL=${JSON.stringify(wish)}`],
            ...["--volume", `${stack.name}-pgbackrest-config:/etc/pgbackrest:ro`],
            ...["--volume", "/var/lib/postgresql/data", "--volume", "/var/spool/pgbackrest"],
            ...["--volume", "/var/lib/pgbackrest-drills", image, "drill-database.sh", "serve"],
        ]);
        await eventually("it serves", async () => (await docker(["logs", name])).output.includes("waiting"));
        const { output } = await docker(["exec", name, "drill-database.sh", "run"]);
        const [record] = readDrills(await mustDocker(["exec", name, "drill-database.sh", "list"]));
        assert.ok(record, output);
        return record;
    } finally {
        await docker(["rm", "--force", "--volumes", name]);
    }
}
