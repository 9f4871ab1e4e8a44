import { ValueType } from "@opentelemetry/api";
import { PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { emptyResource } from "@opentelemetry/resources";
import { AggregationTemporality, DataPointType, type GaugeMetricData } from "@opentelemetry/sdk-metrics";
import type { Figure } from "../components/monitoring/figure";

/** Of where the figures come from: that is what a scrape knows. */
const WITHOUT = { target: true, scope: true } as const;
const serializer = new PrometheusSerializer(undefined, false, undefined, WITHOUT.target, WITHOUT.scope);
/** They are of the moment of the scrape, whose time Prometheus takes. */
const NO_TIME: [number, number] = [0, 0];

/** Figures in Prometheus' text format. */
export function metricsText(figures: readonly Figure[]): string {
    const metrics = figures.map(({ name, help, samples }): GaugeMetricData => ({
        descriptor: { name, description: help, unit: "", valueType: ValueType.DOUBLE },
        aggregationTemporality: AggregationTemporality.CUMULATIVE,
        dataPointType: DataPointType.GAUGE,
        dataPoints: samples.flatMap(({ labels = {}, value }) =>
            value === undefined
                ? []
                : [{ attributes: { ...labels }, value, startTime: NO_TIME, endTime: NO_TIME }],
        ),
    }));
    return serializer.serialize({
        resource: emptyResource(),
        scopeMetrics: [{ scope: { name: "protection" }, metrics }],
    });
}
