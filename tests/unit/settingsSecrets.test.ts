import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { describe, it } from "mocha";
import { configKeys } from "../../components/settings/schema";
import { problemsOf, settingsOf } from "../support/settings";

describe("secrets in the settings", () => {
    const bad: readonly (readonly [string, string])[] = [
        ["a line break", "hunter2secret\n"],
        ["a line break inside", "hunter2\nsecret"],
        ["a blank before", " hunter2secret"],
        ["a blank behind", "hunter2secret "],
        ["a control character", "hunter2\u0007secret"],
        ["an invisible character", "hunter2\u200Bsecret"],
        ["a character that others normalize", "hunter2\uFB01secret"],
        ["too much text", "hunter2secret".repeat(50)],
    ];
    for (const [name, password] of bad)
        it(`are refused with ${name}, without printing them`, () => {
            const problems = problemsOf(() => settingsOf({ password }, ["password"]));
            assert.match(problems.join("\n"), /^pgbackrest:password: /);
            assert.doesNotMatch(problems.join("\n"), /hunter2|secret/);
        });

    it("must be encrypted in the stack", () => {
        const problems = problemsOf(() => settingsOf({ password: "hunter2secret" }));
        assert.match(
            problems.join("\n"),
            /^pgbackrest:password: is not encrypted: .*--secret pgbackrest:password --stack dev$/,
        );
    });

    it("take what passwords are made of", () => {
        const password = "p=a#b;c\"d'e\\f g%h$ü€😀";
        assert.equal(settingsOf({ password }, ["password"]).password, password);
    });

    it("never show the value of a key that is encrypted, whatever it is", () => {
        const raw = fc.record({
            key: fc.constantFrom(...configKeys.map((key) => key.name)),
            value: fc.oneof(
                fc.constant("S3CR3T-VALUE"),
                fc.constant(["S3CR3T-VALUE"]),
                fc.constant({ x: "S3CR3T-VALUE" }),
            ),
        });
        fc.assert(
            fc.property(raw, ({ key, value }) => {
                const problems = problemsOf(() => settingsOf({ [key]: value }, [key]));
                assert.doesNotMatch(problems.join("\n"), /S3CR3T-VALUE/);
            }),
        );
    });

    const pem = generateKeyPairSync("ed25519", {
        privateKeyEncoding: { type: "pkcs8", format: "pem" },
        publicKeyEncoding: { type: "spki", format: "pem" },
    });
    it("need both halves of TLS, and the right ones", () => {
        const half = problemsOf(() => settingsOf({ tlsKey: pem.privateKey }, ["tlsKey"])).join("\n");
        assert.match(half, /^pgbackrest:tlsCertificate: is missing/);
        const wrong = problemsOf(() =>
            settingsOf({ tlsKey: pem.privateKey, tlsCertificate: pem.privateKey, address: "0.0.0.0" }, [
                "tlsKey",
            ]),
        ).join("\n");
        assert.match(wrong, /^pgbackrest:tlsCertificate: is not a certificate/);
        assert.doesNotMatch(half + wrong, /PRIVATE KEY-----\n/);
    });
});
