import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, it } from "mocha";
import { once, PATIENCE } from "../support/containers";
import type { Result } from "../support/docker";

const FILES = ["add-pgbackrest.sh", "lost-with-stable.json"].map(
    (name) =>
        [name, readFileSync(resolve(import.meta.dirname, "../../image/packages", name), "base64")] as const,
);

/** A package as `NAME VERSION DEPENDENCIES`. */
interface Suites {
    readonly trixie: readonly string[];
    readonly forky?: readonly string[];
}

const TRIXIE = ["libpq5 17.12-0", "pgbackrest 2.55.1-1 libpq5"];
/** The sources of the imported base image, and those of the one in the registry. */
const ONE_LINE = "echo 'deb [trusted=yes] file:/mirror trixie main' >/etc/apt/sources.list";
const DEB822 = `
printf '%s\\n' 'Types: deb' '# a comment' 'URIs: file:/mirror' 'Suites: trixie trixie-updates' 'Components: main' 'Trusted: yes' '' \\
    'Types: deb' 'URIs: file:/mirror' 'Suites: trixie-security' 'Components: main' 'Trusted: yes' >/etc/apt/sources.list.d/debian.sources`;

/** A mirror of Debian with a handful of packages, real for apt and dpkg. */
const MIRROR = `
set -eu
rm -f /etc/apt/sources.list /etc/apt/sources.list.d/*
package() { # SUITE NAME VERSION DEPENDENCIES
    tree=/tmp/$1-$2 file=pool/$2_$3.deb arch=$(dpkg --print-architecture)
    mkdir -p $tree/DEBIAN $tree/usr/bin $tree/usr/share/$2 /mirror/pool /mirror/dists/$1/main/binary-$arch
    printf 'Package: %s\\nVersion: %s\\nArchitecture: %s\\nMaintainer: nobody <nobody@example.com>\\nDescription: test\\n' $2 $3 $arch >$tree/DEBIAN/control
    # A package without a file of its own disappears when another has its directories.
    touch $tree/usr/share/$2/file
    [ -z "$4" ] || echo "Depends: $4" >>$tree/DEBIAN/control
    [ $2 != pgbackrest ] || { printf '#!/bin/sh\\necho pgBackRest %s\\n' \${3%-*} >$tree/usr/bin/$2 && chmod +x $tree/usr/bin/$2; }
    dpkg-deb --build --root-owner-group $tree /mirror/$file >/dev/null
    { cat $tree/DEBIAN/control && printf 'Filename: %s\\nSize: %s\\nSHA256: %s\\n\\n' $file $(stat -c %s /mirror/$file) \\
        $(sha256sum </mirror/$file | cut -d ' ' -f 1); } >>/mirror/dists/$1/main/binary-$arch/Packages
}
suite() { # SUITE: valid until the day before yesterday, as on a mirror that is not fresh
    cd /mirror/dists/$1
    packages=main/binary-$(dpkg --print-architecture)/Packages
    mkdir -p \${packages%/*} && touch $packages
    printf 'Codename: %s\\nSuite: %s\\nDate: %s\\nValid-Until: %s\\nSHA256:\\n %s %s %s\\n' $1 $1 "$(date -Ru -d '9 days ago')" \\
        "$([ $1 = forky ] && date -Ru -d '2 days ago' || date -Ru -d 'tomorrow')" \\
        $(sha256sum <$packages | cut -d ' ' -f 1) $(stat -c %s $packages) $packages >Release
}
`;

/** Runs the script on a machine with these packages in its mirror, after libpq5 of trixie is installed. */
async function add(suites: Suites, floor = "2.60", sources = ONE_LINE): Promise<Result> {
    const packages = Object.entries(suites).flatMap(([suite, list]: [string, readonly string[]]) =>
        list.map((line) => {
            const [name = "", version = "", ...depends] = line.split(" ");
            return `package ${suite} ${name} ${version} '${depends.join(" ")}'`;
        }),
    );
    const script = [
        MIRROR,
        ...packages,
        "mkdir -p /mirror/dists/trixie-updates /mirror/dists/trixie-security",
        ...["trixie-updates", "trixie-security", ...Object.keys(suites)].map((suite) => `suite ${suite}`),
        sources,
        "apt-get update >/dev/null && apt-get install --yes libpq5 >/dev/null 2>&1",
        ...FILES.map(([name, content]) => `base64 -d >/tmp/${name} <<<${content}`),
        `bash /tmp/add-pgbackrest.sh ${floor} /tmp/note/stable`,
        "dpkg-query --show --showformat 'has ${Package} ${Version}\\n' libpq5 pgbackrest libxml2-16 2>/dev/null || true",
        "ls /etc/apt/sources.list.d /etc/apt/preferences.d; apt-mark showhold",
        "cat /tmp/note/stable 2>/dev/null || true",
    ];
    return once("debian:trixie-slim", ["bash", "-s"], [], script.join("\n"));
}

const has = ({ output }: Result): string[] =>
    [...output.matchAll(/^has (.*)$/gm)].map(([, text = ""]) => text);

describe("pgBackRest's package", function () {
    this.timeout(PATIENCE);
    const newest = ["libpq5 17.12-0", "libxml2-16 2.15-1", "pgbackrest 2.60.0-1"];
    const stable = ["libpq5 17.12-0", "pgbackrest 2.55.1-1"];
    const FORKY = ["libpq5 18.6-3", "libxml2-16 2.15-1", "pgbackrest 2.60.0-1 libpq5, libxml2-16 (>= 2.14)"];

    for (const [title, sources] of [
        ["one line each", ONE_LINE],
        ["paragraphs", DEB822],
    ] as const)
        it(`is Debian testing's with its new library alone, with sources of ${title}`, async () => {
            const result = await add({ trixie: TRIXIE, forky: FORKY }, "2.60", sources);
            assert.deepEqual(has(result), newest, result.output);
            assert.doesNotMatch(result.output, /forky\.|Lost:/, "leaves nothing of it for what comes later");
        });

    for (const [title, forky, why] of [
        [
            "needs a newer libpq than stable's",
            ["libpq5 18.6-3", "pgbackrest 2.60.0-1 libpq5 (>= 18)"],
            /pgbackrest : Depends: libpq5 \(>= 18\)/,
        ],
        ["is older than wanted", ["pgbackrest 2.59.1-1"], /Depends: pgbackrest \(>= 2\.60\)/],
        ["is not there", undefined, /forky/],
    ] as const)
        it(`is Debian stable's where testing's ${title}, and says what is lost`, async () => {
            const result = await add({ trixie: TRIXIE, ...(forky === undefined ? {} : { forky }) });
            assert.deepEqual(has(result), stable, result.output);
            const [, reason = ""] =
                /^pgBackRest 2\.55\.1 of Debian stable is in the image, because (.*)\. Lost: archive-push-queue-max /m.exec(
                    result.output,
                ) ?? [];
            assert.match(reason, why, result.output);
            assert.doesNotMatch(result.output, /forky\.(list|sources)$/m);
        });

    it("is Debian stable's when that is asked for, and testing is not looked at", async () => {
        const result = await add({ trixie: TRIXIE, forky: FORKY }, "stable");
        assert.deepEqual(has(result), stable, result.output);
        assert.match(result.output, /because it was asked for\. Lost: /);
    });
});
