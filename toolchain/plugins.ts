import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { type Environment, root } from "./paths";

export interface Plugin {
    readonly name: string;
    readonly version: string;
}

export const docker = plugin("docker");
export const random = plugin("random");
/** Only for stacks that make something at Amazon: Pulumi downloads it then, so it is no part of what every machine needs. */
export const aws = plugin("aws");

/** What every machine needs. */
export const plugins: readonly Plugin[] = [docker, random];

/** The plugin's version is that of the npm package, always. */
function plugin(name: string): Plugin {
    const file = join(root, "node_modules", "@pulumi", name, "package.json");
    const version = /"version": "v?([^"]+)"/.exec(readFileSync(file, "utf8"))?.[1];
    if (version === undefined) throw new Error(`${file} names no version`);
    return { name, version };
}

export function userPulumiHome(environment: Environment = process.env): string {
    return environment["PULUMI_HOME"] ?? join(homedir(), ".pulumi");
}

export function pluginDirectory(home: string, { name, version }: Plugin): string {
    return join(home, "plugins", `resource-${name}-v${version}`);
}

/** Are Pulumi's own plugins there? Pulumi writes a `.partial` file beside a folder that it has not filled yet. */
export function hasOfficialPlugins(environment: Environment = process.env): boolean {
    return plugins.every((wanted) => {
        const directory = pluginDirectory(userPulumiHome(environment), wanted);
        return (
            existsSync(join(directory, `pulumi-resource-${wanted.name}`)) &&
            !existsSync(`${directory}.partial`)
        );
    });
}
