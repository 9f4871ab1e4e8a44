import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, it } from "mocha";
import { parse } from "yaml";
import { alertRules } from "../../components/monitoring/alerts";
import { panels } from "../../components/monitoring/dashboard";
import { anchorsOf } from "../../toolchain/links";
import { alertsOf, dashboardAnswer, watched } from "../../toolchain/operations/monitoring";
import type { Answer } from "../../toolchain/operations/operation";
import { BROKEN, seen, seriesOf } from "../support/alertCases";

const ROOT = resolve(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const ALERTED = { stack: "prod", name: "shop", rto: 600, rpo: 900 };
const RULES = alertRules(ALERTED);
const textOf = ({ lines }: Answer): string => lines.filter((line) => typeof line === "string").join("\n");
const NAMES = new Set([...seriesOf(seen(), "prod", 0).keys()].map((series) => series.split("{")[0]));

describe("alert rules", () => {
    const queries = panels("prod").flatMap((panel) => panel.queries.map(([expr]) => expr));
    it("and the dashboard ask for figures that there are, of their stack", () => {
        for (const expr of [...RULES.map((rule) => rule.expr), ...queries]) {
            const asked = [...expr.matchAll(/protection_\w+(\{[^}]*\})?/g)];
            assert.ok(asked.length > 0, expr);
            for (const [selector = "", labels = ""] of asked) {
                // The one figure that a stack in which all is well does not have.
                const name = selector.split("{")[0] ?? "";
                assert.ok(NAMES.has(name) || name === "protection_data_volume_hours_left", name);
                assert.ok(labels.includes('job="protection",stack="prod"'), selector);
            }
        }
    });

    it("lead each to a section of the page on health, and have each a case and their line in docs/alerts.md", () => {
        const anchors = anchorsOf(read("docs/health.md"));
        const page = read("docs/alerts.md");
        for (const { alert, annotations } of RULES) {
            const [file, anchor = ""] = annotations.runbook.split("#");
            assert.equal(file, "docs/health.md");
            assert.ok(anchors.has(anchor), `${alert}: ${anchor}`);
            assert.ok(alert === "BackupServiceSilent" || alert in BROKEN, alert);
            assert.ok(page.includes(`\`${alert}\``), `docs/alerts.md: ${alert}`);
        }
    });

    it("know of a recovery time and point only what the stack wants", () => {
        const own = { "a-b": { rto: 60 }, nas: {} };
        const ofOwn = alertRules({ ...ALERTED, own }).find(({ alert }) => alert === "RecoveryTimeExceeded");
        assert.match(
            ofOwn?.expr ?? "",
            /^\w+\{[^}]*,repository!~"a-b\|nas"\} > 600 or \w+\{[^}]*,repository="a-b"\} > 60$/,
        );
        const without = alertRules({ ...ALERTED, rto: undefined, rpo: undefined }).map(({ alert }) => alert);
        assert.deepEqual(
            RULES.map(({ alert }) => alert).filter((alert) => !without.includes(alert)),
            ["RecoveryTimeExceeded", "RecoveryPointExceeded"],
        );
    });
});

describe("ops alerts and ops dashboard", () => {
    const outputs = (more: Record<string, unknown> = {}) => ({
        ...{ ok: true, all: "" },
        stdout: JSON.stringify({
            description: { name: "shop", drill: { schedule: "", rto: 600 } },
            monitoring: { address: "shop-backup:9464" },
            ...more,
        }),
    });

    it("print the file of rules, and what Grafana imports", () => {
        const found = watched("prod", outputs());
        assert.ok(!("status" in found));
        assert.deepEqual(found, { stack: "prod", name: "shop", rto: 600, rpo: undefined });
        const file: unknown = parse(textOf(alertsOf(found)));
        assert.deepEqual(file, {
            groups: [
                {
                    ...{ name: "protection-prod", interval: "30s" },
                    rules: alertRules(found),
                },
            ],
        });
        const text = textOf(dashboardAnswer(found));
        assert.ok(text.includes('"title": "Protection of shop (prod)"'));
        assert.doesNotThrow(() => {
            JSON.parse(text);
        });
    });

    it("say what to do where there are no metrics, and why nothing can be told", () => {
        const without = watched("prod", outputs({ monitoring: undefined }));
        assert.ok("status" in without && without.status === 1);
        assert.match(textOf(without), /serves no metrics: .*pgbackrest:monitoring\.metrics on/);
        const never = watched("prod", { ok: true, all: "", stdout: "{}" });
        assert.ok("status" in never && never.status === 2);
        const away = watched("prod", { ok: false, all: "no stack named prod", stdout: "" });
        assert.ok("status" in away && textOf(away).includes("no stack named prod"));
    });
});
