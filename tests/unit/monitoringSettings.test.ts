import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { isRecord } from "../../components/fields";
import { JOB, type Scraped, scrapeConfiguration } from "../../components/monitoring/scrape";
import { parseSettings } from "../../components/settings/schema";
import { CERTIFICATE, PRIVATE_KEY } from "../e2e/certificate";

const TOKEN = "0123456789abcdef0123456789abcdef";
const TLS = { tlsCertificate: CERTIFICATE, tlsKey: PRIVATE_KEY };

function parse(monitoring: unknown, more: Record<string, unknown> = {}, secret = ["monitoring", "tlsKey"]) {
    return parseSettings(
        { repositories: [{ name: "local", type: "posix" }], monitoring, ...more },
        {
            secretKeys: new Set(secret),
            readFile: () => "",
            stack: "dev",
        },
    ).monitoring;
}

describe("the setting monitoring", () => {
    for (const [what, monitoring, more, message] of [
        [
            "open without TLS",
            { port: 1000, address: "0.0.0.0", token: TOKEN },
            {},
            /monitoring\.address: 0\.0\.0\.0 is reachable from outside, where figures need TLS: set tlsCertificate and tlsKey, or use 127\.0\.0\.1/,
        ],
        [
            "open without a token",
            { port: 1000, address: "0.0.0.0" },
            TLS,
            /monitoring\.token: is missing, and 0\.0\.0\.0 is reachable/,
        ],
        [
            "a token that can be guessed",
            { token: "secret-of-ours" },
            {},
            /monitoring\.token: at least 32 letters/,
        ],
        [
            "a name in place of an address",
            { port: 1000, address: "localhost" },
            {},
            /monitoring\.address: "localhost": an IP address/,
        ],
        ["PostgreSQL's port", { port: 5433 }, { port: 5433 }, /monitoring\.port: 5433 is PostgreSQL's/],
        [
            "off with a port",
            { metrics: "off", port: 1000 },
            {},
            /monitoring\.metrics: off, and monitoring has a port/,
        ],
        [
            "off with PostgreSQL's own",
            { metrics: "off", postgresql: "on" },
            {},
            /monitoring\.metrics: off, and monitoring has a port, a token or postgresql/,
        ],
        ["another word", { metrics: "maybe" }, {}, /monitoring\.metrics: .*on or off/],
        ["an unknown field", { prot: 1 }, {}, /monitoring\.prot: no such setting; did you mean port/],
    ] as const)
        it(`refuses ${what}`, () => {
            assert.throws(
                () => parse(monitoring, more),
                (error: Error) => {
                    assert.match(error.message, message);
                    for (const token of [TOKEN, "secret-of-ours"]) assert.ok(!error.message.includes(token));
                    return true;
                },
            );
        });

    it("refuses a token that stands readable in the stack file, without showing it", () => {
        assert.throws(
            () => parse({ token: TOKEN }, {}, []),
            (error: Error) =>
                error.message.includes(
                    "pgbackrest:monitoring.token: is not encrypted: set it with pulumi config set --secret --path 'pgbackrest:monitoring.token' --stack dev",
                ) && !error.message.includes(TOKEN),
        );
    });

    it("takes on, off, and what needs neither", () => {
        const inside = { published: undefined, token: undefined, tls: false, postgresql: false };
        assert.equal(parse({}), undefined);
        assert.equal(parse("off", { protect: true }), undefined);
        assert.deepEqual(parse({}, { protect: true }), inside);
        assert.deepEqual(parse({ metrics: true }), inside);
        const open = { port: 1000, address: "0.0.0.0", token: TOKEN };
        assert.deepEqual(parse(open, TLS), {
            ...{ published: { port: 1000, address: "0.0.0.0" }, token: TOKEN, tls: true, postgresql: false },
        });
    });
});

describe("the scrape configuration", () => {
    const args = {
        name: "shop",
        stack: "prod",
        published: undefined,
        token: undefined,
        certificate: undefined,
        postgresql: false,
    };
    const of = (changes: Partial<Scraped>): unknown => {
        const file: unknown = JSON.parse(scrapeConfiguration({ ...args, ...changes }).text);
        return isRecord(file) ? file["scrape_configs"] : undefined;
    };
    const job = (name: string, path: string) => ({
        ...{ job_name: `${name}-prod`, metrics_path: path, scheme: "http" },
        static_configs: [
            { targets: ["shop-backup:9464"], labels: { job: name, stack: "prod", database: "shop" } },
        ],
    });

    it("goes to the container in the stack's network, or to where it is published", () => {
        assert.deepEqual(of({}), [job(JOB, "/metrics")]);
        const at = (address: string): string =>
            scrapeConfiguration({ ...args, published: { port: 1, address } }).address;
        assert.deepEqual(
            [at("0.0.0.0"), at("10.0.0.1"), at("::1")],
            ["127.0.0.1:1", "10.0.0.1:1", "[::1]:1"],
        );
    });

    it("has a job more for PostgreSQL's own", () => {
        const jobs = [job(JOB, "/metrics"), job("postgresql", "/metrics/postgresql")];
        assert.deepEqual(of({ postgresql: true }), jobs);
    });

    it("has the token and whom to trust where that is wanted", () => {
        const { text } = scrapeConfiguration({ ...args, token: TOKEN, certificate: CERTIFICATE });
        assert.ok(text.includes('"scheme": "https"') && text.includes(`"credentials": "${TOKEN}"`));
        assert.ok(text.includes(JSON.stringify(CERTIFICATE)));
    });
});
