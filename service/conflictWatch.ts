import { type Conflict, isOver, lastDirectory, listedChecksum } from "../components/protection/conflict";
import { directoryOf, laterSegment, readNames, readSegments } from "../components/protection/wal";
import type { Known } from "./repositoryWatch";
import type { Runner } from "./runner";
import type { OfOne, World } from "./world";

/** Looks whether WAL is refused because the repository has other WAL of that name. */
export class ConflictWatch {
    constructor(
        private readonly world: World,
        private readonly runner: Runner,
    ) {}

    async look(revision: OfOne, known: Known): Promise<Conflict | null> {
        const { conflict } = known.memory;
        if (conflict !== null) return (await this.isStill(revision, known, conflict)) ? conflict : null;
        const { failed } = known.archiving;
        if (failed === undefined || (await this.compare(revision, known, failed)) !== "different")
            return null;
        return { first: failed, last: await this.lastLike(revision, known, failed), since: known.now };
    }

    /** It may be that somebody has removed the other WAL, so that PostgreSQL's own could take its place. */
    private async isStill(revision: OfOne, known: Known, conflict: Conflict): Promise<boolean> {
        if (isOver(conflict, known.report.backups)) return false;
        const found = await this.compare(revision, known, conflict.first);
        return found !== "same" && found !== "missing";
    }

    /** Nothing where one of the two cannot be read: a segment that was dropped is not there any more. */
    private async compare(
        revision: OfOne,
        known: Known,
        segment: string,
    ): Promise<"same" | "different" | "missing" | undefined> {
        const listing = await this.list(revision, known, directoryOf(segment));
        if (readNames(listing) === undefined) return undefined;
        const there = listedChecksum(listing, segment);
        if (there === undefined) return "missing";
        const ours = await this.world.walChecksum(segment);
        if (ours === undefined) return undefined;
        return ours === there ? "same" : "different";
    }

    /** The newest segment of the same timeline. */
    private async lastLike(revision: OfOne, known: Known, segment: string): Promise<string> {
        const directory = lastDirectory(readNames(await this.list(revision, known, "")) ?? [], segment);
        const listing = readSegments(await this.list(revision, known, directory ?? directoryOf(segment)));
        return [...(listing?.keys() ?? [])].reduce(laterSegment, segment);
    }

    private list(revision: OfOne, { report }: Known, directory: string): Promise<string> {
        const path = `archive/${revision.stanza}/${report.archive?.id ?? ""}/${directory}`.replace(/\/$/, "");
        return this.runner.list(revision, path);
    }
}
