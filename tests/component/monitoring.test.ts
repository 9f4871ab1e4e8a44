import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { isRecord } from "../../components/fields";
import { CERTIFICATE, PRIVATE_KEY } from "../e2e/certificate";
import { deployed, POSIX, type Recording } from "../support/mocks";
import { told } from "../support/told";

const TOKEN = "0123456789abcdef0123456789abcdef";
const BACKUP = "Container salespider-backup";
const TLS = { tlsCertificate: CERTIFICATE, tlsKey: PRIVATE_KEY };
const SECRET = ["monitoring", "tlsKey"];

function publishedFile(stack: Recording): unknown {
    const { uploads } = stack.get("Container salespider-setup").inputs;
    assert.ok(Array.isArray(uploads));
    const found = uploads.filter(isRecord).find(({ file }) => file === "/setup/input/monitoring.json");
    return found === undefined ? undefined : JSON.parse(String(found["content"]));
}

describe("monitoring", () => {
    it("is on where protect is, and off where it is not or is said to be", async () => {
        const of = async (settings: Record<string, unknown>): Promise<unknown> =>
            publishedFile(await deployed({ ...POSIX, ...settings }));
        assert.equal(await of({}), undefined);
        assert.deepEqual(await of({ protect: true }), { tls: false });
        assert.equal(await of({ protect: true, monitoring: "off" }), undefined);
        assert.deepEqual(await of({ monitoring: { metrics: "on" } }), { tls: false });
        assert.deepEqual(await of({ monitoring: { port: 9464 } }), { tls: false });
        const own = { monitoring: { postgresql: "on" }, database: "shop" };
        assert.deepEqual(await of(own), { tls: false, database: "shop" });
    });

    it("publishes nothing on the host unless it is asked to, and no token at all", async () => {
        const inside = await deployed({ ...POSIX, monitoring: { metrics: "on" } });
        assert.equal(inside.get(BACKUP).inputs["ports"], undefined);
        const monitoring = { port: 9464, address: "0.0.0.0", token: TOKEN };
        const open = await deployed({ ...POSIX, ...TLS, monitoring }, { secret: SECRET });
        assert.deepEqual(open.get(BACKUP).inputs["ports"], [
            { internal: 9464, external: 9464, ip: "0.0.0.0" },
        ]);
        const file = publishedFile(open);
        assert.ok(isRecord(file) && file["tls"] === true && /^[0-9a-f]{64}$/.test(String(file["token"])));
        for (const name of [BACKUP, "Container salespider-setup", "Container salespider-postgres"])
            assert.ok(!JSON.stringify(open.get(name).inputs).includes(TOKEN), name);
    });

    it("changes nothing of PostgreSQL, and of the backup service only where it is published", async () => {
        const inputs = async (settings: Record<string, unknown>, part: string): Promise<unknown> =>
            (await deployed({ ...POSIX, ...settings })).get(`Container salespider-${part}`).inputs;
        const published = { monitoring: { port: 9464 } };
        assert.deepEqual(await inputs(published, "postgres"), await inputs({}, "postgres"));
        for (const monitoring of [{ metrics: "on" }, { postgresql: "on" }])
            for (const part of ["backup", "postgres"])
                assert.deepEqual(await inputs({ monitoring }, part), await inputs({}, part));
        assert.notDeepEqual(await inputs(published, "backup"), await inputs({}, "backup"));
    });

    it("is told by the preview", () => {
        const lines = (before: Record<string, unknown>, after: Record<string, unknown>): string =>
            told([{ ...POSIX, ...before }], [{ ...POSIX, ...after }]).join("\n");
        const on = lines({}, { monitoring: { metrics: "on" } });
        assert.match(
            on,
            /serves metrics: in the stack's network at http:\/\/salespider-backup:9464\/metrics\./,
        );
        assert.match(on, /salespider-postgres goes on, no connection ends; salespider-backup goes on/);
        const published = lines({ monitoring: { metrics: "on" } }, { monitoring: { port: 9464 } });
        assert.match(
            published,
            /salespider-backup is replaced \(its metrics are published at 127\.0\.0\.1:9464/,
        );
        assert.match(lines({ monitoring: { port: 9464 } }, {}), /serves no metrics any more/);
        const own = lines({ monitoring: { metrics: "on" } }, { monitoring: { postgresql: "on" } });
        assert.match(
            own,
            /serves PostgreSQL's own metrics at \/metrics\/postgresql: the role pgbackrest_monitoring/,
        );
        assert.match(own, /salespider-postgres goes on, no connection ends; salespider-backup goes on/);
        const gone = lines({ monitoring: { postgresql: "on" } }, { monitoring: { metrics: "on" } });
        assert.match(gone, /PostgreSQL's own metrics are served no more, and the role pgbackrest_monitoring/);
    });
});
