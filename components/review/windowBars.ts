import { type Span, spanText } from "../schedule/calendar";
import { type Description, schedulesOf } from "../state/description";
import { continued } from "./repositories";
import { reachOf } from "./retention";

/** Characters of the longest bar. */
const WIDTH = 40;
const SURE = "█";
const AT_TIMES = "░";

/** What can be relied on, and what there is at times, as a part of so many days. */
export function bar({ least, greatest }: Span, days: number): string {
    const part = (span: number): number => (span >= days ? WIDTH : Math.round((span / days) * WIDTH));
    const sure = part(least);
    return `${SURE.repeat(sure)}${AT_TIMES.repeat(Math.max(0, part(greatest) - sure))}`.padEnd(WIDTH);
}

/** How far back each repository that goes on leads before and after a change, where that differs, as lines for people. */
export function windowBars(before: Description, after: Description): string[] {
    if (before.name !== after.name || before.stanza !== after.stanza) return [];
    return continued(before, after).flatMap(([old, wanted]) => {
        const [now, then] = [
            reachOf(old.retention, schedulesOf(before, old)).reach,
            reachOf(wanted.retention, schedulesOf(after, wanted)).reach,
        ];
        const [nowText, thenText] = [spanText(now), spanText(then)];
        if (nowText === thenText) return [];
        const finite = [now.least, now.greatest, then.least, then.greatest].filter((days) => days < Infinity);
        // For ever is longer than anything else.
        const isForEver = finite.length < 4;
        const longest = Math.max(1 / 24, ...finite) * (isForEver ? 2 : 1);
        return [
            `Recovery window of repository ${wanted.name} (${SURE} always, ${AT_TIMES} at times):`,
            `  now   ${bar(now, longest)} ${nowText}`,
            `  then  ${bar(then, longest)} ${thenText}`,
        ];
    });
}
