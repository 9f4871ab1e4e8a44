import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { backendEnvironment, devStack } from "./backend";
import { closedNetworkHome } from "./closedNetwork/plugins";
import { dockerHost } from "./dockerHost";
import { ToolchainError } from "./errors";
import { missingParts, partDirectory, parts, pluginParts, pulumiParts } from "./closedNetwork/parts";
import { cacheDirectory, type Environment, findOnPath } from "./paths";
import { hasOfficialPlugins } from "./plugins";

/** The release that is downloaded: that of the npm package @pulumi/pulumi, whose language host comes with it. */
export const downloadedVersion = "3.248.0";

export interface FoundPulumi {
    readonly from: "PATH" | "download" | "build";
    /** Put before the PATH. */
    readonly directories: readonly string[];
}

/** Where there is a Pulumi CLI with the host of the Node.js language, in the order of preference. */
export function findPulumi(environment: Environment = process.env): FoundPulumi | undefined {
    const own = findOnPath("pulumi", environment);
    if (own !== undefined) {
        const besides = existsSync(join(dirname(own), "pulumi-language-nodejs"));
        if (besides || findOnPath("pulumi-language-nodejs", environment) !== undefined)
            return { from: "PATH", directories: [] };
    }
    const downloaded = downloadDirectory(environment);
    if (existsSync(join(downloaded, "pulumi"))) return { from: "download", directories: [downloaded] };
    if (missingParts(pulumiParts, environment).length === 0) {
        return { from: "build", directories: [partDirectory(parts.pulumi, environment)] };
    }
    return undefined;
}

export function downloadDirectory(environment: Environment = process.env): string {
    return join(
        cacheDirectory(environment),
        `pulumi-${downloadedVersion}-${process.platform}-${process.arch}`,
    );
}

export type FoundPlugins = "official" | "closed-network";

export function findPlugins(environment: Environment = process.env): FoundPlugins | undefined {
    if (hasOfficialPlugins(environment)) return "official";
    return missingParts(pluginParts, environment).length === 0 ? "closed-network" : undefined;
}

export interface EnvironmentOptions {
    readonly stack?: string;
    /** Taken instead of this process's own. */
    readonly environment?: Environment;
}

/**
 * The environment in which `pulumi` and its plugins are found and use the dev stack's backend. What the user has set is
 * kept. Throws when something is missing: call ensureToolchain first.
 */
export function pulumiEnvironment(options: EnvironmentOptions = {}): Record<string, string> {
    const environment = options.environment ?? process.env;
    const pulumi = findPulumi(environment);
    const plugins = findPlugins(environment);
    if (pulumi === undefined || plugins === undefined) {
        throw new ToolchainError(
            "Pulumi or its plugins are not there yet.",
            "Run `npm start` once: it gets them.",
        );
    }
    const host = dockerHost(environment);
    const all: Environment = {
        ...environment,
        PATH: [...pulumi.directories, environment["PATH"] ?? ""].join(delimiter),
        ...backendEnvironment(environment, options.stack ?? devStack),
        ...(host === undefined ? {} : { DOCKER_HOST: host }),
        ...(plugins === "official" ? {} : closedNetwork(environment)),
    };
    return Object.fromEntries(
        Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    );
}

/** Without these every command tries to download plugins and news for seconds, in vain. */
function closedNetwork(environment: Environment): Record<string, string> {
    return {
        PULUMI_HOME: closedNetworkHome(environment),
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        PULUMI_SKIP_UPDATE_CHECK: "true",
    };
}
