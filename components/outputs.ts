import type * as pulumi from "@pulumi/pulumi";
import type { MonitoringOutput } from "./services/monitoring";
import type { RepositoryOutputs } from "./repository/repositories";
import type { Description } from "./state/description";
import type { Deployment } from "./state/history";

type Text = pulumi.Input<string>;

/** What a stack tells of itself, for people and other programs. Other names or meanings would break theirs. */
export interface StackOutputs extends RepositoryOutputs {
    /** Names of the containers. */
    readonly containers: {
        /** Validates and publishes the configuration, and ends. */
        readonly setup: Text;
        readonly postgres: Text;
        readonly backup: Text;
        /** Brings what is published into force, waits until the database is protected, and ends. */
        readonly apply: Text;
        /** Proves that backups restore; nothing where that is off. */
        readonly drill?: Text;
    };
    /** Name of the Docker network that PostgreSQL is reached in. */
    readonly network: Text;
    /** Names of the volumes. All but `data` hold nothing that is not made again. */
    readonly volumes: {
        /** The published configuration, with the credentials of the repositories. */
        readonly configuration: Text;
        /** The database itself. */
        readonly data: Text;
        /** The directory of the server's socket. */
        readonly sockets: Text;
        /** State of asynchronous archiving. */
        readonly spool: Text;
        /** What the backup service remembers. */
        readonly state: Text;
        /** What drills have found. */
        readonly drills: Text;
    };
    /** pgBackRest's name of the database. */
    readonly stanza: string;
    /** Which configuration is published: a hash of all that setup got. */
    readonly revision: Text;
    /** Name of the application's database. */
    readonly database: string;
    /** The application's role. */
    readonly role: string;
    /** `address:port` on the Docker host; nothing where PostgreSQL is not published. */
    readonly port?: string;
    /** URL for the application, with its password; a secret. */
    readonly connection: pulumi.Output<string>;
    /** Where its figures are served, and a Prometheus' configuration of that, a secret; nothing where they are not. */
    readonly monitoring?: MonitoringOutput;
    /** What is in force, read back by the next `up`. */
    readonly deployment: pulumi.Output<Deployment>;
    /** What the next preview compares with. No secret, but marked as one: it is too long to be shown after each command. */
    readonly description: pulumi.Output<Description>;
}
