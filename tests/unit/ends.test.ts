import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { X509Certificate } from "node:crypto";
import { after, describe, it } from "mocha";
import { endsList, endsText, sasEnd } from "../../components/protection/ends";
import { readEnds } from "../../service/ends";
import { CERTIFICATE } from "../e2e/certificate";
import { DAY, NOW } from "../support/repositoryMemory";

const REPOSITORIES = [
    { name: "local", number: 1, place: "posix:x" },
    { name: "offsite", number: 2, place: "azure:y" },
];
const END = Date.parse(new X509Certificate(CERTIFICATE).validTo) / 1000;
const SAS = "?sv=2024&se=2026-12-10T12:00:00Z&sr=c&sig=secret";

describe("what ends", () => {
    const directory = mkdtempSync(join(tmpdir(), "ends-"));
    after(() => {
        rmSync(directory, { recursive: true });
    });
    const revision = (files: Readonly<Record<string, string>>, conf: string): string => {
        const at = mkdtempSync(join(directory, "revision-"));
        for (const name of ["files", "conf.d"]) mkdirSync(join(at, name));
        for (const [name, content] of Object.entries(files)) writeFileSync(join(at, "files", name), content);
        writeFileSync(join(at, "conf.d/repo.conf"), conf);
        return at;
    };

    it("is read from the files of a revision, where it says so itself", () => {
        const at = revision(
            {
                "server.crt": `${CERTIFICATE}\n${CERTIFICATE}`,
                "local-ca.crt": CERTIFICATE,
                // Nobody knows which of two is in use.
                "offsite-ca.crt": `${CERTIFICATE}\n${CERTIFICATE}`,
                "notify-chat-ca.crt": CERTIFICATE,
                "server.key": "x",
                "other.crt": CERTIFICATE,
            },
            `repo2-azure-key-type=sas\nrepo2-azure-key=${SAS}\nrepo1-s3-token=x\n`,
        );
        const found = readEnds(at, REPOSITORIES);
        assert.deepEqual(found, [
            { setting: "caFile", repository: "local", at: END },
            { setting: "notify caFile of chat", at: END },
            { setting: "tlsCertificate", at: END },
            { setting: "sas", repository: "offsite", at: Date.UTC(2026, 11, 10, 12) / 1000 },
        ]);
        assert.ok(!JSON.stringify(found).includes("secret"));
    });

    it("is not known of keys, of policies that are stored elsewhere, and of what is damaged", () => {
        assert.deepEqual(
            readEnds(
                revision(
                    { "server.crt": "nothing" },
                    "repo2-azure-key-type=shared\nrepo2-azure-key=se=2026\n",
                ),
                REPOSITORIES,
            ),
            [],
        );
        assert.deepEqual(readEnds(join(directory, "nowhere"), REPOSITORIES), []);
        assert.equal(sasEnd("sv=1&si=policy&sig=x"), undefined);
        assert.equal(sasEnd("se=soon&sig=x"), undefined);
    });

    it("is told from two weeks before", () => {
        const end = (at: number) => [{ setting: "sas", repository: "offsite", at }];
        assert.equal(endsText(end(NOW + 14 * DAY), NOW), "");
        assert.equal(
            endsText(end(NOW + 14 * DAY - 1), NOW),
            "sas of repository offsite ends 2026-12-11 05:59 UTC: give a new one",
        );
        assert.match(endsText(end(NOW), NOW), / ended 2026-11-27 06:00 UTC/);
        assert.deepEqual(endsList([{ setting: "tlsCertificate", at: NOW - 1 }, ...end(NOW - DAY)], NOW), [
            "sas of repository offsite 2026-11-26 (it has ended)",
            "tlsCertificate 2026-11-27 (it has ended)",
        ]);
    });
});
