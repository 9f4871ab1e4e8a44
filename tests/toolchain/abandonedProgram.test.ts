import { execa } from "execa";
import { after, before, describe, it } from "mocha";
import { ensureToolchain } from "../../toolchain/setup";
import { processes, processFile } from "../e2e/processes";
import { eventually } from "../support/docker";
import { TestStack } from "../support/stack";

/** Goes on speaking when nobody listens any more, as the SDK does of errors, and of errors in saying so. */
const TALKATIVE = `
import * as pulumi from "@pulumi/pulumi";
const speak = () => {
    void pulumi.log.info("I am here");
    process.stderr.write("I am here, too\\n");
};
export const outputs = (async () => {
    process.on("uncaughtException", speak);
    for (;;) {
        speak();
        await new Promise((resolve) => setTimeout(resolve, 10));
    }
})();
`;

describe("the program of an engine that was killed", function () {
    this.timeout(60_000);
    let stack: TestStack;
    before(async () => {
        await ensureToolchain({ docker: false, baseImage: false });
        stack = await TestStack.create({});
        stack.edit("index.ts", () => TALKATIVE);
    });
    after(() => {
        for (const pid of ours()) process.kill(pid, "SIGKILL");
        return stack.remove();
    });
    const ours = (): readonly number[] => {
        const mark = `PULUMI_BACKEND_URL=${String(stack.environment["PULUMI_BACKEND_URL"])}`;
        return processes().filter((pid) => processFile(pid, "environ").includes(mark));
    };

    it("ends as well, whatever it has to say", async () => {
        const engine = execa("pulumi", ["preview", "--non-interactive"], {
            cwd: stack.directory,
            env: stack.environment,
            reject: false,
            all: true,
        });
        let said = "";
        engine.all.on("data", (text: Buffer) => (said += text.toString()));
        await eventually("the program speaks", () => Promise.resolve(said.includes("I am here")), 40);
        engine.kill("SIGKILL");
        await engine;
        await eventually("no process is left", () => Promise.resolve(ours().length === 0), 5);
    });
});
