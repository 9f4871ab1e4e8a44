import { seriesOf } from "./scrape";

interface Panel {
    readonly title: string;
    readonly type: "stat" | "timeseries" | "state-timeline" | "table";
    readonly unit: string;
    /** Query, and what its series are called. */
    readonly queries: readonly (readonly [expr: string, legend: string])[];
}

/** What a dashboard of one stack shows, from what matters first to what explains it. */
export function panels(stack: string): Panel[] {
    const of = seriesOf(stack);
    const age = (figure: string): string => `time() - (${of(figure)} > 0)`;
    return [
        { title: "Protected", type: "stat", unit: "bool_yes_no", queries: [[of("protected"), "protected"]] },
        {
            title: "For so long",
            type: "stat",
            unit: "s",
            queries: [[age("since_timestamp_seconds"), "since"]],
        },
        {
            title: "Age of the newest backup",
            type: "stat",
            unit: "s",
            queries: [[age("backup_timestamp_seconds"), "{{repository}} {{kind}}"]],
        },
        {
            title: "Until the next backup",
            type: "stat",
            unit: "s",
            queries: [[`${of("backup_due_timestamp_seconds")} - time()`, "{{repository}} {{kind}}"]],
        },
        {
            title: "What is wrong",
            type: "state-timeline",
            unit: "bool_yes_no",
            queries: [
                [`sum by (cause) (${of("cause")})`, "{{cause}}"],
                [of("run_failing"), "{{run}} fails"],
            ],
        },
        {
            title: "Repositories",
            type: "state-timeline",
            unit: "bool_yes_no",
            queries: [
                [of("configuration_in_force"), "{{repository}} takes WAL"],
                [of("repository_trouble"), "{{repository}}: {{trouble}}"],
            ],
        },
        {
            title: "WAL that waits",
            type: "timeseries",
            unit: "bytes",
            queries: [[of("wal_backlog_bytes"), "waiting"]],
        },
        {
            title: "WAL that is missing",
            type: "timeseries",
            unit: "short",
            queries: [[of("wal_missing_segments"), "{{repository}}"]],
        },
        {
            title: "Size",
            type: "timeseries",
            unit: "bytes",
            queries: [
                [of("repository_backup_bytes"), "backups in {{repository}}"],
                [of("repository_wal_bytes"), "WAL in {{repository}}"],
                [of("database_bytes"), "database"],
            ],
        },
        {
            title: "Backups add a day",
            type: "timeseries",
            unit: "bytes",
            queries: [[of("repository_added_bytes_per_day"), "{{repository}}"]],
        },
        {
            title: "Until a credential ends",
            type: "stat",
            unit: "s",
            queries: [[`${of("credential_end_timestamp_seconds")} - time()`, "{{setting}} {{repository}}"]],
        },
        {
            title: "Backups",
            type: "timeseries",
            unit: "short",
            queries: [[of("repository_backups"), "{{repository}}"]],
        },
        {
            title: "Room for data",
            type: "timeseries",
            unit: "bytes",
            queries: [[of("data_volume_free_bytes"), "free"]],
        },
        {
            title: "Drills",
            type: "timeseries",
            unit: "s",
            queries: [
                [of("drill_recovery_time_seconds"), "recovery time {{repository}}"],
                [of("drill_recovery_point_seconds"), "recovery point {{repository}}"],
            ],
        },
        {
            title: "Age of the last verify",
            type: "stat",
            unit: "s",
            queries: [[age("verify_timestamp_seconds"), "{{repository}}"]],
        },
    ];
}

const WIDTH = 24;
/** By how much of the width they need. */
const SIZES = { stat: [6, 5], timeseries: [12, 8], "state-timeline": [24, 8], table: [24, 8] } as const;

/** A dashboard as Grafana imports it; it asks for the source of data then. */
export function dashboard(stack: string, name: string): unknown {
    let [x, y, rowHeight] = [0, 0, 0];
    const source = { type: "prometheus", uid: "${DS_PROMETHEUS}" };
    const placed = panels(stack).map(({ title, type, unit, queries }, index) => {
        const [w, h] = SIZES[type];
        if (x + w > WIDTH) [x, y, rowHeight] = [0, y + rowHeight, 0];
        const gridPos = { x, y, w, h };
        [x, rowHeight] = [x + w, Math.max(rowHeight, h)];
        return {
            ...{ id: index + 1, title, type, gridPos, datasource: source },
            fieldConfig: { defaults: { unit }, overrides: [] },
            targets: queries.map(([expr, legendFormat], number) => ({
                ...{ expr, legendFormat, datasource: source, refId: String.fromCharCode(65 + number) },
            })),
        };
    });
    return {
        __inputs: [
            { name: "DS_PROMETHEUS", label: "Prometheus", type: "datasource", pluginId: "prometheus" },
        ],
        ...{ uid: `protection-${stack}`.slice(0, 40), title: `Protection of ${name} (${stack})` },
        ...{ schemaVersion: 39, version: 1, editable: true, refresh: "1m", timezone: "utc" },
        time: { from: "now-7d", to: "now" },
        panels: placed,
    };
}
