import type { Description } from "../state/description";
import { type Consequence, note, warning } from "./consequence";
import { changedNames } from "./text";

type Told = Description["notify"];

const TRY = "npm run ops -- notify test tries them all";

/** What it means that others are told of trouble, or of other things. Nothing restarts for it. */
export function notifyConsequences(before: Told, after: Told): Consequence[] {
    const names = Object.keys(after);
    if (names.length === 0)
        return Object.keys(before).length === 0
            ? []
            : [
                  warning(
                      "nobody is told of trouble with the backups any more: notify is empty. Health and status still say it.",
                  ),
              ];
    const changed = changedNames(
        Object.fromEntries(Object.entries(before).map(([name, { events, rest }]) => [name, events + rest])),
        Object.fromEntries(Object.entries(after).map(([name, { events, rest }]) => [name, events + rest])),
    );
    if (changed.length === 0) return [];
    const parts = changed.map((name) => {
        const [old, wanted] = [before[name], after[name]];
        if (wanted === undefined) return `${name} no more`;
        if (old === undefined) return `${name} (${wanted.events})`;
        return old.events === wanted.events
            ? `${name} otherwise`
            : `${name} (${wanted.events} instead of ${old.events})`;
    });
    return [note(`other notifications, and nothing restarts for them: ${parts.join("; ")}. ${TRY}.`)];
}
