import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { stringify } from "yaml";
import { alertRules, ruleFile } from "../../components/monitoring/alerts";
import { BROKEN, breakAndMend, seen, seriesOf } from "../support/alertCases";
import { once } from "../support/containers";
import { prepared } from "../support/images";
import { prometheusImage } from "../support/prometheusImage";
import { quietWeek } from "../support/quietWeek";
import { NOW } from "../support/repositoryMemory";

const ALERTED = { stack: "prod", name: "shop", rto: 600, rpo: 900 };
const RULES = alertRules(ALERTED);

/** What promtool says of the rules with these tests. */
async function promtool(tests: readonly unknown[]): Promise<string> {
    const files = {
        "rules.yml": stringify(ruleFile(ALERTED)),
        "tests.yml": stringify({ rule_files: ["rules.yml"], evaluation_interval: "1m", tests }),
    };
    const script =
        "mkdir /tmp/t && cd /tmp/t && cat >all && csplit --quiet all '/^%%%$/' && mv xx00 rules.yml && tail -n +2 xx01 >tests.yml && promtool test rules tests.yml";
    const input = `${files["rules.yml"]}%%%\n${files["tests.yml"]}`;
    const { output } = await once(
        await prepared(prometheusImage()),
        ["sh", "-euc", script],
        ["--tmpfs", "/tmp"],
        input,
    );
    return output;
}

describe("alert rules in promtool", function () {
    this.timeout(300_000);

    it("fire for what they tell of, with their labels, and are silent when it is mended", async () => {
        const output = await promtool(
            RULES.map((rule) => {
                const isSilence = rule.alert === "BackupServiceSilent";
                const broken = BROKEN[rule.alert];
                assert.ok(isSilence || broken !== undefined, `${rule.alert} has no case`);
                return breakAndMend(rule, ALERTED.stack, broken);
            }),
        );
        assert.match(output, /SUCCESS/, output);
    });

    it("find what fires in vain: the test of promtool fails then", async () => {
        const [rule] = RULES;
        assert.ok(rule !== undefined);
        const output = await promtool([breakAndMend(rule, ALERTED.stack, seen())]);
        assert.match(output, /FAILED/, output);
    });

    it("are silent while all is well", async () => {
        const series = [...seriesOf(seen(), ALERTED.stack, NOW)].map(([name, value]) => ({
            series: name,
            values: name.startsWith("protection_written") ? `${value}+60x120` : `${value}x120`,
        }));
        const expected = { expr: 'ALERTS{alertstate="firing"}', eval_time: "2h", exp_samples: [] };
        const output = await promtool([
            { interval: "1m", input_series: series, promql_expr_test: [expected] },
        ]);
        assert.match(output, /SUCCESS/, output);
    });

    it("are silent in a week in which backups, verify and drills run by their schedules", async () => {
        const { series, runs } = await quietWeek(ALERTED.stack);
        assert.ok(
            ["full", "diff", "verify", "drill"].every((kind) => runs.includes(kind)),
            runs.join(),
        );
        const expr = 'count_over_time(ALERTS{alertstate="firing"}[7d])';
        const output = await promtool([
            {
                interval: "1m",
                input_series: series,
                promql_expr_test: [{ expr, eval_time: "7d", exp_samples: [] }],
            },
        ]);
        assert.match(output, /SUCCESS/, output);
    });
});
