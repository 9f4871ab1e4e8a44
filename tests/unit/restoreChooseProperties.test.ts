import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { choose } from "../../components/restore/choose";
import { reachOf } from "../../components/restore/reach";
import type { Target } from "../../components/restore/target";
import { windowsOf } from "../../components/restore/windows";
import type { Wish } from "../../components/restore/wish";
import {
    anyWorld,
    endOf,
    factsOf,
    firstAfter,
    isThere,
    labelOf,
    type Line,
    positionAt,
    replayed,
    SIZE,
    type Store,
    type Taken,
    TICK,
    type World,
    writerOf,
} from "../support/walWorld";

const WISH: Wish = { name: "r", at: "it", inclusive: true, pause: false, acceptDamage: false };

interface Case {
    readonly world: World;
    readonly along: Line;
    readonly target: Target;
    readonly wish: Wish;
}

const anyCase: fc.Arbitrary<Case> = anyWorld.chain((world) =>
    fc
        .record({
            along: fc.constantFrom(...world.lines),
            on: fc.constantFrom(...world.lines),
            ticks: fc.nat(81),
            kind: fc.constantFrom("time", "lsn", "latest", "immediate"),
            acceptDamage: fc.boolean(),
            isWished: fc.boolean(),
        })
        .map(({ along, on, ticks, kind, acceptDamage, isWished }) => {
            const time = on.from + ticks * TICK - TICK / 2;
            const wish = { ...WISH, acceptDamage, timeline: isWished ? along.number : undefined };
            return { world, along, target: targetOf(kind, on, time), wish };
        }),
);

function targetOf(kind: string, on: Line, time: number): Target {
    if (kind === "time") return { kind, at: { seconds: time, microseconds: 0 } };
    if (kind === "lsn") return { kind, lsn: BigInt(positionAt(on, time)) };
    return { kind: kind === "latest" ? "latest" : "immediate" };
}

/** Is all that was written during a backup part of a history? */
function isOn(along: Line, { line, start, stop }: Taken): boolean {
    return [positionAt(line, start), positionAt(line, stop) - 1].every(
        (lsn) => writerOf(along, lsn) === line,
    );
}

/** Does PostgreSQL come to the target with this backup? */
function leadsThere(store: Store, taken: Taken, { along, target }: Case): boolean {
    const stop = positionAt(taken.line, taken.stop);
    const end = replayed(store, taken, target.kind === "immediate" ? taken.line : along);
    if (end === undefined || !isOn(along, taken)) return false;
    switch (target.kind) {
        case "immediate":
            return true;
        case "latest":
            return end === endOf(store, along);
        case "lsn":
            return BigInt(stop) <= target.lsn && target.lsn < BigInt(end);
        case "time": {
            const first = firstAfter(along, target.at.seconds);
            return first !== undefined && stop <= first && first < end && taken.stop < target.at.seconds;
        }
        case "name":
            return false;
    }
}

/** Does the WAL of another repository that serves lead further, and not go on where that of this one ends, as far as is known? */
function isLeftBehind(store: Store, others: readonly Store[], { along, target }: Case): boolean {
    if (target.kind !== "latest") return false;
    const end = endOf(store, along) ?? 0;
    return others.some((other) => {
        // What is older than its backups may be there, but nothing says so.
        const known = Math.min(
            ...other.taken.map(({ line, start }) => Math.floor(positionAt(line, start) / SIZE)),
        );
        for (let number = Math.floor(end / SIZE); (number + 1) * SIZE <= (endOf(other, along) ?? 0); number++)
            if (number < known || !isThere(other, writerOf(along, (number + 1) * SIZE - 1), number))
                return true;
        return false;
    });
}

/** Does nobody know when the segment before a lost one was archived? Then a time may be refused that PostgreSQL would come to. */
function isUncertain({ target, world }: Case): boolean {
    const isLostFirst = (store: Store): boolean =>
        world.lines.some((line) =>
            [...store.lost].some((lost) => {
                const [timeline, number] = lost.split("/").map(Number);
                return timeline === line.number && !isThere(store, line, (number ?? 0) - 1);
            }),
        );
    return target.kind === "time" && world.repositories.some(isLostFirst);
}

describe("the choice of a backup, whatever was written, left, lost and is wished", () => {
    it("is the newest that leads PostgreSQL to the target, and none is refused that would", () => {
        const seen = { chosen: 0, refused: 0, older: 0, second: 0, branches: 0 };
        fc.assert(
            fc.property(anyCase, (drawn) => {
                const { world, along, target, wish } = drawn;
                const facts = factsOf(world, along);
                const chosen = choose(wish, target, facts);
                const serve = world.repositories.map((store) =>
                    store.taken.filter(
                        (taken) => (wish.acceptDamage || !taken.damaged) && leadsThere(store, taken, drawn),
                    ),
                );
                const serving = world.repositories.filter((_, at) => serve[at]?.length !== 0);
                const index = world.repositories.findIndex(
                    (store) => serving.includes(store) && !isLeftBehind(store, serving, drawn),
                );
                const best = serve[index]?.at(-1);
                if ("why" in chosen) {
                    seen.refused++;
                    assert.ok(best === undefined || isUncertain(drawn), chosen.why);
                    return;
                }
                if (chosen.warnings.some((text) => text.includes("before it begins"))) return;
                seen.chosen++;
                if (isUncertain(drawn)) {
                    const store = serve[chosen.repository - 1] ?? [];
                    assert.ok(store.some((taken) => labelOf(taken) === chosen.backup.label));
                    return;
                }
                assert.ok(best !== undefined, `${chosen.backup.label} leads nowhere`);
                assert.deepEqual([chosen.repository, chosen.backup.label], [index + 1, labelOf(best)]);
                if (chosen.backup.label !== chosen.candidates[0]?.label) seen.older++;
                if (index > 0) seen.second++;
                if (best.line !== along) seen.branches++;
            }),
            { numRuns: 2000 },
        );
        // Each of these was there, or nothing was tested.
        assert.ok(
            Object.values(seen).every((count) => count > 20),
            JSON.stringify(seen),
        );
    });

    it("reaches a time exactly where it says that it does", () => {
        fc.assert(
            fc.property(
                anyCase,
                fc.integer({ min: -TICK, max: 81 * TICK }),
                ({ world, along, wish }, offset) => {
                    const facts = factsOf(world, along);
                    const seconds = along.from + offset;
                    const windows = facts.repositories.flatMap((repository) =>
                        windowsOf(reachOf(repository, along.number), facts.points, wish.acceptDamage),
                    );
                    const found = choose(wish, { kind: "time", at: { seconds, microseconds: 0 } }, facts);
                    assert.equal(
                        "backup" in found,
                        windows.some(({ from, to }) => from <= seconds && seconds <= to),
                    );
                },
            ),
            { numRuns: 1000 },
        );
    });
});
