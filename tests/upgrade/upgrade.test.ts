import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { execa } from "execa";
import { after, before, describe, it } from "mocha";
import { Running } from "../e2e/running";
import { mustDocker } from "../support/docker";
import { extractProgram, releases } from "../support/releases";
import { type CommandResult, copyProgram, TestStack } from "../support/stack";

const LOCAL = { repositories: [{ name: "local", type: "posix" }] };
const STACKS: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    ["as npm start makes it", LOCAL],
    ["with a dockerHost, protected", { ...LOCAL, dockerHost: "unix:///var/run/docker.sock", protect: true }],
];

/** What must be the same before and after. */
interface Kept {
    readonly rows: string;
    readonly volumes: readonly string[];
    readonly network: string;
    readonly connection: unknown;
}

// The oldest release in both ways. Each of them brings two programs up.
for (const [index, release] of releases.entries())
    for (const [title, settings] of index === 0 ? STACKS : STACKS.slice(1))
        describe(`a stack of release ${release}, ${title}, upgraded for real`, function () {
            // Each step builds on the ones before.
            this.bail(true);
            this.timeout("8m");
            let stack: TestStack;
            let running: Running;
            let kept: Kept;
            let preview: CommandResult;

            const look = async (): Promise<Kept> => ({
                rows: await running.sql("select count(*), sum(hashtext(text)) from rows", "app"),
                volumes: (await volumes(stack.name)).sort(),
                network: await mustDocker(["network", "inspect", "--format", "{{.Id}}", stack.name]),
                connection: (await stack.outputs())["connection"],
            });

            before(async () => {
                stack = await TestStack.create(settings);
                await extractProgram(release, stack.directory);
                await stack.mustUp();
                running = new Running(stack);
                await running.sql(
                    "create table rows as select repeat(md5(n::text), 3) as text from generate_series(1, 50000) n",
                    "app",
                );
                kept = await look();
                copyProgram(stack.directory);
            });

            after(async () => {
                await stack.remove();
            });

            it("is told what will restart", async () => {
                preview = await stack.preview();
                assert.ok(preview.ok, preview.output);
                // The newest release may be the same program.
                const isSame = /^Resources:\n +\d+ unchanged$/m.test(preview.output);
                assert.equal(preview.output.includes("What this change means:"), !isSame, preview.output);
                assert.doesNotMatch(preview.output, /cannot be told|DANGER/);
            });

            it("comes up, PostgreSQL having been started once at most, and only when it was told", async () => {
                const starts = countStarts(running.name("postgres"));
                const up = await stack.up();
                const started = await starts();
                assert.ok(up.ok, up.output);
                assert.equal(started, preview.output.includes("postgres restarts once (") ? 1 : 0);
            });

            it("has its data, volumes, network and password", async () => {
                assert.ok(kept.volumes.length >= 6);
                const now = await look();
                // What came with the new release is beside them.
                const volumesOfThen = now.volumes.filter((volume) => kept.volumes.includes(volume));
                assert.deepEqual({ ...now, volumes: volumesOfThen }, kept);
            });

            it("has the backups from before, and archives and backs up in the same history", async () => {
                await running.segmentArrives(await running.switchWal());
                await running.mustExec("backup", "pgbackrest", "--stanza=main", "--type=incr", "backup");
                const info = await running.pgbackrest("info");
                assert.match(info, /full backup: [^]*incr backup: /);
                assert.equal((info.match(/full backup: /g) ?? []).length, 1);
                // Where it is protected, the first drill has passed then.
                await running.becomesHealthy(300);
            });

            it("has nothing left to change", async () => {
                const again = await stack.preview("--expect-no-changes");
                assert.ok(again.ok, again.output);
                assert.doesNotMatch(again.output, /What this change means/);
            });
        });

/** Name and directory of each volume: another one of the same name would have another. (CreatedAt changes with what is in it.) */
async function volumes(name: string): Promise<string[]> {
    const names = await mustDocker(["volume", "ls", "--quiet", "--filter", `name=${name}-`]);
    const format = "{{.Name}} {{.Mountpoint}}";
    const listed = await mustDocker(["volume", "inspect", "--format", format, ...names.split("\n")]);
    return listed.split("\n").map((line) => {
        const { ino, birthtimeMs } = statSync(line.slice(line.indexOf(" ") + 1));
        return `${line} ${ino} ${birthtimeMs}`;
    });
}

/**
 * Counts the starts of containers of this name, whichever they are. Live: the engine remembers the last 256 events only. Its own filter
 * takes a name for the beginning of one.
 */
function countStarts(container: string): () => Promise<number> {
    const events = execa(
        "docker",
        ["events", "--filter", "event=start", "--format", "{{.Actor.Attributes.name}}"],
        { reject: false },
    );
    return async () => {
        events.kill();
        return (await events).stdout.split("\n").filter((name) => name === container).length;
    };
}
