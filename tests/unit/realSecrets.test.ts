import assert from "node:assert/strict";
import fc from "fast-check";
import { after, before, describe, it } from "mocha";
import { OPTIONS } from "../../components/pgbackrest/options";
import { renderRepo } from "../../components/pgbackrest/repository";
import { checkText } from "../../components/pgbackrest/value";
import { fileEnvironment } from "../../components/publication/publication";
import { renderRepositories } from "../../components/protection/state";
import { PRIVATE_KEY } from "../e2e/certificate";
import { Probe } from "../support/probe";

/** All that pgBackRest calls secure, without `repo-`; an endpoint, which it does too, is part of a place that people read. */
const SECURE = [...OPTIONS]
    .filter(([name, rule]) => rule.secure === true && !name.endsWith("-endpoint"))
    .map(([name]) => name.slice("repo-".length));

const secret = fc
    .string({ minLength: 12, maxLength: 60, unit: "grapheme" })
    .filter((text) => checkText(text) === undefined && !text.includes("redacted"));

const exported = (variables: Readonly<Record<string, string>>): string[] =>
    Object.entries(variables).map(
        ([name, value]) =>
            `printf -v ${name} %s "$(base64 -d <<<${Buffer.from(value).toString("base64")}; echo .)"; ${name}=\${${name}%.}`,
    );

describe("what setup prints", function () {
    this.timeout(60_000);
    let probe: Probe;
    before(async () => {
        probe = await Probe.start();
    });
    after(() => probe.stop());

    /** `text` as setup prints it when it has these variables. */
    async function printed(variables: Readonly<Record<string, string>>, text: string): Promise<string> {
        const script = [
            ". /usr/local/lib/pgbackrest/render.sh",
            ...exported({ ...variables, text }),
            'redact "$text" | base64 -w 0',
        ];
        return Buffer.from(await probe.bash(script.join("\n")), "base64").toString("utf8");
    }

    it("has no value of any option that is secure, from a file or from a variable", async () => {
        const values = fc.sample(fc.array(secret, { minLength: SECURE.length, maxLength: SECURE.length }), 4);
        for (const list of values) {
            const options = new Map(SECURE.map((name, index) => [name, list[index] ?? ""]));
            const text = [...options].map(([name, value]) => `before ${name} ${value} after`).join("\n");
            const conf = { name: "conf.d/repo.conf", content: renderRepo([{ number: 1, options }]) };
            const variables = [...options].map(([name, value]): [string, string] => [
                `PGBACKREST_REPO1_${name.replaceAll("-", "_").toUpperCase()}`,
                value,
            ]);
            for (const way of [fileEnvironment([conf]), Object.fromEntries(variables)]) {
                const shown = await printed(way, text);
                for (const value of list) assert.ok(!shown.includes(value), shown);
                assert.equal(shown.match(/<redacted>/g)?.length, SECURE.length);
            }
        }
    });

    it("has no line of a secret file, and no text of one that is JSON", async () => {
        const json = JSON.stringify({ type: "service_account", private_key: PRIVATE_KEY });
        const lines = PRIVATE_KEY.trim().split("\n");
        const text = lines.map((line) => `error: ${line}: bad`).join("\n");
        for (const content of [PRIVATE_KEY, json]) {
            const shown = await printed(fileEnvironment([{ name: "x.key", content }]), text);
            for (const line of lines) assert.ok(!shown.includes(line), shown);
            assert.equal(shown.match(/error: <redacted>: bad/g)?.length, lines.length);
        }
    });

    it("has places and names as they are", async () => {
        const content = renderRepositories([{ name: "local", number: 1, place: "posix:volume x" }]);
        const shown = await printed(fileEnvironment([{ name: "repositories.json", content }]), content);
        assert.equal(shown.trim(), content.trim());
    });
});
