import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { after, before, describe, it } from "mocha";
import { root } from "../../toolchain/paths";
import { docker, eventually, mustDocker } from "../support/docker";
import { freeze } from "../support/freeze";
import type { Launched } from "../support/stack";
import { killAll } from "./processes";
import { finishes, removeSecondStack, type SecondStack, secondStackUp, UP } from "./secondStack";

/** The blocks of commands of a page. */
function commandsOf(page: string): string[] {
    const blocks = readFileSync(join(root, "docs", page), "utf8").matchAll(/^```sh\n([^]*?)^```$/gm);
    return [...blocks].map(([, block = ""]) => block);
}

const [toAMoment = "", inOneLine = "", plan = "", goingBack = ""] = commandsOf("restore.md");
const [paused = "", toALater = "", promoted = "", givenUp = ""] = commandsOf("look-before-you-promote.md");
const [oneTable = ""] = commandsOf("restore-one-table.md");

/** How PostgreSQL keeps the application's password. */
const VERIFIER = "select rolpassword from pg_authid where rolname = 'app'";

describe("a restore, as the pages of docs/ have it", function () {
    this.timeout(400_000);
    let second: SecondStack;
    /** The moments at which there were one and two rows. */
    let moment: string;
    let later: string;

    const orders = () => second.running.sql("select string_agg(x::text, ' ' order by x) from orders");
    const look = (query: string) =>
        docker(["exec", `${second.stack.name}-postgres-friday`, "psql", "-XAtqc", query]);
    const volumes = async () => {
        const { name } = second.stack;
        const list = await mustDocker(["volume", "ls", "--quiet", "--filter", `name=^${name}-postgres-data`]);
        const names = list.split("\n").map((volume) => volume.slice(name.length + 1));
        return names.sort();
    };
    const dataVolume = () =>
        second.running.inspect(
            "postgres",
            '{{range .Mounts}}{{if eq .Destination "/var/lib/postgresql/data"}}{{.Name}}{{end}}{{end}}',
        );
    /** Types them, with this stack and these moments. */
    const type = async (block: string) => {
        const commands = block
            .replaceAll("salespider", second.stack.name)
            .replaceAll("2026-11-27 06:00:00+00", moment)
            .replaceAll("2026-11-27 06:30:00+00", later)
            .replaceAll("/tmp/", `${second.stack.directory}/`)
            .replaceAll("-- up\n", "-- up --yes --skip-preview\n");
        const { exitCode, all } = await execa("bash", ["-euc", commands], {
            ...{ all: true, reject: false, stdin: "ignore" },
            cwd: second.stack.directory,
            env: second.stack.environment,
        });
        assert.equal(exitCode, 0, all);
        return all;
    };

    before(async () => {
        second = await secondStackUp();
        await second.running.sql("create table orders (x int primary key); insert into orders values (1)");
        // At the first moment the application has another password than the stack.
        const verifier = await second.running.sql(VERIFIER);
        await second.running.sql("alter role app password 'another'");
        moment = await second.running.sql("select clock_timestamp()");
        await second.running.sql(`alter role app password '${verifier}'`);
        await second.running.sql("insert into orders values (2)");
        later = await second.running.sql("select clock_timestamp()");
        // Recovery to a time ends at the first commit behind it, so the point is later only behind one.
        await second.running.sql("create table between_them ()");
        await type("npm run ops -- restore-point loaded\n");
        await second.running.sql("insert into orders values (3)");
    });

    it("to what cannot be is refused by the preview, with what can", async () => {
        const { stack } = second;
        stack.configure({ restore: { name: "friday", at: "2020-01-01 00:00Z" } });
        const preview = await stack.preview();
        assert.ok(!preview.ok, preview.output);
        assert.match(
            preview.output,
            /pgbackrest:restore: .* is before the oldest backup.*Possible: at: latest/,
        );
        stack.configure({ restore: undefined });
    });

    it("that pauses is beside the running database, read-only, and lets it go on", async () => {
        const services = await second.running.services();
        const said = await type(paused);
        assert.match(said, /What restore friday will do:\s[^]*: chosen: /);
        const { name } = second.stack;
        assert.match(
            said,
            new RegExp(`waits for people to look.*docker exec -it ${name}-postgres-friday psql`),
        );
        assert.deepEqual(await second.running.services(), services);
        assert.equal((await look("select x from orders")).stdout.trim(), "1");
        assert.match((await look("insert into orders values (9)")).output, /read-only/);
        await finishes(second);
    });

    it("of one table copies it out of the paused one", async () => {
        await second.running.sql("delete from orders where x = 1");
        await type(oneTable);
        assert.equal(await orders(), "1 2 3");
    });

    it("goes on to a later moment, without beginning anew", async () => {
        await type(toALater);
        assert.equal((await look("select count(*) from orders")).stdout.trim(), "2");
        const { output } = await docker(["logs", `${second.stack.name}-restore`]);
        assert.doesNotMatch(output, /is restored/);
    });

    it("does not go back: the preview refuses a moment before the one where it waits", async () => {
        const set = (at: string) => type(`npm run pulumi -- config set --path pgbackrest:restore.at '${at}'`);
        await set(moment);
        const { ok, output } = await second.stack.preview();
        await set(later);
        assert.ok(!ok, output);
        assert.match(
            output,
            /pgbackrest:restore: restore friday is paused: it went to .*needs a new restore with another name/,
        );
    });

    it("goes on to a restore point that is later", async () => {
        await type("npm run ops -- restore later --at loaded --yes\n");
        assert.equal((await look("select count(*) from orders")).stdout.trim(), "2");
    });

    it("is promoted: PostgreSQL moves to it, and the old data stay", async () => {
        const said = await type(promoted);
        assert.match(said, /DANGER .*moves from the data in volume \S+-postgres-data to those in/);
        const [, away] = /postgres-data-friday: the database was away for ([\d.]+) s/.exec(said) ?? [];
        assert.ok(Number(away) > 0, said);
        assert.match(
            await type("npm run ops -- history"),
            new RegExp(`move\\s+well\\s+${Math.round(Number(away))} s\\s+PostgreSQL to .*-friday`),
        );
        await finishes(second);
        assert.equal(await orders(), "1 2");
        assert.deepEqual(await volumes(), ["postgres-data", "postgres-data-friday"]);
        // By its schedule there would be none today.
        await eventually("a backup on the new timeline", async () =>
            (await second.running.pgbackrest("info")).includes("wal start/stop: 00000002"),
        );
    });

    it("after a restore goes to a moment before that one, and to the newest", async () => {
        await second.running.sql("insert into orders values (4)");
        second.stack.configure({ restore: undefined });
        await type(toAMoment.replaceAll("friday", "earlier"));
        assert.equal(await orders(), "1");
        // What was handed out goes on to work, whatever the password was then.
        const url = String((await second.stack.outputs())["connection"]);
        const session = await second.running.exec("backup", "psql", url, "-XAtqc", "select current_user");
        assert.equal(session.stdout.trim(), "app", session.output);
        second.stack.configure({ restore: { name: "newest" } });
        await finishes(second);
        assert.equal(await orders(), "1");
        const volumesSay = await type("npm run ops -- volumes\n");
        assert.match(volumesSay, /-postgres-data-newest\t.*restore newest to latest \(done\)/);
    });

    it("is planned, begun and given up in one line each", async () => {
        assert.match(
            await type(plan),
            /: chosen: [^]*left behind: what was written[^]*settings: max_connections 100, /,
        );
        await type(inOneLine.replaceAll("friday", "other"));
        assert.match(await type(givenUp), /up has ended well/);
        assert.match(await dataVolume(), /-postgres-data-newest$/);
        // Without a word it stays there, too.
        second.stack.configure({ restore: undefined });
        await finishes(second);
        assert.match(await dataVolume(), /-postgres-data-newest$/);
        assert.equal(await orders(), "1");
    });

    it("is left by naming the volume to go back to", async () => {
        await type(goingBack);
        await finishes(second);
        assert.equal(await orders(), "1 2 3");
    });
});

interface Strike {
    readonly how: string;
    /** Of the restore. */
    readonly name: string;
    /** At which it is struck. */
    readonly work: "restore" | "replay";
    readonly strike: (second: SecondStack, up: Launched) => Promise<void>;
}

/** A restore whose container alone is killed goes on in tests/image/restoreGoesOn.all.test.ts, and in an `up` in tests/chaos. */
const STRIKES: readonly Strike[] = [
    {
        how: "kill -9 of all processes of its up",
        name: "killed",
        work: "restore",
        strike: async ({ stack }, up) => {
            killAll(stack);
            await up.ended;
        },
    },
    {
        how: "^C",
        name: "interrupted",
        work: "replay",
        // What waits for the container ends at a second one.
        strike: async (_, up) => {
            const ended = up.ended.then(() => true);
            do up.signal("SIGINT");
            while (!(await Promise.race([ended, sleep(3000, false)])));
        },
    },
];

describe("a restore that is interrupted", function () {
    this.timeout(600_000);
    let second: SecondStack;
    /** All files of all backups, which no restore may change. */
    const backups = async () => {
        const find = "find . -name 'backup.info*' -prune -o -type f -exec sha1sum {} +";
        const script = `cd /var/lib/pgbackrest/backup; ${find}`;
        return (await second.running.mustExec("backup", "sh", "-c", script)).split("\n");
    };
    const lines = () => second.running.sql("select count(*) from lines");

    // It is on other data than others expect.
    after(removeSecondStack);

    before(async () => {
        second = await secondStackUp();
        await second.running.sql("create table lines as select i from generate_series(1, 1000) i");
    });

    for (const { how, name, work, strike } of STRIKES)
        it(`with ${how} in its ${work} goes on with the next up, and until then nothing has happened`, async () => {
            const { stack, running } = second;
            await running.sql("insert into lines values (0)");
            const [there, moment] = [await lines(), await running.sql("select clock_timestamp()")];
            await running.sql("delete from lines");
            const [services, kept] = [await running.services(), await backups()];
            const release = await running.holdArchiver();
            stack.configure({ restore: { name, at: moment } });
            const up = stack.launch(UP);
            await running.runsIn("restore", up);
            const frozen = freeze(running.name("restore"), work);
            await release();
            await frozen;
            await strike(second, up);
            assert.ok(!(await up.ended).ok);
            assert.deepEqual(await running.services(), services);
            assert.equal(await lines(), "0");

            await finishes(second);
            const log = await running.logs("restore");
            assert.equal(/there are data already[^]* is restored/.test(log), work === "restore", log);
            assert.equal(log.includes(" is restored"), work === "restore", log);
            assert.equal(await lines(), there);
            const now = new Set(await backups());
            assert.deepEqual(
                kept.filter((line) => !now.has(line)),
                [],
            );
        });
});
