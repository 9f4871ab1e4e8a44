import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { allExist, cacheDirectory, type Environment, hash, root } from "../paths";

/**
 * A program that the closed-network way builds with Go. Each has a folder of its own in toolchain/closedNetwork/go, whose go.mod and
 * go.sum pin everything that goes into it (their needs disagree, so one go.mod for all is not possible). What they share
 * has one version in all of them, so that it is compiled once: docs/decisions/0002-closed-network.md.
 */
export interface Part {
    readonly name: string;
    readonly program: string;
    readonly package: string;
    /** What its build takes when those before it in `parts` are built: user and system time of all its processes. */
    readonly processorSeconds: number;
    /** A Go variable that takes the version of a module, for programs that know theirs only from their build. */
    readonly version?: { readonly variable: string; readonly module: string };
}

const pulumi: Part = {
    name: "pulumi",
    program: "pulumi",
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    processorSeconds: 320,
    version: {
        variable: "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version",
        module: "github.com/pulumi/pulumi/pkg/v3",
    },
};
const languageHost: Part = {
    name: "language-nodejs",
    program: "pulumi-language-nodejs",
    package: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
    processorSeconds: 12,
};
const bridge: Part = {
    name: "bridge",
    program: "pulumi-resource-terraform-provider",
    package: "github.com/pulumi/pulumi-terraform-bridge/v3/dynamic",
    processorSeconds: 125,
};
const docker: Part = {
    name: "docker",
    program: "terraform-provider-docker",
    package: "github.com/terraform-providers/terraform-provider-docker",
    processorSeconds: 150,
};
const random: Part = {
    name: "random",
    program: "terraform-provider-random",
    package: "github.com/terraform-providers/terraform-provider-random",
    processorSeconds: 6,
};
const proxy: Part = { name: "proxy", program: "provider-proxy", package: ".", processorSeconds: 3 };

/**
 * What all builds have in common, the storage servers of the tests too. Two of them only save time: no debugging information, which the
 * linker would leave out (a sixth), and none of Google Storage's optional gRPC resolvers (a tenth).
 */
export const buildFlags: readonly string[] = [
    ...["-mod=readonly", "-modcacherw", "-trimpath", "-buildvcs=false"],
    ...["-gcflags=all=-dwarf=false", "-tags=disable_grpc_modules"],
];

export const parts = { pulumi, languageHost, bridge, docker, random, proxy };

export const pulumiParts: readonly Part[] = [pulumi, languageHost];
/** The largest first: the others find what they share with it compiled. */
export const pluginParts: readonly Part[] = [bridge, docker, random, proxy];

export function sourceDirectory(part: Part): string {
    return join(root, "toolchain", "closedNetwork", "go", part.name);
}

/** Where a part is kept, keyed by everything that decides what it is. */
export function partDirectory(part: Part, environment: Environment = process.env): string {
    const directory = sourceDirectory(part);
    const sources = readdirSync(directory)
        .filter((file) => /^go\.(mod|sum)$|(?<!_test)\.go$/.test(file))
        .sort();
    const key = hash([
        `${process.platform}-${process.arch}`,
        part.package,
        ...buildFlags,
        ...sources.flatMap((file) => [file, readFileSync(join(directory, file))]),
    ]);
    return join(cacheDirectory(environment), `${part.name}-${key}`);
}

export function partProgram(part: Part, environment: Environment = process.env): string {
    return join(partDirectory(part, environment), part.program);
}

export function missingParts(
    wanted: readonly Part[],
    environment: Environment = process.env,
): readonly Part[] {
    return wanted.filter((part) => !allExist([partProgram(part, environment)]));
}

export function linkerFlags(part: Part): string {
    if (part.version === undefined) return "-s -w";
    const { variable, module } = part.version;
    const goMod = readFileSync(join(sourceDirectory(part), "go.mod"), "utf8");
    const version = goMod
        .split("\n")
        .find((line) => line.includes(`${module} v`))
        ?.match(/ (v\S+)/)?.[1];
    if (version === undefined)
        throw new Error(`toolchain/closedNetwork/go/${part.name}/go.mod does not name ${module}`);
    return `-s -w -X ${variable}=${version}`;
}
