import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { deployed, modes, POSIX, type Recording, ROOT, Secret, type StackOptions } from "../support/mocks";

/** What the setup container gets as the variable `name`. */
function variable(stack: Recording, name: string): string | undefined {
    const { envs } = stack.get("Container salespider-setup").inputs;
    const list = envs instanceof Secret && Array.isArray(envs.value) ? envs.value.map(String) : [];
    return list.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
}

function uploads(stack: Recording): Record<string, string> {
    const list = stack.get("Container salespider-setup").inputs["uploads"];
    assert.ok(Array.isArray(list));
    return Object.fromEntries(
        list.map((upload: unknown) => {
            assert.ok(typeof upload === "object" && upload !== null);
            assert.deepEqual(Object.keys(upload).sort(), ["content", "file"]);
            const { file, content } = Object.fromEntries(Object.entries(upload));
            return [String(file), String(content instanceof Secret ? content.value : content)];
        }),
    );
}

describe("configuration", () => {
    let directory = "";
    before(() => {
        directory = mkdtempSync(join(tmpdir(), "pgbt-"));
        symlinkSync(join(ROOT, "image"), join(directory, "image"));
        cpSync(join(ROOT, "config"), join(directory, "config"), { recursive: true });
        const template = join(directory, "config/pgbackrest/pgbackrest.conf");
        const text = readFileSync(template, "utf8");
        writeFileSync(template, text.replace("repo1-retention-full=8", "repo1-retention-full=9"));
    });
    after(() => {
        rmSync(directory, { recursive: true });
    });

    it("is uploaded as five files, and a sixth where there is SQL to run", async () => {
        const five = ["pg_hba.conf", "pg_ident.conf", "pgbackrest.conf", "postgresql.conf", "schedules"];
        const paths = (names: readonly string[]): string[] =>
            names.map((name) => `/setup/input/${name}`).sort();
        assert.deepEqual(Object.keys(uploads(await deployed(POSIX))).sort(), paths(five));
        const withSql = uploads(await deployed({ ...POSIX, initSql: "sql/init.sql" }));
        assert.deepEqual(Object.keys(withSql).sort(), paths([...five, "init.sql"]));
        assert.equal(withSql["/setup/input/init.sql"], "create table t ();\n");
    });

    for (const mode of modes)
        it(`changes setup alone: nothing of postgres and backup derives from it, ${mode}`, async () => {
            const before = await deployed(POSIX, { mode });
            const after = await deployed(POSIX, { mode, directory });
            const file = "/setup/input/pgbackrest.conf";
            assert.match(uploads(before)[file] ?? "", /^repo1-retention-full=8$/m);
            assert.match(uploads(after)[file] ?? "", /^repo1-retention-full=9$/m);
            // Labels say in which directory the stack was, and a change of them is ignored.
            const unlabelled = (inputs: object): object =>
                Object.fromEntries(Object.entries(inputs).filter(([key]) => key !== "labels"));
            for (const { type, name, inputs } of before.registrations)
                if (name !== "salespider-setup" && name !== "salespider-apply" && type !== "RemoteImage")
                    assert.deepEqual(
                        unlabelled(after.get(`${type} ${name}`).inputs),
                        unlabelled(inputs),
                        name,
                    );
        });

    it("is waited for by the components of postgres and backup, and by no property of theirs", async () => {
        const stack = await deployed(POSIX);
        const setup = "Container salespider-setup";
        for (const part of ["Postgres", "Backup"])
            assert.deepEqual(stack.get(`${part} salespider`).dependencies, [setup]);
        for (const { name, derived } of stack.registrations)
            for (const [property, from] of Object.entries(derived))
                assert.ok(!from.includes(setup), `${name}.${property}`);
        // Children are registered when their parent is, which is when setup has ended.
        const order = stack.registrations.map(({ type, name }) => `${type} ${name}`);
        for (const part of ["postgres", "backup"])
            assert.ok(order.indexOf(setup) < order.indexOf(`Container salespider-${part}`));
    });

    it("is applied when postgres and backup run", async () => {
        const { dependencies, derived } = (await deployed(POSIX)).get("Container salespider-apply");
        for (const part of ["postgres", "backup"]) {
            assert.ok(dependencies.includes(`Container salespider-${part}`));
            // And again whenever one of them is another container.
            assert.ok(derived["envs"]?.includes(`Container salespider-${part}`));
        }
    });

    describe("revision", () => {
        const revisionOf = async (
            settings: Record<string, unknown>,
            options: StackOptions = {},
        ): Promise<string> => variable(await deployed(settings, options), "REVISION") ?? "";
        let base = "";
        before(async () => {
            base = await revisionOf(POSIX);
        });

        it("is the same for the same content, in whatever order it is written", async () => {
            assert.match(base, /^[0-9a-f]{16}$/);
            const work = { work_mem: "8MB", jit: "off" };
            const krow = { jit: "off", work_mem: "8MB" };
            assert.equal(
                await revisionOf({ ...POSIX, settings: work }),
                await revisionOf({ ...POSIX, settings: krow }),
            );
        });

        const changes: Record<string, Record<string, unknown>> = {
            "a repository": { repositories: [{ name: "local", type: "posix", path: "/elsewhere" }] },
            "no repository": { repositories: [] },
            "an option": { ...POSIX, options: { global: { "compress-level": 4 } } },
            "a setting to reload": { ...POSIX, settings: { work_mem: "8MB" } },
            "a setting that restarts": { ...POSIX, settings: { max_connections: 50 } },
            "a schedule": { ...POSIX, schedules: { full: "0 2 * * 0" } },
        };
        for (const [title, settings] of Object.entries(changes))
            it(`changes with ${title}`, async () => {
                assert.notEqual(await revisionOf(settings), base);
            });

        it("changes with the template", async () => {
            assert.notEqual(await revisionOf(POSIX, { directory }), base);
        });

        for (const settings of [
            { port: 6000 },
            { backupMemory: 600 },
            { waitFor: "archiving" },
            { protect: true, drill: "off", monitoring: "off" },
            { cpus: 1, shm: 512 },
            { dataVolume: "old", password: "a password that is long enough" },
        ])
            it(`does not change with ${JSON.stringify(settings)}`, async () => {
                assert.equal(await revisionOf({ ...POSIX, ...settings }, { secret: ["password"] }), base);
            });
    });

    describe("attempt", () => {
        const deployment = { attempt: "the one before", description: undefined };
        it("stays while the wanted revision is in force: nothing runs again", async () => {
            const revision = variable(await deployed(POSIX), "REVISION") ?? "";
            const history = { deployment: { ...deployment, revision }, failed: false };
            assert.equal(variable(await deployed(POSIX, { history }), "ATTEMPT"), "the one before");
        });

        it("is new for another revision, and after a failure", async () => {
            const revision = variable(await deployed(POSIX), "REVISION") ?? "";
            for (const history of [
                { deployment: { ...deployment, revision: "another" }, failed: false },
                { deployment: { ...deployment, revision }, failed: true },
                { deployment: undefined, failed: false },
            ]) {
                const attempt = variable(await deployed(POSIX, { history }), "ATTEMPT") ?? "";
                assert.match(attempt, /^\d{4}-\d\d-\d\dT/);
            }
        });
    });
});
