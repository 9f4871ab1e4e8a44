import { isIPv6 } from "node:net";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Settings } from "../settings/schema";

type Access = Pick<
    Settings,
    "name" | "address" | "port" | "database" | "role" | "password" | "passwordGeneration" | "dataVolume"
>;

/** The password of the application's role: the given one, or a generated one. Nothing where an adopted role keeps what it has. */
export function applicationPassword(
    settings: Access,
    options: pulumi.CustomResourceOptions,
): pulumi.Output<string> | undefined {
    if (settings.password !== undefined) return pulumi.secret(settings.password);
    if (settings.dataVolume !== undefined) return undefined;
    const { passwordGeneration } = settings;
    const args = {
        length: 32,
        special: false,
        // The first one has none: the password of a stack that is older than the setting stays.
        ...(passwordGeneration === 1 ? {} : { keepers: { generation: String(passwordGeneration) } }),
    };
    return new random.RandomPassword(`${settings.name}-password`, args, options).result;
}

/** How the application connects; without a password where the program does not know it. */
export function connectionUrl(
    settings: Access,
    password: pulumi.Output<string> | undefined,
): pulumi.Output<string> {
    // As a URL has it (RFC 3986, 3.2.2).
    const address = isIPv6(settings.address) ? `[${settings.address}]` : settings.address;
    const server =
        settings.port === undefined ? `${settings.name}-postgres:5432` : `${address}:${settings.port}`;
    const url = (secret: string): string =>
        `postgresql://${settings.role}${secret}@${server}/${settings.database}`;
    return pulumi.secret(password?.apply((text) => url(`:${encodeURIComponent(text)}`)) ?? url(""));
}
