import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { adoptedVolume, type Labels, volume } from "../docker/containers";
import {
    type DatabaseVolumes,
    dataVolumeName,
    dataVolumePrefix,
    type ObjectName,
    objectsOf,
    restoredVolumeName,
    spoolVolumeName,
    type WantedData,
} from "../docker/names";

export interface StorageArgs {
    /** Prefix of the names of the volumes. Another one makes new, empty volumes. */
    readonly name: string;
    /** Of the volumes that are made new. */
    readonly labels: Labels;
    /** What the settings say about which data PostgreSQL has. Others replace its container. */
    readonly wanted: WantedData;
    /** The data volumes that the stack has made until now: each stays until it is dropped on purpose. */
    readonly known: readonly string[];
    /** What PostgreSQL has had until now. */
    readonly deployed: DatabaseVolumes | undefined;
    /** Refuse to delete the data volumes, and leave it behind when the stack no longer declares them. */
    readonly protect: boolean;
}

/**
 * What PostgreSQL keeps on the Docker host, made before anything runs. Whoever fills the data volume (PostgreSQL's own first start, or
 * the adoption of another set-up) does it before `Postgres` starts on it.
 */
export class Storage extends pulumi.ComponentResource {
    /** What it makes on the Docker engine; not the volume of another set-up. */
    static objects(wanted: WantedData, known: readonly string[], deployed?: DatabaseVolumes): ObjectName[] {
        const { name } = wanted;
        const { data, spools } = volumeNames(wanted, known, deployed);
        return [
            ...objectsOf(name, { volumes: ["postgres-run"] }),
            ...[...data, ...spools].map((volumeName) => ({ kind: "volume" as const, name: volumeName })),
        ];
    }

    /** What PostgreSQL runs on. */
    readonly data: docker.Volume;
    /** What a restore fills: the same, or one beside it; nothing where nothing is restored. */
    readonly restored: { readonly data: docker.Volume; readonly spool: docker.Volume } | undefined;
    /** Directory of the server's socket, shared with the containers that talk to it. */
    readonly sockets: docker.Volume;
    /** State of asynchronous archiving. It belongs to this data volume: of another one it would say that WAL is archived which is not. */
    readonly spool: docker.Volume;

    constructor(name: string, args: StorageArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pgbackrest:index:Storage", name, {}, opts);

        // Release 0.1.0 made them as children of the database.
        const former = pulumi.createUrn(name, "pgbackrest:index:Postgres", opts?.parent);
        const own = (volumeName: string, keep = false): docker.Volume =>
            volume(volumeName, { parent: this, aliases: [{ parent: former }] }, args.labels, keep);
        const { wanted, deployed } = args;
        const { active, restored, data, spools } = volumeNames(wanted, args.known, deployed);
        const ours = new Map(data.map((volumeName) => [volumeName, own(volumeName, args.protect)]));
        const spoolOf = new Map(spools.map((volumeName) => [volumeName, own(volumeName)]));
        const pairOf = (volumeName: string) => ({
            data: ours.get(volumeName) ?? adoptedVolume(volumeName, this),
            spool: found(spoolOf, spoolName(wanted.name, volumeName, deployed)),
        });
        this.sockets = own(`${args.name}-postgres-run`);
        const pair = pairOf(active);
        ({ data: this.data, spool: this.spool } = pair);
        this.restored = restored === active ? pair : restored === undefined ? undefined : pairOf(restored);
        this.registerOutputs({});
    }
}

/** The names of the volumes that there have to be. */
function volumeNames(wanted: WantedData, known: readonly string[], deployed: DatabaseVolumes | undefined) {
    const active = dataVolumeName(wanted, deployed);
    const restored = restoredVolumeName(wanted);
    const used = [active, ...(restored === undefined ? [] : [restored])];
    return {
        active,
        restored,
        /** Those of our own. */
        data: [...new Set([...used, ...known])].filter((name) => name !== wanted.dataVolume),
        spools: [...new Set(used.map((name) => spoolName(wanted.name, name, deployed)))],
    };
}

function spoolName(name: string, data: string, deployed: DatabaseVolumes | undefined): string {
    return spoolVolumeName(name, data === dataVolumePrefix(name) ? undefined : data, deployed);
}

function found<T>(map: ReadonlyMap<string, T>, key: string): T {
    const value = map.get(key);
    if (value === undefined) throw new Error(`no volume ${key}`);
    return value;
}
