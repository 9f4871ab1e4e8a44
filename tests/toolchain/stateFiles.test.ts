import assert from "node:assert/strict";
import {
    existsSync,
    mkdirSync,
    readdirSync,
    readFileSync,
    rmSync,
    truncateSync,
    writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "mocha";
import { heal } from "../../toolchain/heal";
import { checkpointFile, lockDirectory, mendStateFiles } from "../../toolchain/stateFiles";
import { ensureToolchain } from "../../toolchain/setup";
import { projectName, stack, Throwaway } from "./throwaway";

const UP = ["up", "--yes", "--skip-preview"];
const OUTPUT = ["stack", "output"];
const HISTORY = ["stack", "history", "--page-size", "1"];

describe("a state that a command left half written when it was killed", function () {
    this.timeout(60_000);
    let project: Throwaway;
    before(async () => {
        await ensureToolchain();
        project = await Throwaway.create('export const name = new random.RandomPet("pet").id;');
        await project.must(...UP);
    });
    after(() => project.remove());

    const place = () => {
        const { backend, environment, directory } = project;
        return { project: directory, projectName, stack, backend, environment };
    };
    const mended = async (): Promise<string> => {
        const said: string[] = [];
        mendStateFiles(place(), (text) => said.push(text));
        await heal(place(), (text) => said.push(text));
        return said.join("\n");
    };
    const historyEntries = (): readonly string[] => {
        const directory = join(project.backend, ".pulumi", "history", projectName, stack);
        return readdirSync(directory)
            .filter((file) => file.endsWith(".history.json"))
            .sort()
            .map((file) => join(directory, file));
    };
    /** What `leave` leaves stops each of the commands, and none any more once it is put right. */
    const heals = async (
        leave: () => void,
        commands: readonly (readonly string[])[],
        words: RegExp,
    ): Promise<void> => {
        leave();
        for (const command of commands)
            assert.equal((await project.pulumi(...command)).ok, false, `in the way of ${command.join(" ")}`);
        assert.match(await mended(), words);
        for (const command of commands) await project.must(...command);
        assert.equal(await mended(), "", "nothing is left to put right");
    };

    it("with empty attributes of the state and of the history is used again", () =>
        heals(
            () => {
                for (const file of [checkpointFile(place()), ...historyEntries()])
                    truncateSync(`${file}.attrs`);
            },
            [OUTPUT, HISTORY],
            /mended/,
        ));

    it("with an empty version, entry of the history and attributes of the version, too", async () => {
        const meta = join(project.backend, ".pulumi", "meta.yaml");
        await heals(
            () => {
                truncateSync(meta);
                for (const file of historyEntries()) truncateSync(file);
            },
            [HISTORY],
            /mended/,
        );
        await heals(
            () => {
                truncateSync(`${meta}.attrs`);
            },
            [OUTPUT],
            /mended/,
        );
    });

    it("with locks that are not whole is unlocked", () =>
        heals(
            () => {
                mkdirSync(lockDirectory(place()), { recursive: true });
                for (const name of ["a.json", "b.json.18b.tmp"])
                    writeFileSync(join(lockDirectory(place()), name), "");
            },
            [UP],
            /lock of the stack: unlocked/,
        ));

    it("cut off in the middle is that of the newest copy that is whole", async () => {
        const file = checkpointFile(place());
        const whole = readFileSync(file, "utf8");
        await heals(
            () => {
                writeFileSync(file, whole.slice(0, whole.length / 2));
                truncateSync(`${file}.bak`);
            },
            [["preview", "--expect-no-changes"]],
            /that of 20\S+ is in force again/,
        );
        assert.equal(existsSync(`${file}.damaged`), true, "the damaged one is kept");
        assert.deepEqual(JSON.parse(readFileSync(file, "utf8")), JSON.parse(whole));
    });

    it("that never was whole is out of the way of a new one", async () => {
        const file = checkpointFile(place());
        for (const directory of ["backups", "history"])
            rmSync(join(project.backend, ".pulumi", directory), { recursive: true });
        for (const name of readdirSync(dirname(file))) rmSync(join(dirname(file), name));
        writeFileSync(file, "");
        assert.equal((await project.pulumi("stack", "init", stack)).ok, false, "it is in the way");
        assert.match(await mended(), /there is no copy of it/);
        await project.must("stack", "init", stack);
    });
});
