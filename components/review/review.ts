import { randomBytes } from "node:crypto";
import { describeStack } from "./describe";
import { type Description, same } from "../state/description";
import { Unreadable } from "../state/readDescription";
import { consequences, explanation, needsLive } from "./consequences";
import { askRepository } from "./live";
import { reviewRestore } from "./restore";
import { windowBars } from "./windowBars";
import { refusals, unreadableStack } from "./refusals";
import type { OtherStack } from "../state/history";
import type { RenderedFiles } from "../publication/publication";
import { describeImages, type ImageHashes } from "../docker/image";
import { type DatabaseVolumes, dataVolumeName } from "../docker/names";
import { refuse, type Told } from "../problems";
import { repositoryVolumeName } from "../repository/mounted/mounted";
import type { Settings } from "../settings/schema";

export interface Change {
    readonly settings: Settings;
    readonly rendered: RenderedFiles;
    /** Of the sources of the images, or the name of one that is there already. */
    readonly images: ImageHashes | string;
    /** What is deployed; nothing in a new stack. */
    readonly before: Description | Unreadable | undefined;
    /** What PostgreSQL has until now. */
    readonly volumes: DatabaseVolumes | undefined;
    /** The stacks whose places are not this one's. */
    readonly others: readonly OtherStack[];
}

export interface Review {
    /** Of the wanted stack. */
    readonly description: Description;
    /** What the change means. */
    readonly told: readonly Told[];
}

/**
 * Tells what the change from the deployed stack to the wanted one means, and refuses what must not happen (a `UserError`); to be
 * called before anything is declared.
 */
export function reviewChange(change: Change): Review {
    const { settings } = change;
    const before = change.before instanceof Unreadable ? undefined : change.before;
    const after = describeStack(settings, change.rendered, {
        images: describeImages(change.images, settings.release),
        volume: repositoryVolumeName(settings.name),
        data: dataVolumeName(settings, change.volumes),
        salt: before?.salt ?? randomBytes(8).toString("hex"),
    });
    const guard = {
        accept: settings.accept,
        floor: settings.retentionFloor,
        restoreVolume: settings.restore.volume,
    };
    refuse([
        ...(change.before instanceof Unreadable ? unreadableStack(change.before, after, guard) : []),
        ...refusals(before, after, guard, change.others),
    ]);
    if (change.before instanceof Unreadable) {
        const text = `What this change means cannot be told: ${change.before.why}. Read the preview itself.`;
        return { description: after, told: [{ level: "warn", text }] };
    }
    if (before === undefined || same(before, after)) return { description: after, told: [] };
    const restore = reviewRestore(before, after);
    refuse(restore.problems);
    const live = needsLive(before, after) ? askRepository(before) : undefined;
    const lines = consequences(before, after, new Date(), live);
    const grave = lines.some(({ severity }) => severity !== "note");
    const text = [explanation(lines), ...windowBars(before, after)].join("\n");
    return { description: after, told: [{ level: grave ? "warn" : "info", text }, ...restore.told] };
}
