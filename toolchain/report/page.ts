// The report: one page of HTML that needs nothing else, for a browser, a phone and paper. Pure.
import type { DrillRecord } from "../../components/drill/record";
import { bytes, duration, minute } from "../../components/protection/text";
import { BACKUP_HEAD, backupRow, heldText, reachText, second } from "../operations/reach";
import { newestOf, nextText } from "../operations/status";
import { NARROW, WIDE } from "./chart";
import type { Facts, RepositoryFacts } from "./facts";
import { escaped, type Html, html, NOTHING } from "./markup";
import { STYLE } from "./style";
import { backupsChart, scheduleChart, windowChart } from "./timeline";
import { backupTrends, drillTrends } from "./trends";

const STATES = {
    0: ["good", "Protected"],
    1: ["bad", "Not protected"],
    2: ["doubt", "Cannot tell whether it is protected"],
} as const;

/** No script, and nothing from anywhere: a browser refuses it even where some text would ask for it. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

export function page(facts: Facts): string {
    const { name, stack, now, told, repositories } = facts;
    const [state, word] = STATES[told.status];
    const since = told.since === undefined ? "" : `since ${minute(told.since)} UTC`;
    return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escaped(`${name} (${stack}): ${word.toLowerCase()}`)}</title>
<style>${STYLE}</style>
</head>
${
    html`<body>
        <main>
            <header>
                <h1>${name}</h1>
                <span class="soft">stack ${stack}, ${second(now)} UTC</span>
            </header>
            <section class="sentence ${state}">
                <strong>${word}</strong> <span class="soft">${since}</span>
                <p id="sentence">${told.sentence}</p>
            </section>
            ${tiles(facts)} ${windows(facts)}
            ${repositories.filter(({ problem }) => problem === "").map((repository) => ofRepository(repository, now))}
            ${drills(facts)} ${schedule(facts)}
            ${facts.ends.length === 0 ? NOTHING : list("What ends", facts.ends, "")}
            ${list("Not tested", facts.untested, "everything was looked at")} ${settings(facts)}
            <footer>
                All times are UTC. Written by <code>npm run ops -- report</code>; what it shows is of
                ${second(now)}.
            </footer>
        </main>
    </body>`.text
}
</html>
`;
}

/** A chart as wide as there is room for. */
function both(draw: (width: number) => Html): Html {
    return html`<div class="wide">${draw(WIDE)}</div>
        <div class="narrow">${draw(NARROW)}</div>`;
}

function tiles({ repositories, database, drills, next, now }: Facts): Html {
    const oldest = Math.min(...repositories.map(({ reach }) => reach?.from ?? Infinity));
    const newest = Math.max(...repositories.map(({ backups }) => backups.at(-1)?.stop ?? -Infinity));
    const drill = drills.ended.at(-1);
    const [coming] = next;
    const tile = (value: string, what: string): Html => html`<div><b>${value}</b><span>${what}</span></div>`;
    return html`<div class="tiles">
        ${[
            tile(Number.isFinite(oldest) ? duration(now - oldest) : "none", "recovery window reaches back"),
            tile(Number.isFinite(newest) ? duration(now - newest) : "none", "age of the newest backup"),
            typeof database === "string"
                ? tile("unknown", "WAL: PostgreSQL cannot be asked")
                : tile(
                      database.last === "" ? "none" : duration(now - database.lastTime),
                      `since WAL was archived, ${database.waiting === 0 ? "nothing" : bytes(database.waitingBytes)} waits`,
                  ),
            drill === undefined
                ? tile("none", drills.isOn ? "drill has ended yet" : "drills: they are off")
                : tile(
                      drill.recoveryTime === undefined ? drill.result : duration(drill.recoveryTime),
                      `recovery time, drill ${drill.result} ${duration(now - drill.ended)} ago`,
                  ),
            coming === undefined
                ? tile("nothing", "is scheduled")
                : tile(
                      coming.at <= now ? "now" : `in ${duration(coming.at - now)}`,
                      `next run: ${coming.kind}`,
                  ),
        ]}
    </div>`;
}

function windows(facts: Facts): Html {
    const { repositories, now } = facts;
    if (repositories.length === 0)
        return html`<section>
            <h2>Recovery window</h2>
            <p>There is no repository: nothing can be restored.</p>
        </section>`;
    const problems = repositories.flatMap(({ problem }) => (problem === "" ? [] : [html`<p>${problem}</p>`]));
    const readable = repositories.filter(({ problem }) => problem === "");
    if (readable.length === 0)
        return html`<section>
            <h2>Recovery window</h2>
            ${problems}
        </section>`;
    const isMissing = repositories.some(({ missing }) => missing.length > 0);
    return html`<section>
        <h2>Recovery window</h2>
        ${both((width) => windowChart({ repositories: readable, now }, width))}
        ${key([["good", "any moment can be restored"], ...(isMissing ? [["bad", "cannot be restored"] as const] : [])])}
        ${readable.map(({ name, reach }) => html`<p><b>${name}</b>: ${reachText(reach, now)}</p>`)}
        ${problems}
    </section>`;
}

function key(marks: readonly (readonly [colour: string, meaning: string])[]): Html {
    return html`<ul class="key">
        ${marks.map(([colour, meaning]) => html`<li><i style="--mark: var(--${colour})"></i>${meaning}</li>`)}
    </ul>`;
}

function ofRepository(repository: RepositoryFacts, now: number): Html {
    const { name, backups, walBytes, missing } = repository;
    if (backups.length === 0)
        return html`<section>
            <h2>Repository ${name}</h2>
            <p>It holds no backup yet.</p>
        </section>`;
    const database = backups.at(-1)?.size ?? 0;
    const kinds = (["full", "diff", "incr"] as const).filter((kind) =>
        backups.some(({ type }) => type === kind),
    );
    return html`<section>
        <h2>Repository ${name}</h2>
        <p>${heldText(backups, walBytes, now)}; the database has ${bytes(database)}</p>
        ${both((width) => backupsChart(repository, now, width))}
        ${key([...kinds.map((kind) => [kind, kind] as const), ["wal", "WAL"], ...(missing.length > 0 ? [["bad", "WAL is missing"] as const] : [])])}
        ${missing.map(({ text }) => html`<p>${text}</p>`)}
        <div class="grid">${backupTrends(repository)}</div>
        <div class="newest">
            ${table(
                BACKUP_HEAD,
                newestOf(backups).map((backup) => backupRow(backup, now)),
                [1, 3],
            )}
        </div>
    </section>`;
}

/** @param minor columns that a phone has no room for */
function table(
    head: readonly string[],
    rows: readonly (readonly string[])[],
    minor: readonly number[] = [],
): Html {
    const row = (cells: readonly string[], of: "th" | "td"): Html =>
        html`<tr>
            ${cells.map((cell, index) => {
                const mark = minor.includes(index) ? html` class="minor"` : NOTHING;
                return of === "th" ? html`<th${mark}>${cell}</th>` : html`<td${mark}>${cell}</td>`;
            })}
        </tr>`;
    return html`<table>
        <thead>
            ${row(head, "th")}
        </thead>
        <tbody>
            ${rows.map((cells) => row(cells, "td"))}
        </tbody>
    </table>`;
}

/** The newest ones as rows; the trend has all. */
const SHOWN_DRILLS = 4;

function drills({ drills: { isOn, ended, running, goals, each }, now }: Facts): Html {
    const state = [
        ...(isOn ? [] : ["Drills are off: nothing proves on schedule that the backups restore."]),
        ...(isOn && ended.length === 0 ? ["No drill has ended yet."] : []),
        ...(running === undefined ? [] : [`A drill runs: ${running.text}`]),
        ...(isOn ? (each ?? []) : []).flatMap((one) => [
            ...(one.isOn ? [] : [`Drills of ${one.name} are off: nothing proves that it restores.`]),
            ...(one.isOn && one.ended.length === 0 && ended.length > 0
                ? [`No drill of ${one.name} has ended yet.`]
                : []),
        ]),
    ].map((text) => html`<p>${text}</p>`);
    if (ended.length === 0)
        return html`<section>
            <h2>Drills</h2>
            ${state}
        </section>`;
    const hasGoals = goals.time !== undefined || goals.point !== undefined;
    const passed = ended.filter(({ result }) => result === "passed").length;
    return html`<section>
        <h2>Drills</h2>
        ${state}
        <p>
            ${passed} of ${ended.length} have passed, the newest
            ${duration(now - (ended.at(-1)?.ended ?? now))} ago
        </p>
        <div class="grid">
            ${each === undefined ? drillTrends(ended, goals) : each.filter((one) => one.ended.length > 0).flatMap((one) => drillTrends(one.ended, goals, ` from ${one.name}`))}
        </div>
        ${key([["full", "measured"], ...(passed < ended.length ? [["bad", "× not passed"] as const] : []), ...(hasGoals ? [["bad", "dashed: at most"] as const] : [])])}
        ${table(
            [
                "began (UTC)",
                ...(each === undefined ? [] : ["repository"]),
                "result",
                "took",
                "recovery time",
                "recovery point",
                "",
            ],
            ended
                .slice(-SHOWN_DRILLS)
                .reverse()
                .map((drill) => drillRow(drill, each !== undefined)),
            [each === undefined ? 2 : 3],
        )}
    </section>`;
}

function drillRow(
    { began, ended, result, repository = "", recoveryTime, recoveryPoint, why }: DrillRecord,
    isOneOfSeveral: boolean,
): string[] {
    const lasting = (seconds: number | undefined): string => (seconds === undefined ? "" : duration(seconds));
    return [
        minute(began),
        ...(isOneOfSeveral ? [repository] : []),
        result,
        duration(ended - began),
        lasting(recoveryTime),
        lasting(recoveryPoint),
        why,
    ];
}

function schedule(facts: Facts): Html {
    const { runs, next } = facts;
    return html`<section>
        <h2>The next days</h2>
        ${runs.length === 0 ? html`<p>Nothing is scheduled in the next days.</p>` : both((width) => scheduleChart(facts, width))}
        <p>${next.map(nextText).join(", ")}</p>
    </section>`;
}

function list(title: string, texts: readonly string[], none: string): Html {
    return html`<section>
        <h2>${title}</h2>
        ${
            texts.length === 0
                ? html`<p>${none}</p>`
                : html`<ul>
                      ${texts.map((text) => html`<li>${text}</li>`)}
                  </ul>`
        }
    </section>`;
}

function settings({ settings: groups }: Facts): Html {
    if (groups.length === 0)
        return html`<section>
            <h2>Settings in force</h2>
            <p>They are in the stack's outputs, which cannot be read here: npm run ops -- report.</p>
        </section>`;
    return html`<section>
        <h2>Settings in force</h2>
        <div class="grid settings">
            ${groups.map(
                ({ title, values }) =>
                    html`<div>
                        <h3>${title}</h3>
                        <dl>
                            ${values.map(
                                ([name, value]) =>
                                    html`<dt>${name}</dt>
                                        <dd>${value}</dd>`,
                            )}
                        </dl>
                    </div>`,
            )}
        </div>
    </section>`;
}
