import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { type DefaultTreeAdapterTypes, parse } from "parse5";
import { type Seen, toldOf } from "../../toolchain/operations/seen";
import { statusOf } from "../../toolchain/operations/status";
import { spanOf, ticks, tickText } from "../../toolchain/report/chart";
import { factsOf } from "../../toolchain/report/facts";
import { escaped, html, noneOf } from "../../toolchain/report/markup";
import { page } from "../../toolchain/report/page";
import { inForce } from "../../toolchain/report/settings";
import { missingSpans, without } from "../../toolchain/report/spans";
import { cloud, described, made } from "../support/descriptions";
import { drill, failedDrill } from "../support/drills";
import { known } from "../support/infoJson";
import {
    ABOUT,
    FACTS,
    heldBackups,
    monthsOfDrills,
    SEEN,
    weeksOfBackups,
    wellState,
} from "../support/reportSeen";
import { DAY, fullBackup, memory, NOW } from "../support/repositoryMemory";

type Element = DefaultTreeAdapterTypes.Element;

interface Page {
    readonly problems: readonly string[];
    readonly elements: readonly Element[];
}

function readPage(text: string): Page {
    const problems: string[] = [];
    const document = parse(text, {
        sourceCodeLocationInfo: true,
        onParseError: ({ code, startLine, startCol }) => problems.push(`${code} ${startLine}:${startCol}`),
    });
    const elements: Element[] = [];
    const visit = (node: DefaultTreeAdapterTypes.Node): void => {
        if ("tagName" in node) elements.push(node);
        if ("childNodes" in node) node.childNodes.forEach(visit);
    };
    visit(document);
    return { problems, elements };
}

function textOf(node: DefaultTreeAdapterTypes.Node | undefined): string {
    if (node === undefined) return "";
    if ("value" in node) return node.value;
    return "childNodes" in node ? node.childNodes.map(textOf).join("") : "";
}

function attribute(element: Element, name: string): string | undefined {
    return element.attrs.find((one) => one.name === name)?.value;
}

function sentenceOf({ elements }: Page): string {
    return textOf(elements.find((element) => attribute(element, "id") === "sentence"));
}

const ALLOWED = new Set(
    [
        "html head meta title style body main header h1 h2 h3 span section strong p div b figure figcaption ul li i",
    ]
        .concat(
            "table thead tbody tr th td dl dt dd code footer svg g path line circle text tspan rect title",
        )
        .join(" ")
        .split(" "),
);

/** Is it what every page must be, whatever it shows? */
function checkPage(text: string): Page {
    const found = readPage(text);
    assert.deepEqual(found.problems, []);
    for (const { tagName, attrs } of found.elements) {
        assert.ok(ALLOWED.has(tagName), tagName);
        for (const { name, value } of attrs) {
            assert.doesNotMatch(name, /^(on|src|href|srcdoc|action|data|xlink)/, `${name} of ${tagName}`);
            assert.doesNotMatch(value, /url\((?!#)/, `${name} of ${tagName}`);
        }
    }
    return found;
}

const hostile = fc.oneof(
    fc.constantFrom(
        "<script>alert(1)</script>",
        "</style><img src=x onerror=alert(1)>",
        `"' onload='x' & &lt; ]]> <!-- -->`,
        "\u0000\u0007\uD800\uFFFF x\ry",
    ),
    fc.string({ unit: "grapheme", minLength: 1 }),
);
const moment = fc.integer({ min: NOW - 400 * DAY, max: NOW + DAY });

const backup = fc
    .record({
        ...{ label: hostile, type: fc.constantFrom("full" as const, "diff" as const, "incr" as const) },
        ...{ damaged: fc.boolean(), repository: fc.integer({ min: 1, max: 3 }), stop: moment },
        ...{ seconds: fc.nat(90_000), added: fc.nat(), copied: fc.nat(), size: fc.nat() },
        segment: fc.option(fc.constantFrom("000000010000000000000002", "0000000200000001000000FE")),
    })
    .map(({ seconds, segment, ...rest }) => ({
        ...{ ...rest, start: rest.stop - seconds, needs: [], lsn: undefined },
        wal: segment === null ? undefined : { first: segment, last: segment },
    }));

const gap = fc
    .record({ number: fc.nat(200), count: fc.integer({ min: 1, max: 30 }), after: fc.option(moment) })
    .map(({ number, count, after }) => {
        const name = (of: number): string =>
            `0000000100000000${of.toString(16).toUpperCase().padStart(8, "0")}`;
        return { first: name(number), last: name(number + count - 1), count, after };
    });

const remembered = fc
    .record({
        gaps: fc.array(gap, { maxLength: 3 }),
        verified: fc.constantFrom(null, 0, NOW - 40 * DAY, NOW),
    })
    .map(({ gaps, verified }) => memory({ verified, wal: { checked: "", size: 2 ** 24, gaps } }));

const drilled = fc
    .record({
        ...{
            began: moment,
            why: hostile,
            notTested: fc.array(hostile, { maxLength: 2 }),
            repository: hostile,
        },
        ...{ result: fc.constantFrom("passed" as const, "failed" as const, "unverified" as const) },
        ...{
            recoveryTime: fc.option(fc.nat(), { nil: undefined }),
            recoveryPoint: fc.option(fc.nat(), { nil: undefined }),
        },
    })
    .map((changes) => drill({ ...changes, ended: changes.began + 60 }));

const anySeen: fc.Arbitrary<Seen> = fc
    .record({
        names: fc.uniqueArray(hostile, { maxLength: 3 }),
        memories: fc.array(remembered, { minLength: 3, maxLength: 3 }),
        ...{ backups: fc.array(backup, { maxLength: 12 }), sentence: hostile, isProtected: fc.boolean() },
        ...{
            age: fc.constantFrom(3, 100),
            published: fc.constantFrom("1-abc", "2-new"),
            isThere: fc.boolean(),
        },
        ...{ drills: fc.array(drilled, { maxLength: 5 }), isOn: fc.boolean(), problem: fc.option(hostile) },
        away: fc.nat(2),
        ...{ database: fc.option(hostile), listed: fc.boolean() },
    })
    .map((some): Seen => {
        const state = wellState(
            Object.fromEntries(some.names.map((name, index) => [name, some.memories[index] ?? memory()])),
            some.sentence,
        );
        const repositories = some.names.map((name, index) => known(name, index + 1));
        const sorted = some.backups.toSorted((a, b) => a.stop - b.stop);
        const verdict = { ...state.verdict, protected: some.isProtected };
        return {
            service: {
                ...SEEN.service,
                state: some.isThere ? { ...state, written: NOW - some.age, verdict } : undefined,
                published: some.published,
                repositories,
                drills: {
                    ...{ isOn: some.isOn, running: undefined },
                    ended: some.drills.toSorted((a, b) => a.began - b.began),
                },
            },
            held: repositories.map((repository, index) => ({
                ...heldBackups(
                    repository,
                    sorted.filter((one) => one.repository === repository.number),
                ),
                // All of them, one of them, or none.
                ...(some.problem !== null && index <= some.away ? { report: some.problem } : {}),
            })),
            running: undefined,
            database: some.database ?? SEEN.database,
            wal: some.listed ? SEEN.wal : new Map(),
        };
    });

describe("the report", () => {
    it("of any stack is valid and shows texts as texts, and its sentence is that of `ops status`", () => {
        fc.assert(
            fc.property(anySeen, hostile, (seen, name) => {
                const found = checkPage(page(factsOf(seen, { ...ABOUT, name, stack: name })));
                const told = toldOf(seen.service);
                assert.equal(sentenceOf(found), noneOf(told.sentence));
                const said = statusOf(seen);
                assert.equal(told.status, said.status);
                const [line] = said.lines;
                assert.ok(typeof line === "string" && line.endsWith(told.sentence));
                const word = textOf(found.elements.find(({ tagName }) => tagName === "strong"));
                assert.equal(word.startsWith("Protected"), said.data["protected"] === true);
            }),
            { numRuns: 40 },
        );
    });

    it("of a stack has all that was promised", () => {
        const text = page(FACTS);
        const { elements } = checkPage(text);
        const titles = elements.filter(({ tagName }) => tagName === "h2").map(textOf);
        assert.deepEqual(titles, [
            ...["Recovery window", "Repository host", "Repository offsite", "Drills", "The next days"],
            ...["Not tested", "Settings in force"],
        ]);
        const charts = elements.filter(({ tagName }) => tagName === "svg");
        // The windows, backups and runs for two widths, four figures of each repository, two of drills.
        assert.equal(charts.length, 2 + 2 * (2 + 4) + 2 + 2);
        for (const chart of charts) assert.ok(attribute(chart, "aria-label"), "a chart has a name");
        assert.ok(text.includes("39 WAL segments are missing"));
        assert.ok(text.includes("no drill has passed with them"));
        assert.deepEqual(text.match(/.{40}(NaN|undefined|Infinity)/g), null);
    });

    it("says which repository cannot be read, and shows the others", () => {
        const [host, ...others] = SEEN.held;
        assert.ok(host);
        const held = [{ ...host, report: "[049]: refused" }, ...others];
        const facts = factsOf({ ...SEEN, held }, ABOUT);
        const { elements } = checkPage(page(facts));
        const texts = elements.filter(({ tagName }) => tagName === "p").map(textOf);
        assert.ok(texts.includes("repository host cannot be read: [049]: refused"));
        const titles = elements.filter(({ tagName }) => tagName === "h2").map(textOf);
        assert.ok(titles.includes("Repository offsite") && !titles.includes("Repository host"));
        assert.ok(facts.untested.some((text) => text.startsWith("what repository host holds: ")));
    });

    it("of a stack of a minute ago, without anything yet, and of one for years is there too", () => {
        const first = fullBackup("000000010000000000000002", {
            start: NOW - 20,
            stop: NOW - 20,
            size: 2 ** 25,
        });
        for (const backups of [[], [first], weeksOfBackups(1, 600)]) {
            const held = SEEN.held.map(({ repository }) =>
                heldBackups(
                    repository,
                    backups.filter((one) => one.repository === repository.number),
                ),
            );
            const service = { ...SEEN.service, drills: { isOn: true, ended: [], running: undefined } };
            const text = page(factsOf({ ...SEEN, held, service }, { ...ABOUT, description: undefined }));
            checkPage(text);
            assert.deepEqual(text.match(/.{40}(NaN|undefined|Infinity)/g), null);
        }
        const [host, ...others] = SEEN.held;
        assert.ok(host);
        const long = [heldBackups(host.repository, weeksOfBackups(1, 600)), ...others];
        assert.ok(page(factsOf({ ...SEEN, held: long }, ABOUT)).length < 2 ** 20);
    });

    it("has no secret, nor what one could be made out of", () => {
        const description = described(
            {
                password: "the-password-of-app",
                settings: { "my.key": "4711", max_connections: 150, log_line_prefix: "%m secret " },
            },
            [{ ...cloud, name: "other", path: "/other" }, made],
        );
        const text = page(factsOf(SEEN, { ...ABOUT, description }));
        for (const secret of [
            "the-password-of-app",
            "a passphrase that",
            "secret-1",
            "AKIA1",
            "4711",
            "%m secret",
            description.salt,
        ])
            assert.ok(!text.includes(secret), secret);
        for (const { encryption, credentials } of description.repositories)
            for (const print of [encryption, credentials])
                assert.ok(print === "" || /^(none|generated)/.test(print) || !text.includes(print), print);
        assert.ok(/max_connections \d/.test(text));
    });
});

const GAPS: readonly [
    what: string,
    after: number | null,
    backups: readonly string[],
    from: number,
    to: number,
][] = [
    ["behind a backup, before another", NOW - 5000, ["02", "09"], NOW - 5000, NOW - 1000],
    ["whose beginning is not known", null, ["02", "09"], NOW - 3000, NOW - 1000],
    ["behind all backups", NOW - 500, ["02"], NOW - 500, NOW],
];

describe("the stretches of time of the report", () => {
    for (const [what, after, names, from, to] of GAPS)
        it(`miss the time of WAL ${what}`, () => {
            const backups = names.map((name, index) =>
                fullBackup(`0000000100000000000000${name}`, {
                    start: NOW - 3600 + index * 2000,
                    stop: NOW - 3000 + index * 2000,
                }),
            );
            const one = {
                first: "000000010000000000000005",
                last: "000000010000000000000005",
                count: 1,
                after,
            };
            const [found] = missingSpans({ checked: "", size: 2 ** 24, gaps: [one] }, backups, NOW);
            assert.deepEqual(found?.unreachable, { from, to });
        });

    it("never overlap what was taken from them, and lose nothing else", () => {
        const span = fc.tuple(fc.nat(60), fc.nat(30)).map(([from, length]) => ({ from, to: from + length }));
        const covers = (spans: readonly { from: number; to: number }[], at: number): boolean =>
            spans.some(({ from, to }) => from <= at && at < to);
        fc.assert(
            fc.property(fc.array(span), fc.array(span), (spans, others) => {
                const left = without(spans, others);
                for (let at = 0; at < 100; at++)
                    assert.equal(covers(left, at), covers(spans, at) && !covers(others, at), String(at));
            }),
        );
    });

    it("have times on their axis with room between them", () => {
        fc.assert(
            fc.property(
                moment,
                fc.integer({ min: 0, max: 4000 * DAY }),
                fc.integer({ min: 200, max: 900 }),
                (from, length, pixels) => {
                    const span = spanOf(from, from + length);
                    const found = ticks(span, pixels);
                    assert.ok(found.length <= pixels / 50 + 1, String(found.length));
                    for (const at of found) assert.ok(at >= span.from && at <= span.to);
                    for (const at of found)
                        assert.match(tickText(at, span), /^(\d\d:\d\d|\d+ \w{3}|\w{3} \d{4})$/);
                },
            ),
        );
    });
});

describe("the texts of the report", () => {
    it("are escaped, and HTML is not", () => {
        assert.equal(
            html`<p>${"<b>"}${html`<b>${1}</b>`}${[html`<i></i>`]}</p>`.text,
            "<p>&lt;b&gt;<b>1</b><i></i></p>",
        );
        assert.equal(escaped(`"'&\u0000`), "&quot;&#39;&amp;\uFFFD");
    });

    it("say which drills there were and what they did not test", () => {
        const of = (ended: readonly ReturnType<typeof drill>[], isOn: boolean) =>
            factsOf(
                { ...SEEN, service: { ...SEEN.service, drills: { isOn, ended, running: undefined } } },
                ABOUT,
            ).untested;
        assert.match(of([], false).join(), /whether the backups restore: drills are off/);
        assert.match(of([], true).join(), /no drill has ended yet/);
        assert.match(of([failedDrill()], true).join(), /repository host restore: no drill has passed/);
        assert.match(
            of(monthsOfDrills(), true).join(),
            /by the newest drill \(51GiB\): page checksums: the cluster has none/,
        );
    });

    it("name the settings of each repository", () => {
        const titles = inForce(described({}, [cloud, { ...cloud, name: "other", path: "/o" }]), "1-abc").map(
            ({ title }) => title,
        );
        assert.deepEqual(titles, [
            "Stack",
            "Repository offsite",
            "Repository other",
            "Schedules (UTC)",
            "PostgreSQL",
        ]);
    });
});
