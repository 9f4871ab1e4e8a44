import * as v from "valibot";
import { RELEASES } from "../../docker/release";
import { choice, flag, integer, text } from "../../fields";
import { volumeName } from "../../repository/volume";
import { ACCEPTABLE } from "../guard";
import { optional, setting } from "../setting";

/** Where the stack runs and from what, and what its commands may do. */
export const stack = {
    name: setting(
        text(
            "lower case letters, digits and . _ -, starting with a letter or digit, at most 40",
            /^[a-z0-9][a-z0-9_.-]{0,39}$/,
        ),
        "salespider",
        {
            description:
                "Prefix of the names of all Docker objects; another one begins with an empty database.",
            change: "database",
            described: "at name",
        },
    ),
    dockerHost: optional(
        text(
            "ssh://user@host, tcp://host:port or unix:///path",
            /^(?:ssh:\/\/[^\s/]+|tcp:\/\/[^\s/]+:\d+|unix:\/\/\/\S+|npipe:\/\/\S+)\/?$/,
        ),
        "",
        {
            description:
                "Docker engine to run on: ssh://user@host, tcp://host:2376 or unix:///path. Empty: the one that the docker command uses.",
            change: "refused",
            described: "at dockerHost",
        },
    ),
    mtu: optional(integer(576, 65535, "bytes"), 0, {
        description:
            "Greatest packet of the stack's network in bytes, for hosts whose own network takes smaller ones than usual (VPN, VXLAN, some clouds). 0: as Docker does, 1500. It is chosen when the stack is made.",
        change: "refused",
        described: "by its value",
    }),
    image: optional(
        text(
            "the name of an image, such as registry.example.com/pgbackrest:1",
            /^[a-z0-9][A-Za-z0-9_./:-]*(?:@sha256:[0-9a-f]{64})?$/,
        ),
        "",
        {
            description:
                "Image to use for all containers instead of building image/: its name on the Docker host, or in a registry that the host pulls from. It must be the Dockerfile's target backup, which has Node.js and the backup service. Empty: both targets are built, and PostgreSQL runs the one without.",
            change: "both",
            described: "at image",
        },
    ),
    release: setting(choice(RELEASES), "newest", {
        description:
            "pgBackRest in the image that is built: newest (Debian testing's, 2.60 at least) or stable (Debian stable's 2.55.1; the change says what is lost).",
        change: "both",
        described: "at image",
    }),
    dataVolume: optional(volumeName, "", {
        description:
            "Existing data volume of another set-up to take over, with its PostgreSQL 17: docs/move-in.md. Empty: NAME-postgres-data, made by the program.",
        change: "database",
        described: "at dataVolume",
    }),
    waitFor: setting(choice(["backup", "archiving"]), "backup", {
        description:
            "What a green `pulumi up` waits for: backup (a full one is in the repository) or archiving (for large databases).",
        change: "publish",
        described: "at waiting.waitFor",
    }),
    waitTimeout: setting(integer(1, 10_080, "minutes"), 60, {
        description: "How long `pulumi up` waits for that, in minutes.",
        change: "publish",
        described: "at waiting.waitTimeout",
    }),
    takeOver: optional(text("the mark that the refusal names, such as m1a2b3c4d", /^m[0-9a-f]{8}$/), "", {
        description:
            "Mark of what this stack had made before its state was lost, to take it over: docs/lost-state.md.",
        change: "command",
        described: "not, it is a rule for commands",
    }),
    otherStacks: setting(v.array(text("the name of a stack", /^[A-Za-z0-9_.-]{1,100}$/)), [], {
        description:
            "Other stacks of this project: a repository with the place, path and stanza of one of theirs is refused.",
        change: "command",
        described: "not, it is a rule for commands",
    }),
    protect: setting(flag, false, {
        description:
            "Refuse to delete what holds data (volumes, buckets with all that belongs to them, passphrases), and what would leave the database without its backups. Drills run, unless drill says off.",
        change: "drill",
        described: "at protect",
    }),
    accept: setting(v.array(choice(ACCEPTABLE)), [], {
        description:
            "What a stack with protect may do on purpose: unencrypted (a repository in a bucket), undescribed (a change that cannot be told).",
        change: "command",
        described: "not, it is a rule for commands",
    }),
};
