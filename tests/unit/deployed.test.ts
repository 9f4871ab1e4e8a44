import assert from "node:assert/strict";
import { describe, it } from "mocha";
import * as v from "valibot";
import { type Declared, deployed, type Found, judge, State } from "../../toolchain/deployed";

const container = (name: string, restart: "always" | "no", volumes: readonly string[] = []) => ({
    urn: `urn:${name}`,
    type: "docker:index/container:Container",
    id: `id-of-${name}`,
    inputs: {
        name,
        restart,
        mounts: volumes.map((source) => ({ source, target: "/there" })),
        networksAdvanced: [{ name: "db" }],
    },
});
const volume = (name: string) => ({
    urn: `urn:${name}`,
    type: "docker:index/volume:Volume",
    id: name,
    inputs: { name },
});

const STATE = {
    resources: [
        {
            urn: "urn:stack",
            type: "pulumi:pulumi:Stack",
            outputs: { volumes: { data: "db-data", spool: "db-spool" } },
        },
        { urn: "urn:db", type: "docker:index/network:Network", id: "id-of-network", inputs: { name: "db" } },
        ...["db-data", "db-spool", "db-repo"].map(volume),
        container("db-adopt", "no"),
        container("db-setup", "no"),
        container("db-postgres", "always", ["db-data", "db-spool"]),
        { ...container("db-postgres", "always"), id: "an older one", delete: true },
    ],
};

const WELL: Found = {
    containers: [
        { id: "id-of-db-adopt", name: "db-adopt", state: "exited" },
        { id: "id-of-db-setup", name: "db-setup", state: "exited" },
        { id: "id-of-db-postgres", name: "db-postgres", state: "running" },
    ],
    volumes: new Set(["db-data", "db-spool", "db-repo"]),
    networks: [{ id: "id-of-network", name: "db" }],
};

function findings(found: Partial<Found>, state: unknown = STATE) {
    const { refusals, ...lists } = judge(deployed(v.parse(State, state)), { ...WELL, ...found });
    const names = (list: readonly Declared[]) => list.map(({ name }) => name).join(" ");
    return {
        ...Object.fromEntries(
            Object.entries(lists).flatMap(([what, list]) => (list.length === 0 ? [] : [[what, names(list)]])),
        ),
        ...(refusals.length === 0 ? {} : { refusals: refusals.join("\n") }),
    };
}
const inState = (state: string, without: readonly string[] = []) =>
    WELL.containers
        .filter(({ name }) => !without.includes(name))
        .map((one) => (one.name === "db-postgres" ? { ...one, state } : one));
const without = (...names: readonly string[]) =>
    new Set([...WELL.volumes].filter((one) => !names.includes(one)));

describe("what Docker has of a stack", () => {
    it("is nothing to speak of when all is there, one-shots that have ended too", () => {
        assert.deepEqual(findings({}), {});
        assert.deepEqual(findings({ containers: [], volumes: new Set(), networks: [] }, {}), {});
    });

    it("is started or goes on where a service is stopped", () => {
        assert.deepEqual(findings({ containers: inState("exited") }), { start: "db-postgres" });
        assert.deepEqual(findings({ containers: inState("created") }), { start: "db-postgres" });
        assert.deepEqual(findings({ containers: inState("paused") }), { unpause: "db-postgres" });
        assert.deepEqual(findings({ containers: inState("restarting") }), {});
    });

    it("is made again where it is gone, but what an adoption leaves", () => {
        assert.deepEqual(findings({ containers: inState("running", ["db-setup", "db-adopt"]) }), {
            gone: "db-setup",
        });
        assert.deepEqual(findings({ containers: [] }), { gone: "db-setup db-postgres" });
    });

    it("is somebody else's where it only has the name", () => {
        const containers = [{ id: "other", name: "db-postgres", state: "running" }];
        assert.match(
            findings({ containers }).refusals ?? "",
            /container db-postgres is not the one that this stack/,
        );
        const networks = [{ id: "other", name: "db" }];
        assert.match(findings({ networks }).refusals ?? "", /network db is not the one/);
    });

    it("loses a volume with data never in silence", () => {
        assert.match(
            findings({ volumes: without("db-data") }).refusals ?? "",
            /volume db-data is gone, with all/,
        );
        // What holds nothing of its own is made again, and what nothing uses.
        assert.deepEqual(findings({ volumes: without("db-spool", "db-repo") }), { gone: "db-spool db-repo" });
    });

    it("is removed where the network it was attached to is gone: Docker starts it no more", () => {
        assert.deepEqual(findings({ networks: [], containers: inState("exited") }), {
            gone: "db",
            remove: "db-setup db-postgres",
        });
    });

    it("is on the engine that the stack names", () => {
        const provider = { urn: "urn:p", type: "pulumi:providers:docker", inputs: { host: "ssh://a@b" } };
        assert.equal(deployed(v.parse(State, { resources: [provider] })).host, "ssh://a@b");
        assert.equal(deployed(v.parse(State, STATE)).host, undefined);
    });
});
