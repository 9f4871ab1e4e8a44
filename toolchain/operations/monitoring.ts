import * as v from "valibot";
import { stringify } from "yaml";
import { type Alerted, alertRules, ruleFile } from "../../components/monitoring/alerts";
import { dashboard, panels } from "../../components/monitoring/dashboard";
import { attempt } from "../run";
import { parsed } from "./findStack";
import { type Answer, cannotTell, type Given, type Operation } from "./operation";
import { upCommand } from "./verdict";

const statuses: Operation["statuses"] = [
    "it was printed",
    "the stack serves no metrics that it could be made from",
    "it cannot be told",
];

export const alerts: Operation = {
    name: "alerts",
    summary: "Alert rules of the stack for Prometheus: a file for rule_files.",
    examples: ["alerts", "alerts --stack prod --json | jq '.rules[].alert'"],
    statuses,
    run: async (given) => {
        const stack = await metricsOf(given);
        return "status" in stack ? stack : alertsOf(stack);
    },
};

export const dashboardOf: Operation = {
    name: "dashboard",
    summary: "A dashboard of the stack that Grafana imports.",
    examples: ["dashboard", "dashboard --stack prod --json | jq '.queries[]'"],
    statuses,
    run: async (given) => {
        const stack = await metricsOf(given);
        return "status" in stack ? stack : dashboardAnswer(stack);
    },
};

const goals = { rto: v.optional(v.number()), rpo: v.optional(v.number()) };

/** What of the outputs alerts and dashboard follow from. The description is marked as a secret because it is long; it has none. */
const Outputs = v.object({
    monitoring: v.optional(v.unknown()),
    description: v.object({
        name: v.string(),
        drill: v.optional(
            v.object({ ...goals, repositories: v.optional(v.record(v.string(), v.object(goals))) }),
            {},
        ),
    }),
});

export interface Watched {
    readonly stack: string;
    readonly name: string;
    readonly rto: number | undefined;
    readonly rpo: number | undefined;
    readonly own?: NonNullable<Alerted["own"]>;
}

async function metricsOf({ directory, stack, environment }: Given): Promise<Watched | Answer> {
    const told = await attempt("pulumi", ["stack", "output", "--json", "--show-secrets", "--stack", stack], {
        cwd: directory,
        environment,
        timeoutSeconds: 60,
    });
    return watched(stack, told);
}

export function watched(
    stack: string,
    told: { readonly ok: boolean; readonly stdout: string; readonly all: string },
): Watched | Answer {
    const what = "what there is to watch";
    if (!told.ok) return cannotTell(what, told.all.trim());
    const outputs = v.safeParse(Outputs, parsed(told.stdout));
    if (!outputs.success) return cannotTell(what, `the stack was never brought up: ${upCommand(stack)}`);
    const { monitoring, description } = outputs.output;
    const { rto, rpo, repositories: own } = description.drill;
    if (monitoring !== undefined)
        return { stack, name: description.name, rto, rpo, ...(own === undefined ? {} : { own }) };
    const error = `the stack ${stack} serves no metrics: npm run pulumi -- config set --path pgbackrest:monitoring.metrics on --stack ${stack}, then ${upCommand(stack)}`;
    return { status: 1, lines: [error], data: { error } };
}

export function alertsOf(stack: Watched): Answer {
    return {
        status: 0,
        lines: stringify(ruleFile(stack), { lineWidth: 0 }).trimEnd().split("\n"),
        data: { rules: alertRules(stack) },
    };
}

export function dashboardAnswer({ stack, name }: Watched): Answer {
    return {
        status: 0,
        lines: JSON.stringify(dashboard(stack, name), undefined, 2).split("\n"),
        data: { queries: panels(stack).flatMap(({ queries }) => queries.map(([expr]) => expr)) },
    };
}
