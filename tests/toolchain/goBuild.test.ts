import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import {
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { partProgram, parts } from "../../toolchain/closedNetwork/parts";
import { cacheDirectory, root } from "../../toolchain/paths";
import { isAlive } from "../../toolchain/processes";
import { until } from "./throwaway";

/** With a `go` that only pretends: what matters is what is there afterwards. */
describe("building with Go", function () {
    this.timeout(30_000);
    let directory: string;
    let environment: Record<string, string>;

    beforeEach(() => {
        directory = mkdtempSync(join(tmpdir(), "pgbackrest-build-"));
        mkdirSync(join(directory, "bin"));
        environment = {
            PATH: `${join(directory, "bin")}:${process.env["PATH"] ?? ""}`,
            HOME: directory,
            XDG_CACHE_HOME: join(directory, "cache"),
        };
    });
    afterEach(() => {
        rmSync(directory, { recursive: true, force: true });
    });

    const fakeGo = (build: string): void => {
        const script = `#!/bin/sh
if [ "$1" = env ]; then echo "${directory}/no-such-cache"; exit; fi
echo "$$ $GOMODCACHE" >> "${directory}/builds"
${build}
`;
        writeFileSync(join(directory, "bin", "go"), script, { mode: 0o755 });
    };
    const start = (): { child: ChildProcess; status: Promise<number | null> } => {
        const helper = join(root, "tests", "toolchain", "buildHelper.ts");
        const child = spawn(process.execPath, ["--import", "tsx", helper], {
            cwd: root,
            env: environment,
            stdio: "ignore",
        });
        return { child, status: new Promise((resolve) => child.on("exit", resolve)) };
    };
    const builds = (): readonly string[] =>
        existsSync(join(directory, "builds"))
            ? readFileSync(join(directory, "builds"), "utf8").trim().split("\n")
            : [];
    const program = (): string => partProgram(parts.proxy, environment);
    const temporary = (): readonly string[] =>
        readdirSync(cacheDirectory(environment)).filter((entry) => entry.startsWith("build-"));

    // `go build -o FILE ...`
    const works = 'sleep 1; echo "#!/bin/sh" > "$3"; chmod +x "$3"';

    it("is done once by two runs at once, and leaves the program and nothing temporary", async () => {
        fakeGo(works);
        assert.deepEqual(await Promise.all([start().status, start().status]), [0, 0]);
        assert.equal(builds().length, 1);
        assert.deepEqual(readdirSync(dirname(program())), ["provider-proxy"]);
        assert.deepEqual(temporary(), []);
        assert.match(
            builds()[0] ?? "",
            /pgbackrest-pulumi\/build-\d+-\w+\/modules$/,
            "the user had no caches of Go: temporary ones",
        );
    });

    it("that fails leaves no program, and the next one builds it", async () => {
        fakeGo('echo half > "$3"; exit 1');
        assert.equal(await start().status, 1);
        assert.ok(!existsSync(program()));
        assert.deepEqual(temporary(), []);
        fakeGo(works);
        assert.equal(await start().status, 0);
        assert.deepEqual(readdirSync(dirname(program())), ["provider-proxy"]);
    });

    it("that is interrupted ends Go, leaves nothing half, and says so with its status", async () => {
        fakeGo('echo half > "$3"; exec sleep 300');
        const { child, status } = start();
        await until("Go runs", () => builds().length === 1);
        child.kill("SIGINT");
        assert.equal(await status, 130);
        assert.equal(isAlive(Number.parseInt(builds()[0] ?? "", 10)), false);
        assert.ok(!existsSync(program()));
        assert.deepEqual(temporary(), []);
    });

    it("that is killed is cleared up by the next run", async () => {
        fakeGo('echo half > "$3"; exec sleep 300');
        const { child, status } = start();
        await until("Go runs", () => builds().length === 1);
        child.kill("SIGKILL");
        await status;
        assert.equal(temporary().length, 1);
        process.kill(Number.parseInt(builds()[0] ?? "", 10), "SIGKILL");
        fakeGo(works);
        assert.equal(await start().status, 0);
        assert.deepEqual(temporary(), []);
        assert.deepEqual(readdirSync(dirname(program())), ["provider-proxy"]);
    });
});
