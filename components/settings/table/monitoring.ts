import * as v from "valibot";
import { anyText, field, integer } from "../../fields";
import { part, setting } from "../setting";

/** YAML has booleans of its own, as which some write them. */
const onOff = field("on or off", (input) =>
    input === true || input === "on" ? "on" : input === false || input === "off" ? "off" : undefined,
);

/** How others see whether the database is protected. */
export const monitoring = {
    monitoring: setting(
        v.pipe(
            v.strictObject({
                metrics: part(
                    v.optional(onOff),
                    undefined,
                    "on or off. Not set: on where protect is, or where anything else of monitoring is set.",
                ),
                port: part(
                    integer(0, 65_535, "0: not published"),
                    0,
                    "Port on the Docker host. 0: in the stack's network only, at NAME-backup:9464.",
                ),
                address: part(
                    anyText,
                    "127.0.0.1",
                    "Address on the Docker host for that port. Beyond loopback it takes TLS (tlsCertificate, tlsKey) and a token.",
                ),
                postgresql: part(
                    v.optional(onOff, "off"),
                    "off",
                    "on or off: PostgreSQL's own metrics (connections, locks, cache, tables), at /metrics/postgresql.",
                ),
                token: part(
                    anyText,
                    "",
                    "Secret: who asks has to send it (Authorization: Bearer). At least 32 characters, such as of openssl rand -hex 32.",
                ),
            }),
            v.title("a map, or off"),
        ),
        {},
        {
            description:
                "Metrics of the backup service for Prometheus, at /metrics: a map, or off: docs/monitoring.md.",
            change: "monitoring",
            described: "at monitoring",
            off: { metrics: "off" },
        },
    ),
};
