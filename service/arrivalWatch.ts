import { isTroubled } from "../components/protection/verdict";
import { directoryOf, readNames } from "../components/protection/wal";
import type { Journal } from "./journal";
import type { Runner } from "./runner";
import type { OfOne, World } from "./world";

/** Seconds between two looks while something waits: a cloud wants money for each. */
const LOOK_EVERY = 60;

/**
 * Tells which of several repositories it is that PostgreSQL's WAL does not reach: PostgreSQL itself knows only that not all have it. Each must
 * have the segment that PostgreSQL waits with, and all that waits for long: where all have that one, it may be the archiver that is stuck.
 */
export class ArrivalWatch {
    #looked = -Infinity;
    #segment = "";

    constructor(
        private readonly world: World,
        private readonly runner: Runner,
        private readonly journal: Journal,
    ) {}

    /** @param archiveId directory of the repository's WAL */
    async look(revision: OfOne, archiveId: string | undefined): Promise<void> {
        const { name } = revision.repository;
        const { archiving } = this.journal;
        if (!this.journal.knows(name)) return;
        const { late } = archiving;
        const segment = archiving.failed ?? archiving.waiting ?? "";
        if (!isTroubled(archiving) || segment === "") {
            this.#looked = -Infinity;
            this.journal.remember(name, { isBehind: false });
            return;
        }
        const isSame = segment === this.#segment;
        const isKnown = isSame && late === undefined && !this.journal.memory(name).isBehind;
        if (isKnown || (isSame && this.world.now() - this.#looked < LOOK_EVERY)) return;
        this.#looked = this.world.now();
        this.#segment = segment;
        const hasAll =
            (await this.has(revision, archiveId, segment)) &&
            (late === undefined || late === segment || (await this.has(revision, archiveId, late)));
        this.journal.remember(name, { isBehind: !hasAll });
    }

    /** One that cannot be listed has not got it, as far as anybody knows. */
    private async has(revision: OfOne, archiveId: string | undefined, file: string): Promise<boolean> {
        if (archiveId === undefined) return false;
        const directory = /^[0-9A-F]{24}/.test(file) ? `/${directoryOf(file)}` : "";
        const path = `archive/${revision.stanza}/${archiveId}${directory}`;
        const names = readNames(await this.runner.list(revision, path)) ?? [];
        return names.some((one) => one.startsWith(file));
    }
}
