import assert from "node:assert/strict";
import fc from "fast-check";
import { after, before, describe, it } from "mocha";
import { COMMANDS, findOption, type OptionRule, OPTIONS, VERSION } from "../../components/pgbackrest/options";
import { checkValue } from "../../components/pgbackrest/value";
import { type Case, Probe } from "../support/probe";

/** What pgBackRest wants beside an option before it looks at its value. */
const COMPANIONS: Readonly<Record<string, readonly string[]>> = {
    s3: ["s3-bucket=b", "s3-endpoint=e", "s3-region=r", "s3-key=k", "s3-key-secret=s"],
    azure: ["azure-account=a", "azure-container=c", "azure-key=aGFsbG8="],
    gcs: ["gcs-bucket=b", "gcs-key=/k"],
    sftp: ["sftp-host=h", "sftp-host-user=u", "sftp-host-key-hash-type=sha1", "sftp-private-key-file=/k"],
};

const full = (base: string, rule: OptionRule): string =>
    rule.group === undefined ? base : base.replace(rule.group, `${rule.group}1`);

/** The lines without which pgBackRest ignores the option. */
function needed(base: string): string[] {
    const depend = OPTIONS.get(base)?.depend;
    const rule = depend === undefined ? undefined : OPTIONS.get(depend.option);
    if (depend === undefined || rule === undefined || rule.section === "command-line" || rule.internal)
        return [];
    const value = depend.values?.[0] ?? rule.default ?? (rule.type === "path" ? "/x" : "x");
    const companions =
        depend.option === "repo-type" ? (COMPANIONS[value] ?? []).map((line) => `repo1-${line}`) : [];
    return [...needed(depend.option), `${full(depend.option, rule)}=${value}`, ...companions];
}

/** A file with the option, and a command that reads it. */
function reading(base: string, rule: OptionRule, value: string): Case {
    const usable = (command: string): boolean => !["annotate", "start", "stop"].includes(command);
    const command = rule.commands?.find(usable) ?? "info";
    const server = command.startsWith("server");
    const always = server
        ? [
              "tls-server-ca-file=/x",
              "tls-server-cert-file=/x",
              "tls-server-key-file=/x",
              "tls-server-auth=x=main",
          ]
        : ["pg1-path=/x"];
    const lines = [...always, ...needed(base), `${full(base, rule)}=${value}`];
    // The last line of a name counts.
    const once = new Map(lines.map((line) => [line.split("=")[0], line]));
    return {
        files: { "pgbackrest.conf": `[${server ? "global" : "main"}]\n${[...once.values()].join("\n")}\n` },
        command: `pgbackrest ${server ? "" : "--stanza=main"} --config=$PWD/pgbackrest.conf ${command}`,
    };
}

/** What pgBackRest says to a bad value of this option. */
function complaint(name: string, rule: OptionRule): { value: string; text: string } | undefined {
    const { type, values, range } = rule;
    const list = values?.map((value) => `'${value}'`).join(", ") ?? "";
    const number = type === "size" ? "8000PiB" : type === "time" ? "9999w" : "99999999999";
    if (type === "boolean") return { value: "maybe", text: `boolean option '${name}' must be 'y' or 'n'` };
    if (type === "path") return { value: "x", text: `'x' must begin with / for '${name}' option` };
    if (values !== undefined) {
        const value = type === "string-id" ? "nonsense" : "3MiB";
        return {
            value,
            text: `'${value}' is not allowed for '${name}' option\nHINT: allowed values are ${list}`,
        };
    }
    if (range !== undefined)
        return {
            value: number,
            text: `'${number}' is out of range for '${name}' option\nHINT: allowed range is ${range.join(" to ")} inclusive`,
        };
    return type === "integer" ? { value: "two", text: `'two' is not valid for '${name}' option` } : undefined;
}

describe("table of options, compared with the real pgbackrest", function () {
    this.timeout(180_000);
    let probe: Probe;
    let version: string;
    before(async () => {
        probe = await Probe.start();
        version = (await probe.bash("pgbackrest version")).replace("pgBackRest ", "");
    });
    after(() => probe.stop());

    /** Nothing may differ from the binary that the table is of; what differs from another one is told. */
    function expectNone(differences: readonly string[], context: Mocha.Context): void {
        if (version !== VERSION && differences.length > 0) {
            console.log(`The table is of ${VERSION}, the image has ${version}:\n${differences.join("\n")}`);
            context.skip();
        }
        assert.equal(differences.join("\n"), "");
    }

    const settable = [...OPTIONS].filter(([, rule]) => rule.section !== "command-line");

    it("is of the same version, or of an older one", async () => {
        const number = (text: string): number => {
            const [major = NaN, minor = NaN] = text.split(".").map(Number);
            return major * 1000 + minor;
        };
        const note = await probe.bash("cat /usr/local/share/pgbackrest/stable 2>/dev/null || true");
        assert.ok(number(version) >= number(VERSION), note);
    });

    it("has the same options for each command, with the same defaults", async function () {
        const commands = COMMANDS.filter((command) => command !== "help");
        const helps = await probe.run(
            commands.map((command) => ({ files: {}, command: `pgbackrest help ${command}` })),
        );
        const seen = new Set<string>();
        const differences: string[] = [];
        for (const [index, help] of helps.entries()) {
            const command = commands[index] ?? "";
            const text = help.replaceAll(/\n {10,}/g, " ");
            for (const [, base = "", rest = ""] of text.matchAll(/^ {2}--([a-z0-9-]+) *(.*)$/gm)) {
                const rule = OPTIONS.get(base);
                seen.add(base);
                if (rule?.commands?.includes(command) === false || rule === undefined)
                    differences.push(`${command} reads ${base}`);
                const shown = /\[default=(.*)\]/.exec(rest)?.[1];
                if (
                    rule !== undefined &&
                    rule.section !== "command-line" &&
                    shown !== undefined &&
                    (rule.default ?? shown) !== shown
                )
                    differences.push(`default of ${base} is ${shown}`);
            }
        }
        for (const [base, rule] of settable)
            if (rule.internal !== true && !seen.has(base)) differences.push(`no command reads ${base}`);
        expectNone(differences, this);
    });

    it("has the same types, values and ranges", async function () {
        const tries = settable.flatMap(([base, rule]) => {
            const expected =
                base === "pg-local" || base === "repo-local" ? undefined : complaint(full(base, rule), rule);
            return expected === undefined ? [] : [{ base, rule, expected }];
        });
        const outputs = await probe.run(
            tries.map(({ base, rule, expected }) => reading(base, rule, expected.value)),
        );
        const wrong = tries.flatMap(({ base, expected }, index) =>
            outputs[index]?.replaceAll(/\n +/g, "\n").includes(expected.text) === true
                ? []
                : [`${base}: expected ${expected.text}\n  but it says ${outputs[index] ?? "nothing"}`],
        );
        expectNone(wrong, this);
        assert.ok(tries.length > 70, String(tries.length));
    });

    it("has the same old names", async function () {
        const old = settable.flatMap(([base, rule]) =>
            (rule.deprecated ?? []).map((name) => ({ base, rule, written: name.replace("?", "1") })),
        );
        const value = (rule: OptionRule): string =>
            rule.default ?? rule.values?.[0] ?? rule.range?.[0] ?? "/x";
        const outputs = await probe.run(
            old.map(({ base, rule, written }) => {
                const { files, command } = reading(base, rule, value(rule));
                const text = files["pgbackrest.conf"] ?? "";
                return { files: { "pgbackrest.conf": `${text}${written}=${value(rule)}\n` }, command };
            }),
        );
        for (const { base, rule, written } of old) {
            const found = findOption(written);
            assert.ok(typeof found !== "string", written);
            assert.equal(found.name, full(base, rule));
        }
        const unknown = old.flatMap(({ written }, index) =>
            outputs[index]?.includes("contains duplicate options") === true
                ? []
                : [`${written}: ${outputs[index] ?? "nothing"}`],
        );
        expectNone(unknown, this);
    });

    it("never lets a value through that pgbackrest refuses", async function () {
        const digits = fc.integer({ min: -10, max: 2000 }).map(String);
        const unit = fc.constantFrom(
            "",
            "B",
            "k",
            "KiB",
            "MB",
            "gib",
            "T",
            "P",
            "ms",
            "s",
            "m",
            "H",
            "d",
            "w",
            "x",
            " MiB",
            ".5GiB",
        );
        const number = fc.tuple(digits, unit).map(([a, b]) => a + b);
        const word = fc.oneof(
            number,
            fc.constantFrom(
                "y",
                "n",
                "Y",
                "true",
                "lz4",
                "ZST",
                "zst",
                "off",
                "/x",
                "/x/",
                "//x",
                "x",
                "a=b",
                "=",
            ),
        );
        const names = [
            "archive-push-queue-max",
            "manifest-save-threshold",
            "buffer-size",
            "archive-timeout",
            "db-timeout",
            "job-retry",
            "process-max",
            "tcp-keep-alive-count",
            "compress-type",
            "log-level-console",
            "archive-async",
            "tls-server-ca-file",
            "annotation",
        ];
        const pairs = fc.sample(fc.tuple(fc.constantFrom(...names), word), 500);
        const accepted = pairs.filter(([name, value]) => {
            const option = findOption(name);
            assert.ok(typeof option !== "string");
            return checkValue(option, value) === undefined;
        });
        assert.ok(accepted.length > 20);
        const outputs = await probe.run(
            accepted.map(([name, value]) =>
                reading(name, OPTIONS.get(name) ?? { type: "", section: "" }, value),
            ),
        );
        const refused = accepted.flatMap((pair, index) =>
            /\[03[0-2]\]|\[029\]|contains/.test(outputs[index] ?? "")
                ? [`${pair.join("=")}: ${outputs[index] ?? ""}`]
                : [],
        );
        expectNone(refused, this);
    });
});
