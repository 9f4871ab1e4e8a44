// The closed-network way: what Pulumi's own download site would give, made of the programs that are built here with Go.
import {
    chmodSync,
    existsSync,
    mkdirSync,
    readFileSync,
    realpathSync,
    renameSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { type Part, partDirectory, partProgram, parts } from "./parts";
import { cacheDirectory, type Environment } from "../paths";
import { aws, docker, type Plugin, pluginDirectory, random } from "../plugins";
import { findTerraformAws } from "./terraformAws";

/** It has a PULUMI_HOME of its own, so that the user's is never touched. */
export function closedNetworkHome(environment: Environment = process.env): string {
    return join(cacheDirectory(environment), "home");
}

/**
 * Pulumi looks for its language host beside itself. The one that can be built is an old one, which ignores the runtime
 * options of Pulumi.yaml and would load a TypeScript compiler for a program that is compiled already.
 */
export function writeLanguageHost(environment: Environment = process.env): void {
    const file = join(partDirectory(parts.pulumi, environment), parts.languageHost.program);
    // It looks for its engine every five minutes only: setpriv ends it when Pulumi is killed.
    const host = partProgram(parts.languageHost, environment);
    writeScript(file, `exec setpriv --pdeathsig KILL '${host}' -typescript=false "$@"`);
}

/** Puts a plugin of two lines where Pulumi looks for the official one: it starts the proxy with what it stands for. */
export function writePlugins(environment: Environment = process.env): void {
    for (const [plugin, provider] of [
        [docker, parts.docker],
        [random, parts.random],
    ] as const)
        writePlugin(plugin, proxied(plugin, partProgram(provider, environment), environment), environment);
    const provider = findTerraformAws(environment);
    if (provider === undefined) writePlugin(aws, WITHOUT_AWS, environment);
    else writePlugin(aws, proxied(aws, linkTerraformAws(provider, environment), environment), environment);
}

/** Only stacks that make something at Amazon ask for this one. */
const WITHOUT_AWS = `echo "${[
    "Pulumi's plugin for AWS cannot be downloaded here, and no Terraform provider for AWS is on this machine to take its place.",
    "Either let this machine reach https://get.pulumi.com, or put hashicorp/aws 5.86 or newer into Terraform's plugin cache",
    "(terraform init in a directory that requires it), or give a bucket that exists.",
].join(" ")}" >&2; exit 1`;

/** The bridge takes the name of the package from the name of the file, which has the version in Terraform's directories. */
function linkTerraformAws(provider: string, environment: Environment): string {
    const link = join(closedNetworkHome(environment), "terraform-provider-aws");
    if (existsSync(link) && realpathSync(link) === realpathSync(provider)) return link;
    const fresh = `${link}.new-${process.pid}`;
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(provider, fresh);
    renameSync(fresh, link);
    return link;
}

function proxied(plugin: Plugin, provider: string, environment: Environment): string {
    const program = (part: Part): string => `'${partProgram(part, environment)}'`;
    return (
        `exec ${program(parts.proxy)} --package ${plugin.name} --version ${plugin.version} ` +
        `--bridge ${program(parts.bridge)} --provider '${provider}' "$@"`
    );
}

function writePlugin(plugin: Plugin, command: string, environment: Environment): void {
    const directory = pluginDirectory(closedNetworkHome(environment), plugin);
    writeScript(join(directory, `pulumi-resource-${plugin.name}`), command);
}

/** Whole or not at all: another run may start it at this moment. */
function writeScript(file: string, command: string): void {
    const script = `#!/bin/sh\n${command}\n`;
    if (existsSync(file) && readFileSync(file, "utf8") === script) return;
    mkdirSync(dirname(file), { recursive: true });
    const fresh = `${file}.new-${process.pid}`;
    writeFileSync(fresh, script);
    chmodSync(fresh, 0o755);
    renameSync(fresh, file);
}
