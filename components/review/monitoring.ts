import { METRICS_PATH, METRICS_PORT, MONITORING_ROLE, POSTGRESQL_PATH } from "../monitoring/serving";
import type { Description } from "../state/description";
import { type Consequence, note, warning } from "./consequence";

/** What it means that figures are served, are not any more, or to others. Where they are published is told with what it replaces. */
export function monitoringConsequences(before: Description, after: Description): Consequence[] {
    const [old, wanted] = [before.monitoring, after.monitoring];
    const { name } = after;
    const own = ownConsequences(name, old.postgresql, wanted.postgresql);
    if (old.metrics !== wanted.metrics)
        return [
            wanted.metrics
                ? note(
                      `${name}-backup serves metrics${wanted.token === "" ? "" : " to who has the token"}: in the stack's network at ${wanted.tls ? "https" : "http"}://${name}-backup:${METRICS_PORT}${METRICS_PATH}${wanted.published === "" ? "" : `, on the Docker host at ${wanted.published}`}.`,
                  )
                : warning(
                      `${name}-backup serves no metrics any more: alerts that are made from them fall silent, but for the one that it is away.`,
                  ),
            ...own,
        ];
    return [
        ...own,
        ...(old.token === wanted.token
            ? []
            : [
                  warning(
                      wanted.token === ""
                          ? "metrics are served without a token."
                          : "metrics are served to who has the new token only: give it to Prometheus, too.",
                  ),
              ]),
        ...(old.tls === wanted.tls
            ? []
            : [warning(`metrics are served ${wanted.tls ? "with TLS" : "without TLS"} only.`)]),
    ];
}

/** Of PostgreSQL's own. */
function ownConsequences(name: string, before: boolean, after: boolean): Consequence[] {
    if (before === after) return [];
    return [
        after
            ? note(
                  `${name}-backup serves PostgreSQL's own metrics at ${POSTGRESQL_PATH}: the role ${MONITORING_ROLE} is made, a member of pg_monitor alone, over the socket only, and the output monitoring has a job more for Prometheus.`,
              )
            : warning(
                  `PostgreSQL's own metrics are served no more, and the role ${MONITORING_ROLE} cannot log in.`,
              ),
    ];
}
