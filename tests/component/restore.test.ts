import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { type History, history } from "../../components/state/history";
import { UserError } from "../../components/problems";
import { ownObjects } from "../../components/protectedPostgres";
import { declare, deployed, modes, POSIX, type Recording, Secret } from "../support/mocks";
import { described } from "../support/descriptions";
import { settingsOf } from "../support/settings";

const FIRST = "salespider-postgres-data";
const FRIDAY = `${FIRST}-friday`;
const RESTORE = "Container salespider-restore";
const LOOK = "Container salespider-postgres-friday";
const restoring = (
    wish: Readonly<Record<string, unknown>> = {},
    more: Readonly<Record<string, unknown>> = {},
) => ({
    ...POSIX,
    restore: { name: "friday", ...wish },
    ...more,
});

/** A stack whose state knows these data volumes, the last of them the one that PostgreSQL runs on. */
function knowing(...volumes: readonly string[]): History {
    const data = volumes.at(-1) ?? FIRST;
    return history([
        ...volumes.map((name) => ({ type: "docker:index/volume:Volume", name, outputs: { name } })),
        {
            type: "pulumi:pulumi:Stack",
            name: "pgbackrest-dev",
            outputs: { volumes: { data, spool: "salespider-pgbackrest-spool" } },
        },
    ]);
}

/** The volumes at this place in a container. */
function mounted(stack: Recording, container: string, target: string): string[] {
    const { mounts } = stack.get(container).inputs;
    assert.ok(Array.isArray(mounts));
    return mounts.flatMap((mount: Readonly<Record<string, unknown>>) =>
        mount["target"] === target ? [String(mount["source"])] : [],
    );
}

const DATA = "/var/lib/postgresql/data";
const dataOf = (stack: Recording, container: string): string[] => mounted(stack, container, DATA);

function volumesOf(stack: Recording): string[] {
    return stack.registrations.filter(({ type }) => type === "Volume").map(({ name }) => name);
}

describe("a restore", () => {
    for (const mode of modes) {
        it(`fills a volume of its own before PostgreSQL and the backup service have it, ${mode}`, async () => {
            const stack = await deployed(restoring(), { mode, history: knowing(FIRST) });
            for (const container of [RESTORE, "Container salespider-postgres", "Container salespider-backup"])
                assert.deepEqual(dataOf(stack, container), [FRIDAY], container);
            // Their components do: what is in one is not begun before the component is.
            for (const component of ["Postgres", "Backup"])
                assert.ok(
                    stack.get(`${component} salespider`).dependencies.includes(RESTORE),
                    `${component} waits for it`,
                );
            assert.ok(!stack.names.includes(LOOK));
        });

        it(`that pauses is shown beside PostgreSQL, which stays where it is, ${mode}`, async () => {
            const stack = await deployed(restoring({ pause: true }), { mode, history: knowing(FIRST) });
            assert.deepEqual(dataOf(stack, RESTORE), [FRIDAY]);
            assert.deepEqual(dataOf(stack, LOOK), [FRIDAY]);
            assert.deepEqual(dataOf(stack, "Container salespider-postgres"), [FIRST]);
            assert.ok(stack.get(LOOK).dependencies.includes(RESTORE));
            assert.ok(!stack.get("Postgres salespider").dependencies.includes(RESTORE));
            assert.deepEqual(stack.get(LOOK).inputs["ports"], undefined);
        });

        it(`leaves all data volumes declared that the state knows, whatever is restored, ${mode}`, async () => {
            const known = [FIRST, `${FIRST}-monday`, FRIDAY];
            for (const settings of [POSIX, restoring(), restoring({ name: "sunday", pause: true })]) {
                const volumes = volumesOf(await deployed(settings, { mode, history: knowing(...known) }));
                for (const name of known) assert.ok(volumes.includes(name), name);
            }
        });
    }

    it("that pauses leaves PostgreSQL on what an earlier one has restored", async () => {
        const stack = await deployed(restoring({ pause: true }), {
            history: knowing(FIRST, `${FIRST}-monday`),
        });
        assert.deepEqual(dataOf(stack, "Container salespider-postgres"), [`${FIRST}-monday`]);
    });

    it("that is taken out leaves PostgreSQL where it is, if it has only paused, with every later up too", async () => {
        const known = knowing(FIRST, FRIDAY, `${FIRST}-monday`);
        const dataAfter = async (before: Record<string, unknown>, settings = {}) => {
            const description = { ...described(before), data: `${FIRST}-monday` };
            const stack = await deployed({ ...POSIX, ...settings }, { history: { ...known, description } });
            return dataOf(stack, "Container salespider-postgres").join();
        };
        assert.equal(await dataAfter({ restore: { name: "friday", pause: true } }), `${FIRST}-monday`);
        assert.equal(await dataAfter({}), `${FIRST}-monday`);
        assert.equal(await dataAfter({ restore: { name: "monday" } }), FIRST);
        assert.equal(await dataAfter({}, { restore: { volume: FIRST } }), FIRST);
    });

    it("protects its volume with the others, and no other stack", async () => {
        for (const protect of [true, false]) {
            const options = { history: knowing(FIRST) };
            const stack = await deployed(restoring({}, { protect }), options);
            for (const name of [FIRST, FRIDAY])
                assert.equal(stack.get(`Volume ${name}`).protect, protect, name);
        }
    });

    it("runs again only when what is wanted is not done", async () => {
        const attemptOf = async (
            wish: Readonly<Record<string, unknown>>,
            before: History,
        ): Promise<string> => {
            const { envs } = (await deployed(restoring(wish), { history: before })).get(RESTORE).inputs;
            return String(variables(envs)["ATTEMPT"]);
        };
        const stack = await deployed(restoring(), { history: knowing(FIRST) });
        const { envs } = stack.get(RESTORE).inputs;
        const done = (exitCode: number): History => {
            const entries = Object.entries({ ...variables(envs), ATTEMPT: "then" });
            return history([
                {
                    type: "docker:index/container:Container",
                    name: "salespider-restore",
                    outputs: {
                        ...{ name: "salespider-restore", exitCode },
                        envs: entries.map(([name, value]) => `${name}=${value}`),
                    },
                },
            ]);
        };
        assert.equal(await attemptOf({}, done(0)), "then");
        assert.notEqual(await attemptOf({}, done(1)), "then");
        assert.notEqual(await attemptOf({ at: "immediate" }, done(0)), "then");
    });

    it("is given its whole wish, and nothing secret on its command line", async () => {
        const wish = { at: "2026-11-27 06:00Z", inclusive: false, timeline: 2, backup: "20261127-013000F" };
        const stack = await deployed(restoring({ ...wish, repository: "local" }), {
            history: knowing(FIRST),
        });
        const { envs, command } = stack.get(RESTORE).inputs;
        const given: unknown = JSON.parse(variables(envs)["RESTORE"] ?? "");
        assert.deepEqual(given, {
            ...{ name: "friday", ...wish, repository: "local" },
            ...{ pause: false, acceptDamage: false },
        });
        assert.ok(Array.isArray(command));
        assert.deepEqual(command.slice(0, 2), ["restore-database.sh", "run"]);
    });

    it("is known as the stack's own to whoever takes over a lost state", () => {
        const names = (settings: Readonly<Record<string, unknown>>, before: History): string[] =>
            ownObjects(settingsOf(settings), before).map(({ kind, name }) => `${kind} ${name}`);
        const paused = names(restoring({ pause: true }), knowing(FIRST, `${FIRST}-monday`));
        for (const name of [
            ...[FIRST, FRIDAY, `${FIRST}-monday`].map((volume) => `volume ${volume}`),
            ...["container salespider-restore", "container salespider-postgres-friday"],
        ])
            assert.ok(paused.includes(name), name);
        assert.ok(!names(restoring(), knowing(FIRST)).includes("container salespider-postgres-friday"));
        assert.ok(!names(POSIX, knowing(FIRST)).includes("container salespider-restore"));
    });

    it("goes back to a volume that the stack has, and to no other", async () => {
        const back = { ...POSIX, restore: { volume: FIRST } };
        const stack = await deployed(back, { history: knowing(FIRST, FRIDAY) });
        assert.deepEqual(dataOf(stack, "Container salespider-postgres"), [FIRST]);
        assert.ok(!stack.names.includes(RESTORE));
        assert.throws(
            () => {
                declare(
                    { ...POSIX, restore: { volume: `${FIRST}-sunday` } },
                    { history: knowing(FIRST, FRIDAY) },
                );
            },
            new RegExp(`no data volume ${FIRST}-sunday, but ${FIRST}, ${FRIDAY}`),
        );
        assert.throws(() => {
            declare({ ...POSIX, restore: { volume: FRIDAY } });
        }, UserError);
        // In a new stack the first is as empty as without a word.
        declare({ ...POSIX, restore: { volume: FIRST } });
    });
});

function variables(envs: unknown): Record<string, string> {
    const list: unknown = envs instanceof Secret ? envs.value : envs;
    assert.ok(Array.isArray(list));
    return Object.fromEntries(
        list.map(String).map((entry) => [entry.split("=", 1)[0] ?? "", entry.slice(entry.indexOf("=") + 1)]),
    );
}
