import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { parse, stringify } from "yaml";
import { builtImage } from "./containers";
import { docker, eventually, mustDocker } from "./docker";
import { prepared } from "./images";
import { prometheusImage } from "./prometheusImage";

const Labels = v.record(v.string(), v.string());
/** What Alertmanager tells people: its webhook. */
const Told = v.object({
    alerts: v.array(v.object({ status: v.picklist(["firing", "resolved"]), labels: Labels })),
});
export type ToldAlert = v.InferOutput<typeof Told>["alerts"][number];
const Series = v.array(v.object({ metric: Labels, value: v.tuple([v.number(), v.string()]) }));
const RuleFile = v.object({
    groups: v.array(
        v.looseObject({ interval: v.string(), rules: v.array(v.looseObject({ for: v.string() })) }),
    ),
});

const PROMETHEUS = {
    global: { scrape_interval: "2s", evaluation_interval: "1s" },
    scrape_config_files: ["stack.yml"],
    rule_files: ["alerts.yml"],
    alerting: { alertmanagers: [{ static_configs: [{ targets: ["127.0.0.1:9093"] }] }] },
};
const [RECEIVER_PORT, SEPARATOR] = [8080, "%%%"];
/** Writes what it gets in its log. */
const RECEIVER = `require("node:http").createServer((request, response) => {
    let body = "";
    request.on("data", (data) => { body += data; }).on("end", () => { console.log(body); response.end(); });
}).listen(${RECEIVER_PORT});`;

/**
 * The rules as they are, but that what they wait for takes seconds in place of minutes, and they are looked at each second: the text of no
 * rule changes.
 */
export function quickened(ruleFile: string): string {
    const { groups } = v.parse(RuleFile, parse(ruleFile));
    const quick = groups.map((group) => ({
        ...{ ...group, interval: "1s" },
        rules: group.rules.map((rule) => ({ ...rule, for: rule.for.replace(/m$/, "s") })),
    }));
    return stringify({ groups: quick });
}

/** A Prometheus and an Alertmanager of Debian's in the network of a stack, as its user would have them, and who is told by them. */
export class Watching {
    private readonly directory = mkdtempSync(join(tmpdir(), "pgbt-prometheus-"));

    private constructor(private readonly prefix: string) {}

    /** @param files the scrape configuration and the rules that the project prints */
    static async start(
        prefix: string,
        files: { readonly scrape: string; readonly rules: string },
    ): Promise<Watching> {
        const watching = new Watching(prefix);
        await watching.start(files);
        return watching;
    }

    private get prometheus(): string {
        return `${this.prefix}-prometheus`;
    }

    private get receiver(): string {
        return `${this.prefix}-receiver`;
    }

    private async start(files: { readonly scrape: string; readonly rules: string }): Promise<void> {
        const url = `http://${this.receiver}:${RECEIVER_PORT}/`;
        const alertmanager = {
            route: {
                receiver: "people",
                group_by: ["..."],
                ...{ group_wait: "0s", group_interval: "1s", repeat_interval: "1h" },
            },
            receivers: [{ name: "people", webhook_configs: [{ url, send_resolved: true }] }],
        };
        const all = {
            "prometheus.yml": stringify(PROMETHEUS),
            "alertmanager.yml": stringify(alertmanager),
            "stack.yml": files.scrape,
            "alerts.yml": quickened(files.rules),
        };
        chmodSync(this.directory, 0o755);
        for (const [name, content] of Object.entries(all)) writeFileSync(join(this.directory, name), content);
        const begin = ["run", "--detach", "--network", this.prefix];
        await mustDocker([
            ...[...begin, "--name", this.receiver, await builtImage(), "node", "-e", RECEIVER],
        ]);
        const both =
            "promtool check config /config/prometheus.yml && cd /tmp && " +
            "{ prometheus-alertmanager --config.file=/config/alertmanager.yml --cluster.listen-address= & } && " +
            "exec prometheus --config.file=/config/prometheus.yml --storage.tsdb.path=/tmp/data";
        const image = await prepared(prometheusImage());
        const config = ["--volume", `${this.directory}:/config:ro`, "--tmpfs", "/tmp"];
        await mustDocker([...begin, "--name", this.prometheus, ...config, image, "sh", "-c", both]);
        const ready = ["promtool", "check", "ready", "--url=http://127.0.0.1:9090"];
        const isReady = async () => (await docker(["exec", this.prometheus, ...ready])).ok;
        await eventually("Prometheus is ready", isReady, 60);
    }

    /** What people were told so far. */
    async told(): Promise<readonly ToldAlert[]> {
        const log = (await docker(["logs", this.receiver])).stdout;
        return log
            .split("\n")
            .filter((line) => line !== "")
            .flatMap((line) => v.parse(Told, JSON.parse(line)).alerts);
    }

    /** What each query gives now: how many series, or nothing where Prometheus refuses it. */
    async counts(queries: readonly string[]): Promise<ReadonlyMap<string, number>> {
        const script = `while IFS= read -r query; do promtool query instant --format=json http://127.0.0.1:9090 "$query"; echo '${SEPARATOR}'; done`;
        const input = queries.map((query) => `${query}\n`).join("");
        const output = await mustDocker(["exec", "--interactive", this.prometheus, "sh", "-c", script], {
            input,
        });
        const answers = output.split(SEPARATOR).slice(0, -1);
        return new Map(
            answers.map((answer, index) => [
                queries[index] ?? "",
                v.parse(Series, JSON.parse(answer.trim())).length,
            ]),
        );
    }

    async logs(): Promise<string> {
        return (await docker(["logs", this.prometheus])).output;
    }

    async stop(): Promise<void> {
        await docker(["rm", "--force", "--volumes", this.prometheus, this.receiver]);
        rmSync(this.directory, { recursive: true, force: true });
    }
}
