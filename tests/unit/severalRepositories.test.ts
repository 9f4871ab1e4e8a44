import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, it } from "mocha";
import { inForce } from "../../components/pgbackrest/together";
import { renderFiles } from "../../components/publication/publication";
import { storesOf } from "../../components/repository/kinds";
import { withNumbers } from "../../components/repository/number";
import type { Settings } from "../../components/settings/schema";
import { problemsOf, settingsOf } from "../support/settings";

type Raw = Readonly<Record<string, unknown>>;

const TEMPLATE = readFileSync("config/pgbackrest/pgbackrest.conf", "utf8");
const posix = (name: string, more: Raw = {}): Raw => ({
    ...{ name, type: "posix", volume: `volume-${name}`, path: `/srv/${name}` },
    ...more,
});

/** A stack with these, as if more than one were possible in each. */
function stackOf(entries: readonly Raw[], more: Raw = {}): Settings {
    const all = entries.map((entry) => settingsOf({ ...more, repositories: [entry] }));
    const [first] = all;
    assert.ok(first !== undefined);
    return {
        ...first,
        repositories: withNumbers(
            all.flatMap(({ repositories }) => repositories),
            [],
        ),
    };
}

const filesOf = (settings: Settings) => renderFiles(settings, { file: "t.conf", text: TEMPLATE }, "dev");
const conf = (settings: Settings): string => filesOf(settings).files["pgbackrest.conf"] ?? "";
const lines = (text: string, pattern: RegExp): string[] =>
    text.split("\n").filter((line) => pattern.test(line));

describe("numbers of repositories", () => {
    const stores = (names: readonly string[]) => stackOf(names.map((name) => posix(name))).repositories;
    const numbersOf = (list: Settings["repositories"]): Map<string, number> =>
        new Map(storesOf(list).map(({ name, entry }) => [name, entry.number]));
    const names = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e"), { minLength: 1 });

    it("are those of their places in a new stack", () => {
        assert.deepEqual(
            [...numbersOf(stores(["b", "a"]))],
            [
                ["b", 1],
                ["a", 2],
            ],
        );
    });

    it("belong to their names and stay, whatever comes, goes or changes its place", () => {
        fc.assert(
            fc.property(fc.array(names, { minLength: 1, maxLength: 5 }), (history) => {
                let known = new Map<string, number>();
                for (const now of history) {
                    const list = withNumbers(
                        stores(now),
                        [...known].map(([name, number]) => ({ name, number })),
                    );
                    const found = numbersOf(list);
                    assert.deepEqual([...found.keys()], now);
                    assert.equal(new Set(found.values()).size, now.length);
                    for (const [name, number] of found) {
                        assert.ok(number >= 1 && number <= 5);
                        assert.equal(number, known.get(name) ?? number);
                    }
                    known = found;
                }
            }),
        );
    });

    it("are free again when their repository has gone", () => {
        const list = withNumbers(stores(["b", "c"]), [
            { name: "a", number: 1 },
            { name: "b", number: 2 },
        ]);
        assert.deepEqual(
            [...numbersOf(list)],
            [
                ["b", 2],
                ["c", 1],
            ],
        );
    });
});

describe("options of several repositories", () => {
    it("are those of the template for each", () => {
        const text = conf(stackOf([posix("a"), posix("b")]));
        assert.deepEqual(lines(text, /^repo/), [
            ...["repo1-retention-full=8", "repo1-retention-diff=14"],
            ...["repo2-retention-full=8", "repo2-retention-diff=14"],
        ]);
        assert.match(text, /# repository b, from t\.conf:\d+\nrepo2-retention-full=8/);
    });

    it("are their own in place of those of all, in whatever section these are", () => {
        const options = { "global:expire": { "repo1-retention-full": 4 }, global: { "repo1-bundle": true } };
        const settings = stackOf(
            [posix("a"), posix("b", { retention: { days: 30, diff: 3 }, options: { "repo-bundle": false } })],
            { options },
        );
        assert.deepEqual(lines(conf(settings), /^(repo|\[)/), [
            "[global]",
            ...["repo1-retention-full=8", "repo1-retention-diff=14", "repo1-bundle=y"],
            ...["repo2-retention-full=30", "repo2-retention-full-type=time", "repo2-retention-diff=3"],
            "repo2-bundle=n",
            "[global:backup]",
            "[global:archive-push]",
            "[main]",
            "[global:expire]",
            "repo1-retention-full=4",
        ]);
        assert.match(
            conf(settings),
            /# repository b, from pgbackrest:repositories\[0\]\.retention\.days of stack dev/,
        );
    });

    it("leave nothing of a repository 1 that is not there", () => {
        const [, second] = stackOf([posix("a"), posix("b")]).repositories;
        assert.ok(second !== undefined);
        const text = conf({ ...stackOf([posix("a")]), repositories: [second] });
        assert.deepEqual(lines(text, /^repo1/), []);
        assert.deepEqual(lines(text, /^repo2/), ["repo2-retention-full=8", "repo2-retention-diff=14"]);
        assert.match(text, /# line \d+ of t\.conf is for repositories below/);
    });

    it("are, for each, its own or those of all (property)", () => {
        const own = fc.record(
            { full: fc.integer({ min: 1, max: 50 }), diff: fc.integer({ min: 1, max: 50 }) },
            { requiredKeys: [] },
        );
        fc.assert(
            fc.property(
                fc.array(own, { minLength: 1, maxLength: 8 }),
                fc.integer({ min: 1, max: 50 }),
                (all, usual) => {
                    const settings = stackOf(
                        all.map((retention, index) => posix(`r${index}`, { retention })),
                        { options: { global: { "repo1-retention-full": usual } } },
                    );
                    const { options } = filesOf(settings);
                    const set = lines(conf(settings), /^repo\d/);
                    assert.equal(
                        new Set(set.map((line) => line.slice(0, line.indexOf("=")))).size,
                        set.length,
                    );
                    for (const [index, { full, diff }] of all.entries()) {
                        const value = (name: string) =>
                            inForce(options, `repo${index + 1}-${name}`, "expire")?.value;
                        assert.equal(value("retention-full"), String(full ?? usual));
                        assert.equal(value("retention-diff"), String(diff ?? 14));
                    }
                },
            ),
        );
    });

    it("name the lifetime of each by its own schedule", () => {
        const settings = stackOf([posix("a"), posix("b", { schedules: { full: "0 3 * * *" } })]);
        assert.deepEqual(
            filesOf(settings).uses.map(({ lifetime }) => lifetime?.days),
            [56, 8],
        );
    });
});

describe("an entry of repositories", () => {
    const mistakes: readonly (readonly [string, Raw, RegExp])[] = [
        [
            "full off",
            { schedules: { full: "off" } },
            /^pgbackrest:repositories\[0\]\.schedules\.full: cannot be off/,
        ],
        [
            "a schedule that is none",
            { schedules: { diff: "daily" } },
            /repositories\[0\]\.schedules\.diff: "daily" has 1 fields/,
        ],
        ["no zone", { schedules: { timezone: "Mars" } }, /repositories\[0\]\.schedules\.timezone: "Mars"/],
        [
            "two retentions",
            { retention: { full: 2, days: 3 } },
            /repositories\[0\]\.retention: has full and days/,
        ],
        [
            "what retention has, in options again",
            { retention: { full: 2 }, options: { "repo-retention-full": 3 } },
            /options\.repo-retention-full: repo-retention-full is set already at .*\.retention\.full: keep one/,
        ],
        [
            "nothing kept",
            { retention: { full: 0 } },
            /repositories\[0\]\.retention\.full: 0: a whole number from 1/,
        ],
        [
            "an option with a number",
            { options: { "repo2-bundle": true } },
            /options\.repo2-bundle: is not written .*repo-bundle/,
        ],
        [
            "an option of all",
            { options: { "process-max": 2 } },
            /options\.process-max: process-max is an option of all repositories/,
        ],
        [
            "an option of the program",
            { options: { "repo-path": "/x" } },
            /options\.repo-path: .*is set by the program/,
        ],
        [
            "an unknown option",
            { options: { "repo-bundel": true } },
            /options\.repo-bundel: .*did you mean repo1-bundle/,
        ],
        ["a bad value", { options: { "repo-bundle": 3 } }, /options\.repo-bundle: .*y or n/],
        ["another first backup", { firstBackup: "later" }, /firstBackup: "later": one of now, scheduled/],
    ];
    for (const [name, more, expected] of mistakes)
        it(`refuses ${name}`, () => {
            const problems = problemsOf(() => settingsOf({ repositories: [posix("a", more)] }));
            assert.ok(
                problems.some((problem) => expected.test(problem)),
                problems.join("\n"),
            );
        });

    it("has its schedules by kind in place of the stack's", () => {
        const settings = stackOf([posix("a", { schedules: { diff: "off", timezone: "Europe/Paris" } })]);
        const { entry } = storesOf(settings.repositories)[0] ?? {};
        assert.deepEqual(entry?.schedules, { diff: "off", timezone: "Europe/Paris" });
    });

    const webId = (name: string, more: Raw = {}): Raw => ({
        ...{ name, type: "s3", bucket: `bucket-${name}`, region: "eu-central-1", keyType: "web-id" },
        ...{ role: "arn:aws:iam::123456789012:role/backup", tokenFile: "/srv/token/token", ...more },
    });
    const made = (name: string, more: Raw = {}): Raw => ({
        ...{ name, type: "s3", region: "eu-central-1", ...more },
    });
    const together: readonly (readonly [string, Raw, Raw, RegExp | undefined])[] = [
        [
            "the stack's own volume with nobody",
            posix("a", { volume: undefined }),
            posix("b", { volume: undefined }),
            /^pgbackrest:repositories\[1\]: salespider-pgbackrest-repo is the volume of pgbackrest:repositories\[0\] too/,
        ],
        [
            "the stack's own volume with nobody who names it",
            posix("a", { volume: undefined }),
            posix("b", { volume: "salespider-pgbackrest-repo" }),
            /^pgbackrest:repositories\[1\]\.volume: salespider-pgbackrest-repo is the volume of/,
        ],
        [
            "its path in the containers with nobody, nor one inside it",
            posix("a"),
            posix("b", { path: "/srv/a/archive" }),
            /^pgbackrest:repositories\[1\]\.path: \/srv\/a\/archive is inside or around the path of/,
        ],
        [
            "its directory of the host with nobody, nor one around it",
            posix("a", { volume: undefined, hostPath: "/data/a" }),
            { ...posix("b", { volume: undefined, hostPath: "/data" }), type: "cifs" },
            /^pgbackrest:repositories\[1\]\.hostPath: \/data is inside or around the directory of/,
        ],
        [
            "its prefix with nobody, however the server is written",
            webId("a", { bucket: "same", endpoint: "Store.example.com" }),
            webId("b", { bucket: "same", endpoint: "store.example.com" }),
            /^pgbackrest:repositories\[1\]\.path: .* is inside or around the path of/,
        ],
        ["the role and the token of keyType web-id", webId("a"), webId("b"), undefined],
        [
            "the role of keyType web-id, which the containers have once",
            webId("a"),
            webId("b", { role: "arn:aws:iam::123456789012:role/other" }),
            /^pgbackrest:repositories\[1\]\.role: arn:.*:role\/other is not that of pgbackrest:repositories\[0\], arn:.*:role\/backup: .*AWS_ROLE_ARN.* give both the same/,
        ],
        [
            "the token of keyType web-id, which the containers have once",
            webId("a"),
            webId("b", { tokenFile: "/srv/other/token" }),
            /^pgbackrest:repositories\[1\]\.tokenFile: .*AWS_WEB_IDENTITY_TOKEN_FILE/,
        ],
        [
            "keyType web-id beside a role of the machine",
            webId("a"),
            webId("b", { keyType: "auto", role: undefined, tokenFile: undefined }),
            undefined,
        ],
        [
            "names of users at Amazon with nobody",
            made("a", { readers: ["drills"] }),
            made("a-reader-drills"),
            /^pgbackrest:repositories\[1\]\.name: a-reader-drills is the name of something that is made for pgbackrest:repositories\[0\] too/,
        ],
    ];
    for (const [title, one, other, expected] of together)
        it(`shares ${title}`, () => {
            const problems = problemsOf(() => settingsOf({ repositories: [one, other] }));
            if (expected === undefined) assert.deepEqual(problems, []);
            else assert.ok(problems.length === 1 && expected.test(problems[0] ?? ""), problems.join("\n"));
        });
});
