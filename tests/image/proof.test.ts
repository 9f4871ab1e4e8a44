import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { INSTEAD } from "../../components/repository/cifs/kind";
import { Containers, PATIENCE } from "../support/containers";

/** What setup has when it proves repositories. */
const PROVE = `
set -euo pipefail
shopt -s inherit_errexit
export LC_ALL=C.UTF-8
STANZA=main
say() { echo "$*"; }
fail() { echo "FAILED: $*" >&2; exit 1; }
. /usr/local/lib/pgbackrest/prove-pgbackrest.sh
. /usr/local/lib/pgbackrest/empty-volume.sh
. /usr/local/lib/pgbackrest/archivers.sh
. /usr/local/lib/pgbackrest/prove-repositories.sh
redact() { echo "$1"; }
mkdir -p /tmp/proof/conf.d
printf '[global]\nrepo1-retention-full=2\nrepo2-retention-full=2\n[main]\npg1-path=/nonexistent\n' >/tmp/proof/pgbackrest.conf
printf '[global]\nrepo1-path=/var/lib/pgbackrest\nrepo1-type=posix\n' >/tmp/proof/conf.d/repo.conf
echo '[{"name":"first","number":1,"place":"posix:volume x"},{"name":"second","number":2,"place":"posix:/tmp/second"}]' >/tmp/proof/repositories.json
prove() { render_archivers /tmp/proof; prove_repositories /tmp/proof; }
`;
/** What the program gives setup for a repository of type posix. */
const REASONS = [
    "--env",
    `REPOSITORY_REASONS=${Object.entries(INSTEAD)
        .map(([part, text]) => `posix\t${part}\t${text}\n`)
        .join("")}`,
];
/** A stanza of the user. */
const USERS = `pgbackrest --config-path=/tmp/proof --stanza=main --log-level-file=off --pg1-path=/usr/local/share/pgbackrest --no-online stanza-create
find /var/lib/pgbackrest -type f | sort | xargs sha256sum >/tmp/before
`;
const SAME =
    "find /var/lib/pgbackrest -type f | sort | xargs sha256sum | cmp - /tmp/before && find /var/lib/pgbackrest";

describe("the proof of a repository", function () {
    this.timeout(PATIENCE);
    let containers: Containers;
    beforeEach(async () => {
        containers = await Containers.create();
    });
    afterEach(() => containers.remove());

    const run = async (script: string, options: readonly string[] = []): Promise<string> => {
        const { ok, output } = await containers.shell(PROVE + script, options);
        assert.ok(ok, output);
        return output;
    };

    it("removes what a killed one has left, and touches no stanza of the user", async () => {
        const output = await run(`${USERS}
            mkdir -p /var/lib/pgbackrest/{archive,backup}/main.setup-proof
            echo half >/var/lib/pgbackrest/backup/main.setup-proof/backup.info.copy
            prove
            ${SAME}`);
        assert.match(output, /first \(posix:volume x\): written, listed, read and cleaned/);
        assert.doesNotMatch(output, /setup-proof/);
    });

    it("leaves nothing when it is interrupted in the middle", async () => {
        const output = await run(`
            eval "$(declare -f alone | sed '1s/alone/really/')"
            alone() { local status=0; really "$@" || status=$?; [[ $* != *stanza-create* ]] || { ls /var/lib/pgbackrest/archive | sed 's/^/there: /' >&2; kill -TERM "$interrupted"; }; return $status; }
            (trap 'fail "it was interrupted"' TERM; interrupted=$BASHPID; prove) || true
            ls -A /var/lib/pgbackrest | sed 's/^/left: /'`);
        assert.match(output, /there: main\.setup-proof\n[^]*FAILED: it was interrupted/);
        assert.doesNotMatch(output, /left: /);
    });

    it("leaves nothing when the rest of it fails", async () => {
        const output = await run(`
            eval "$(declare -f alone | sed '1s/alone/really/')"
            alone() { case $* in *--ignore-missing*) ;; *repo-get*) echo 'ERROR: [104]' && return 104 ;; esac; really "$@"; }
            (prove) || true
            ls -A /var/lib/pgbackrest | sed 's/^/left: /'`);
        assert.match(output, /FAILED: repository first .*: it cannot be used/);
        assert.doesNotMatch(output, /left: /);
    });

    it("is of each repository alone", async () => {
        const output = await run(`
            mkdir /tmp/second
            printf 'repo2-path=/tmp/second\nrepo2-type=posix\n' >>/tmp/proof/conf.d/repo.conf
            chmod 0500 /var/lib/pgbackrest
            (prove) 2>&1 || true
            chmod 0700 /var/lib/pgbackrest; chmod 0500 /tmp/second
            (prove) 2>&1 || true`);
        assert.match(output, /FAILED: repository first [^]*first .*: written[^]*FAILED: repository second /);
    });

    it("is not needed of one that is away where nothing about it changes and another answers", async () => {
        const output = await run(
            `
            mkdir /tmp/second /tmp/elsewhere
            printf 'repo2-path=/tmp/second\nrepo2-type=posix\n' >>/tmp/proof/conf.d/repo.conf
            try() { echo "# $1"; answers=; (prove 2>&1; echo "answers: $answers") || true; }
            away() { chmod 0700 /tmp/second /var/lib/pgbackrest; chmod 0500 "$@"; }
            away /tmp/second
            try unpublished
            published=/etc/pgbackrest/revisions/1
            mkdir -p $published
            cp -r /tmp/proof/* $published; ln -s revisions/1 /etc/pgbackrest/current
            try 'one away'
            away /var/lib/pgbackrest
            try 'the other away'
            away /var/lib/pgbackrest /tmp/second
            try 'both away'
            away /tmp/second
            sed -i 's#/tmp/second#/tmp/elsewhere#' $published/conf.d/repo.conf
            try 'another place'`,
        );
        const results = new Map(
            Array.from(output.matchAll(/^# (.*)\n([^#]*)/gm), ([, what = "", said = ""]) => [what, said]),
        );
        const refused = /FAILED: repository second .* may not use it/;
        assert.match(results.get("unpublished") ?? "", refused);
        assert.match(
            results.get("one away") ?? "",
            /NOTE: repository second .*It was not proven: nothing about it changes\nanswers: 1\n$/,
        );
        assert.match(results.get("the other away") ?? "", /NOTE: repository first .*\nanswers: 2\n$/);
        assert.match(results.get("both away") ?? "", /FAILED: repository first .* may not use it/);
        assert.match(results.get("another place") ?? "", refused);
    });

    it("refuses posix where no links can be made, unless no backup makes one", async () => {
        const directory = mkdtempSync(join(tmpdir(), "pgbt-"));
        const profile = join(directory, "seccomp.json");
        const syscalls = [{ names: ["symlink", "symlinkat"], action: "SCMP_ACT_ERRNO" }];
        writeFileSync(profile, JSON.stringify({ defaultAction: "SCMP_ACT_ALLOW", syscalls }));
        const output = await run(
            `try() { echo "# $1"; (prove) 2>&1 || true; ls -A /var/lib/pgbackrest | sed 's/^/left: /'; }
            try posix
            echo '[global]' >/tmp/proof/conf.d/repo.conf; echo 'repo1-path=/var/lib/pgbackrest' >>/tmp/proof/conf.d/repo.conf
            try 'posix by default'
            sed -i 's/^\\[global\\]$/&\\nrepo1-symlink=n/' /tmp/proof/pgbackrest.conf
            try 'posix without links'
            printf '[main:backup]\\nrepo1-symlink=y\\n' >>/tmp/proof/pgbackrest.conf
            try 'posix with links in backups'
            sed -i 's/symlink=n/symlink=y/' /tmp/proof/pgbackrest.conf; echo 'repo1-type=cifs' >>/tmp/proof/conf.d/repo.conf
            try cifs`,
            ["--security-opt", `seccomp=${profile}`, ...REASONS],
        );
        rmSync(directory, { recursive: true });
        const refused =
            /^FAILED: repository first .*: its file system has no symbolic links, .*: give it the type cifs, .* repo1-symlink to n .*\n$/;
        const results = output.split(/^# (.*)\n/m).slice(1);
        assert.equal(results.length, 10, output);
        for (const [index, what] of results.entries()) {
            if (index % 2 === 1) continue;
            const said = results[index + 1] ?? "";
            if (["cifs", "posix without links"].includes(what))
                assert.match(said, /^repository first .*: written, listed, read and cleaned\n$/, what);
            else assert.match(said, refused, what);
        }
    });

    it("tells a file system that cannot write a directory through", async () => {
        const output = await run(
            `
            eval "$(declare -f alone | sed '1s/alone/really/')"
            alone() { case $* in *stanza-create*) echo "ERROR: [058]: unable to sync path '/x': [22] Invalid argument" && return 58 ;; esac; really "$@"; }
            (prove) || true`,
            REASONS,
        );
        assert.match(
            output,
            /FAILED: repository first .*: its file system cannot write a directory through .* type cifs/,
        );
    });
});
