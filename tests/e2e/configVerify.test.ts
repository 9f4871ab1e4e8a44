import assert from "node:assert/strict";
import { chownSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "mocha";
import { readUpgrades } from "../../toolchain/operations/packages";
import { docker, mustDocker } from "../support/docker";
import { mainStack, PASSWORD, type MainStack } from "./mainStack";

describe("npm run ops -- config verify", function () {
    this.timeout(120_000);
    let main: MainStack;
    let repair: string;
    before(async () => {
        main = await mainStack();
        repair = `docker start --attach ${main.running.name("setup")}`;
    });

    /** The command as its users run it: how it ends and what it says. */
    const verify = () => main.stack.launch(["config", "verify"], "ops").ended;
    const inVolume = async (script: string): Promise<void> => {
        const volume = `${main.stack.name}-pgbackrest-config:/volume`;
        const image = await main.running.inspect("postgres", "{{.Image}}");
        const run = ["run", "--rm", "--user", "0", "--volume", volume, "--workdir", "/volume"];
        await mustDocker([...run, image, "sh", "-euc", script]);
    };
    /** It finds this, says no secret and how to repair it; that does so, and nothing is left of the comparison. */
    async function driftOf(...found: readonly RegExp[]): Promise<void> {
        const drift = await verify();
        assert.equal(drift.exitCode, 1, drift.output);
        for (const line of found) assert.match(drift.output, line);
        assert.ok(drift.output.includes(repair), drift.output);
        assert.ok(!drift.output.includes(PASSWORD) && !drift.output.includes("PRIVATE KEY"), drift.output);
        const services = await main.running.services();
        const mended = await docker(repair.split(" ").slice(1));
        assert.ok(mended.ok, mended.output);
        const again = await verify();
        assert.equal(again.exitCode, 0, again.output);
        assert.deepEqual(await main.running.services(), services);
        const left = await mustDocker(["ps", "--all", "--format", "{{.Names}}"]);
        assert.ok(!left.includes(`${main.stack.name}-setup-verify`), left);
    }

    it("finds nothing where nothing is wrong", async () => {
        const { exitCode, output } = await verify();
        assert.equal(exitCode, 0, output);
        assert.match(output, /is what the stack declares: revision [0-9a-f]{16}/);
    });

    it("finds files that somebody has edited, added and removed, also secret ones", async () => {
        await inVolume(
            "sed -i '$ s/.$//' current/files/*.key; echo 'x' >>current/pgbackrest.conf; rm current/schedules; touch current/mine",
        );
        await driftOf(
            /^ {2}files\/\S+\.key: has another content$/m,
            /^ {2}pgbackrest\.conf: has another content$/m,
            /^ {2}schedules: missing$/m,
            /^ {2}mine: was not published by setup$/m,
        );
    });

    it("finds a volume that was emptied", async () => {
        await inVolume("find . -mindepth 1 -delete");
        await driftOf(/current: nothing is published/);
    });

    it("finds an older revision in force", async () => {
        await inVolume(
            'old=revisions/20200101T000000Z-0123456789abcdef; cp -a "$(readlink current)" "$old"; ln -sfn "$old" current',
        );
        await driftOf(/current: revision 0123456789abcdef is published, and [0-9a-f]{16} was wanted/);
    });

    it("finds an up that failed, which only an up repairs", async () => {
        const { stack } = main;
        const archive = join(main.repository, "archive");
        const settings = stack.setting("settings");
        chownSync(archive, 0, 0);
        stack.configure({ settings: { work_mem: "5MB" } });
        try {
            assert.equal((await stack.up()).ok, false);
            const { exitCode, output } = await verify();
            assert.equal(exitCode, 1, output);
            assert.match(
                output,
                /the last `up` did not come to its end[^]*npm run pulumi -- up --stack pgbt-\w+$/m,
            );
        } finally {
            chownSync(archive, 999, 999);
            stack.configure({ settings });
        }
        await stack.mustUp();
        assert.equal((await verify()).exitCode, 0);
    });

    it("cannot tell without the setup container, and says how to get it back", async () => {
        const { running, stack } = main;
        const services = await running.services();
        await mustDocker(["rm", running.name("setup")]);
        const { exitCode, output } = await verify();
        assert.equal(exitCode, 2, output);
        assert.match(output, /CANNOT TELL[^]*npm run pulumi -- up --stack pgbt-\w+ --refresh$/m);
        const up = await stack.up("--refresh");
        assert.ok(up.ok, up.output);
        assert.equal((await verify()).exitCode, 0);
        assert.deepEqual(await running.services(), services);
    });
});

describe("npm run ops -- packages verify", function () {
    this.timeout(120_000);

    it("asks the sources of packages whether PostgreSQL in the image is old", async () => {
        const { stack, running } = await mainStack();
        const { exitCode, output } = await stack.launch(["packages", "verify"], "ops").ended;
        // Its layers may be of another day.
        assert.match(
            output,
            exitCode === 0
                ? /^PostgreSQL of \S+ is the newest of its major version\./m
                : /^OLD: .*\n( {2}(postgresql|pgbackrest)\S* \S+: there is \S+\n)+/m,
        );
        assert.ok(exitCode === 0 || exitCode === 1, output);

        const image = await running.inspect("postgres", "{{.Image}}");
        const older =
            "sed -i '/^Package: postgresql-17$/,/^Version:/ s/^Version: .*/Version: 17.0-1/' /var/lib/dpkg/status";
        const asked = `${older} && apt-get --option APT::Sandbox::User=root update >&2 && apt-get --simulate upgrade`;
        const said = await mustDocker(["run", "--rm", "--user", "0", image, "sh", "-euc", asked]);
        assert.equal(
            readUpgrades(said).find(({ name }) => name === "postgresql-17")?.installed,
            "17.0-1",
            said,
        );
    });
});
