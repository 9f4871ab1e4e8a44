import * as pulumi from "@pulumi/pulumi";
import { scrapeConfiguration } from "../monitoring/scrape";
import type { Settings } from "../settings/schema";

/** What a Prometheus needs to see the stack. */
export interface MonitoringOutput {
    /** Where it finds the figures: in the stack's network, or on the Docker host. */
    readonly address: string;
    /** A file of its configuration, with the token: a secret. */
    readonly scrape: pulumi.Output<string>;
}

export function monitoringOutput(
    { name, tls: pair, monitoring }: Pick<Settings, "name" | "tls" | "monitoring">,
    stack: string,
): { readonly monitoring?: MonitoringOutput } {
    if (monitoring === undefined) return {};
    const { published, tls, token, postgresql } = monitoring;
    const certificate = tls ? pair?.certificate : undefined;
    const { address, text } = scrapeConfiguration({
        ...{ name, stack, published, token, certificate, postgresql },
    });
    return { monitoring: { address, scrape: pulumi.secret(text) } };
}
