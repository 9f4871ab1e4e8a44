import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { adoptedVolume, type Labels, volume } from "../docker/containers";
import { type DatabaseVolumes, type ObjectName, objectsOf, spoolVolumeName } from "../docker/names";

export interface StorageArgs {
    /** Prefix of the names of the volumes. Another one makes new, empty volumes. */
    readonly name: string;
    /** Of the volumes that are made new. */
    readonly labels: Labels;
    /** Name of a volume of another set-up with the data, in place of one of our own. */
    readonly dataVolume: string | undefined;
    /** What PostgreSQL has had until now. */
    readonly deployed: DatabaseVolumes | undefined;
    /** Refuse to delete the data volume, and leave it behind when the stack no longer declares it. */
    readonly protect: boolean;
}

/**
 * What PostgreSQL keeps on the Docker host, made before anything runs. Whoever fills the data volume (PostgreSQL's own first start, or
 * the adoption of another set-up) does it before `Postgres` starts on it.
 */
export class Storage extends pulumi.ComponentResource {
    /** What it makes on the Docker engine; not the volume of another set-up. */
    static objects(name: string, dataVolume: string | undefined, deployed?: DatabaseVolumes): ObjectName[] {
        return [
            ...objectsOf(name, {
                volumes: [...(dataVolume === undefined ? ["postgres-data"] : []), "postgres-run"],
            }),
            { kind: "volume", name: spoolVolumeName(name, dataVolume, deployed) },
        ];
    }

    readonly data: docker.Volume;
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
        this.data =
            args.dataVolume === undefined
                ? own(`${args.name}-postgres-data`, args.protect)
                : adoptedVolume(args.dataVolume, this);
        this.sockets = own(`${args.name}-postgres-run`);
        this.spool = own(spoolVolumeName(args.name, args.dataVolume, args.deployed));
        this.registerOutputs({});
    }
}
