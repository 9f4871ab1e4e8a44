// A restore: of 3 GB against the floors (a copy of the directory, and pg_basebackup's archive unpacked), its replay against `cp` as
// restore_command, what the plan says of its length against what it takes, and how long PostgreSQL's move to what was restored is.
import { amount, median, ratio, runs, shown } from "./measure";
import { COPIED_WAL, RestoreBed, type Taken } from "./restoreBed";
import { switchOver } from "./switchOver";

/** Scale and segments of WAL: 3 GB at last. */
const SIZES = [
    [1, amount(10, 2)],
    [20, 30],
    [150, 100],
] as const;

export default async function (): Promise<void> {
    const bed = await RestoreBed.create();
    try {
        for (const [index, [scale, segments]] of SIZES.slice(0, runs(SIZES.length)).entries()) {
            await bed.fill(scale, segments);
            await compareEstimates(bed, index > 0);
        }
        await bed.keepOthers();
        await compareSpeeds(bed);
    } finally {
        await bed.remove();
    }
    await switchOver();
}

/** @param isKnown was there a restore, of another size? */
async function compareEstimates(bed: RestoreBed, isKnown: boolean): Promise<void> {
    const byBackup = await bed.estimate("backup");
    const byOther = isKnown ? await bed.estimate("restore") : undefined;
    const { all, files, replay, segments } = await bed.restore();
    const again = await bed.estimate("restore");
    const factor = (told: number): string => `${told} s (${(told / all).toFixed(2)}x)`;
    console.log(
        `estimate for ${shown(bed.megabytes)} MB and ${segments} segments: ${factor(byBackup)} by the backup, ` +
            `${byOther === undefined ? "" : `${factor(byOther)} by the restore of another size, `}${factor(again)} by the same restore; ` +
            `it took ${shown(all)} s (files ${shown(files)} s, replay ${shown(replay)} s)`,
    );
}

async function compareSpeeds(bed: RestoreBed): Promise<void> {
    const taken = { copy: new Array<number>(), tar: new Array<number>() };
    const ours: Taken[] = [];
    const copied: Taken[] = [];
    for (let run = 0; run < runs(3); run++) {
        taken.copy.push(await bed.copy());
        ours.push(await bed.restore());
        taken.tar.push(await bed.unpack());
        copied.push(await bed.restore(COPIED_WAL));
    }
    const files = ours.map((one) => one.files);
    console.log(`restore of ${shown(bed.megabytes)} MB against cp -a ${ratio(taken.copy, files)}`);
    console.log(`restore of ${shown(bed.megabytes)} MB against a tar unpacked ${ratio(taken.tar, files)}`);
    const [theirs, own] = [copied, ours].map((all) => all.map(({ replay }) => replay));
    const rate = (all: readonly Taken[]): string =>
        shown(median(all.map(({ segments, replay }) => segments / replay)));
    console.log(
        `replay against cp as restore_command ${ratio(theirs ?? [], own ?? [])}: ${rate(ours)} segments a second, cp ${rate(copied)}`,
    );
}
