import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { renderRepo } from "../../components/pgbackrest/repository";
import { fileEnvironment } from "../../components/publication/publication";
import { renderRepositories } from "../../components/protection/state";
import { Containers, PATIENCE } from "../support/containers";
import { POSIX } from "../support/inputs";

const LOCAL = {
    name: "repositories.json",
    content: renderRepositories([{ name: "local", number: 1, place: "posix:volume x" }]),
};
const options = (...more: [string, string][]): ReadonlyMap<string, string> =>
    new Map([["type", "posix"], ["path", "/var/lib/pgbackrest"], ...more]);
const repoConf = (...more: [string, string][]): { name: string; content: string } => ({
    name: "conf.d/repo.conf",
    content: renderRepo([{ number: 1, options: options(...more) }]),
});

describe("setup with repositories in files, as the program gives them", function () {
    this.timeout(PATIENCE);
    let containers: Containers;
    before(async () => {
        containers = await Containers.create();
    });
    after(() => containers.remove());

    const setup = (
        files: readonly { name: string; content: string }[],
        more: Readonly<Record<string, string>> = {},
    ): ReturnType<Containers["setup"]> =>
        containers.setup({ environment: { ...fileEnvironment(files), ...more } });

    it("proves them, says their names, and publishes them as they are", async () => {
        const { ok, output } = await setup([repoConf(), LOCAL]);
        assert.ok(ok, output);
        assert.match(output, /repository local \(posix:volume x\): written, listed, read and cleaned/);
        const shown = await containers.shell(
            "cd /etc/pgbackrest/current; cat conf.d/repo.conf repositories.json; stat --format %a conf.d/repo.conf; ls",
        );
        assert.ok(shown.output.startsWith(`${repoConf().content}${LOCAL.content}640\n`), shown.output);
        assert.doesNotMatch(shown.output, /^none$/m);
    });

    it("says it in the words of release 0.1.0 too, whose service runs on while it is upgraded", async () => {
        const places = [
            ["posix:volume x", "posix:volume x"],
            ["azure:container c of account a at h, path /x", "azure:container c of a at h, path /x"],
            ["s3:bucket b at h, path /x", "s3:bucket b at h, path /x"],
        ] as const;
        for (const [place, before] of places) {
            const content = renderRepositories([{ name: "local", number: 1, place }]);
            const { ok, output } = await setup([repoConf(), { name: "repositories.json", content }]);
            assert.ok(ok, output);
            const shown = await containers.shell("cat /etc/pgbackrest/current/repositories");
            assert.equal(shown.output, `${before}\n`);
        }
    });

    it("knows by an empty list that there is none", async () => {
        const { ok, output } = await setup([
            { name: "conf.d/repo.conf", content: renderRepo([]) },
            { name: "repositories.json", content: renderRepositories([]) },
        ]);
        assert.ok(ok, output);
        assert.match(output, /no repository: nothing is protected/);
        assert.match((await containers.shell("ls /etc/pgbackrest/current")).output, /^none$/m);
    });

    const refused: readonly (readonly [string, () => ReturnType<Containers["setup"]>, RegExp])[] = [
        [
            "files and variables at once",
            () => setup([repoConf(), LOCAL], POSIX),
            /given twice, in the file conf\.d\/repo\.conf and as variables: [^]*PGBACKREST_REPO1_PATH/,
        ],
        ["no word about which there are", () => setup([repoConf()]), /file repositories\.json is missing/],
        [
            "other repositories than there are",
            () => setup([repoConf(), { name: "repositories.json", content: "[]\n" }]),
            /repositories\.json has the numbers '', and conf\.d\/repo\.conf has '1'/,
        ],
        [
            "something else than a list",
            () => setup([repoConf(), { name: "repositories.json", content: '{"name":"local"}\n' }]),
            /repositories\.json is no list of \{name, number, place\}/,
        ],
    ];
    for (const [title, call, expected] of refused)
        it(`refuses ${title}`, async () => {
            const { ok, output } = await call();
            assert.ok(!ok);
            assert.match(output, expected);
        });

    it("never shows a secret of theirs, not even where pgBackRest quotes it", async () => {
        const azure = new Map([
            ["type", "azure"],
            ["path", "/x"],
            ["azure-account", "account1"],
            ["azure-container", "backups"],
            ["azure-key", "not base64 at all"],
        ]);
        const { ok, output } = await setup([
            { name: "conf.d/repo.conf", content: renderRepo([{ number: 1, options: azure }]) },
            {
                name: "repositories.json",
                content: renderRepositories([{ name: "a", number: 1, place: "azure:x" }]),
            },
        ]);
        assert.ok(!ok);
        assert.doesNotMatch(output, /not base64 at all/);
        assert.match(output, /base64|<redacted>/);
    });
});
