import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "mocha";
import {
    debianSources,
    parseDeb822Sources,
    parseOneLineSources,
    readAptSources,
} from "../../toolchain/closedNetwork/aptSources";

describe("the package sources of this machine", () => {
    it("are read from one-line files", () => {
        const text = [
            "# deb http://commented.example/debian bookworm main",
            "deb http://mirror.example/debian/ bookworm main contrib # a remark",
            "  deb [ arch=amd64 signed-by=/k.gpg ] https://mirror.example/debian-security bookworm-security main",
            "deb-src http://sources.example/debian bookworm main",
            "",
        ].join("\n");
        assert.deepEqual(parseOneLineSources(text), [
            { uri: "http://mirror.example/debian/", suites: ["bookworm"], components: ["main", "contrib"] },
            {
                uri: "https://mirror.example/debian-security",
                suites: ["bookworm-security"],
                components: ["main"],
            },
        ]);
    });

    it("are read from deb822 files: comments are no mirrors, several values and folded lines are", () => {
        const text = [
            "Types: deb deb-src",
            "# http://snapshot.example/archive/debian/20250520T000000Z",
            "URIs: http://one.example/debian",
            "  http://two.example/debian",
            "Suites: bookworm bookworm-updates",
            "Components: main",
            "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg",
            "",
            "Types: deb",
            "URIs: http://off.example/debian",
            "Suites: bookworm",
            "Components: main",
            "Enabled: no",
            "\t",
            "types: deb-src",
            "uris: http://sources.example/debian",
            "suites: bookworm",
            "components: main",
        ].join("\n");
        const suites = ["bookworm", "bookworm-updates"];
        assert.deepEqual(parseDeb822Sources(text), [
            { uri: "http://one.example/debian", suites, components: ["main"] },
            { uri: "http://two.example/debian", suites, components: ["main"] },
        ]);
    });

    it("give the mirrors for another release, never a third party's", () => {
        const sources = [
            { uri: "https://packages.example/node", suites: ["nodistro"], components: ["main"] },
            {
                uri: "http://mirror.example/debian",
                suites: ["bookworm", "bookworm-updates"],
                components: ["main"],
            },
            { uri: "http://mirror.example/security", suites: ["bookworm-security"], components: ["main"] },
        ];
        assert.deepEqual(debianSources(sources, "trixie"), [
            "deb http://mirror.example/debian trixie main",
            "deb http://mirror.example/security trixie-security main",
        ]);
        const ubuntu = [
            { uri: "http://archive.ubuntu.example/ubuntu", suites: ["noble"], components: ["main"] },
        ];
        assert.deepEqual(debianSources(ubuntu, "trixie"), []);
    });

    it("are read from all files of the directory", () => {
        const directory = mkdtempSync(join(tmpdir(), "pgbackrest-apt-"));
        try {
            mkdirSync(join(directory, "sources.list.d"));
            writeFileSync(join(directory, "sources.list"), "deb http://a.example/debian trixie main\n");
            writeFileSync(
                join(directory, "sources.list.d", "b.list"),
                "deb http://b.example/debian trixie main\n",
            );
            writeFileSync(
                join(directory, "sources.list.d", "c.sources"),
                "Types: deb\nURIs: http://c.example/debian\nSuites: trixie\nComponents: main\n",
            );
            writeFileSync(
                join(directory, "sources.list.d", "d.save"),
                "deb http://d.example/debian trixie main\n",
            );
            const uris = readAptSources(directory).map(({ uri }) => new URL(uri).host);
            assert.deepEqual(uris, ["a.example", "b.example", "c.example"]);
            assert.deepEqual(readAptSources(join(directory, "missing")), []);
        } finally {
            rmSync(directory, { recursive: true, force: true });
        }
    });
});
