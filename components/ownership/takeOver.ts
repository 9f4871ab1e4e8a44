import { execFile, execFileSync } from "node:child_process";
import { promisify } from "node:util";
import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { EngineObject } from "./engine";
import { STOP_SECONDS } from "../docker/limits";
import { type Claim, isService } from "./ownership";
import type { Told } from "../problems";
import { ofKind, storesOf } from "../repository/kinds";
import type { Settings } from "../settings/schema";

type Announced = Pick<Settings, "name" | "takeOver" | "role" | "password" | "dataVolume" | "repositories">;

/** Says beforehand what becomes of what a lost state had made; nothing when nothing is taken over. */
export function takeOverLines(settings: Announced, taken: readonly EngineObject[]): string[] {
    const { name } = settings;
    const names = (kind: EngineObject["kind"]): string =>
        taken
            .filter((object) => object.kind === kind)
            .map((object) => object.name)
            .join(", ");
    const encrypted = storesOf(settings.repositories).filter((store) => {
        const { encryption, made } = ofKind(store);
        // A bucket of ours is another one for another state, and begins with a passphrase of its own.
        return encryption === "generated" && !made;
    });
    if (taken.length === 0) return [];
    return [
        `Taking over what has the mark ${settings.takeOver ?? ""}:`,
        ...(names("volume") === ""
            ? []
            : [`  Volumes ${names("volume")}: used as they are, with all that is in them.`]),
        ...(names("container") === ""
            ? []
            : [
                  `  Containers ${names("container")}: made anew. When the configuration is proven, PostgreSQL is stopped cleanly, and away for some seconds.`,
              ]),
        ...(names("network") === "" ? [] : [`  Network ${name}: used as it is.`]),
        ...(settings.password === undefined && settings.dataVolume === undefined
            ? [
                  `  The generated password of ${settings.role} went with the state: another one is in force afterwards (output connection).`,
              ]
            : []),
        ...encrypted.map(
            (repository) =>
                `  Repository ${repository.name}: its generated passphrase went with the state, and its backups cannot be read with another one. Unless you begin it anew, set the one from your copy, or from cipher-pass in current/conf.d/repo.conf of volume ${name}-pgbackrest-config, as the secret passphrase of the repository.`,
        ),
    ];
}

/** The same as one message, beforehand. */
export function takeOverTold(settings: Announced, taken: readonly EngineObject[]): Told[] {
    const lines = takeOverLines(settings, taken);
    return lines.length === 0 ? [] : [{ level: "warn", text: lines.join("\n") }];
}

/**
 * Makes way for containers of the same names: those that have ended go at once, the services when the configuration is published and
 * their successors are all that is missing. The volumes stay. Nothing happens in a preview.
 */
export function makeWay(
    published: pulumi.Output<docker.Container>,
    taken: readonly EngineObject[],
    dockerHost: string | undefined,
): pulumi.Output<docker.Container> {
    const services = taken
        .filter((object) => isService(object) && object.status !== "created")
        .map(({ id }) => id);
    if (services.length === 0) return published;
    const host = dockerHost === undefined ? [] : ["--host", dockerHost];
    const docker = promisify(execFile);
    return published.apply(async (container) => {
        if (pulumi.runtime.isDryRun()) return container;
        await docker("docker", [...host, "stop", "--time", String(STOP_SECONDS.postgres), ...services]);
        await docker("docker", [...host, "rm", ...services]);
        return container;
    });
}

/**
 * Removes what stands in the way and holds nothing: what is left over of ours, and those of the others that do one thing and have ended.
 * One that still runs is somebody's `up`: it is not removed, and that fails. Nothing happens in a preview.
 */
export function removeEnded({ taken, leftOver }: Claim, dockerHost: string | undefined): void {
    const ended = new Set([
        ...leftOver,
        ...taken.filter((object) => object.kind === "container" && !isService(object)),
    ]);
    if (ended.size === 0 || pulumi.runtime.isDryRun()) return;
    const host = dockerHost === undefined ? [] : ["--host", dockerHost];
    execFileSync("docker", [...host, "rm", ...[...ended].map(({ id }) => id)], { stdio: "ignore" });
}
