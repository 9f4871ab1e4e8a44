import type { Backup } from "../components/protection/info";
import {
    damagedFiles,
    findPageErrors,
    pageErrorText,
    type Room,
    WRONG_CHECKSUM,
} from "../components/protection/pages";
import type { Runner } from "./runner";
import type { OfOne, World } from "./world";

/** Looks whether the newest backups have page errors. */
export class PageErrorWatch {
    #label: string | undefined;
    #files = "";
    /** Bytes that the repository has got since its oldest backup. */
    #stored = 0;

    constructor(
        private readonly world: World,
        private readonly runner: Runner,
    ) {}

    get damaged(): boolean {
        return this.#label !== undefined;
    }

    /** What is wrong with the newest backups, in words; or nothing. */
    async look(revision: OfOne, backups: readonly Backup[]): Promise<string> {
        const errors = findPageErrors(backups);
        if (errors === undefined) {
            if (this.damaged) this.world.say("no page checksum errors any more");
            this.#label = undefined;
            return "";
        }
        const isNew = errors.label !== this.#label;
        if (isNew) await this.read(revision, errors.label, backups);
        const text = pageErrorText(errors, this.#files, this.room(revision, backups));
        if (isNew) this.world.say(`ERROR: ${text}`);
        this.#label = errors.label;
        return text;
    }

    /** The manifest alone knows the pages. */
    private async read(revision: OfOne, label: string, backups: readonly Backup[]): Promise<void> {
        const manifest = `backup/${revision.stanza}/${label}/backup.manifest`;
        const lines = await this.runner.linesOf(revision, manifest, WRONG_CHECKSUM);
        this.#files =
            lines === undefined || lines.length === 0
                ? `in files that pgbackrest info --set=${label} lists`
                : damagedFiles(lines);
        const { directory: path } = revision.repository;
        const archive =
            path === undefined ? 0 : await this.world.usedBytes(`${path}/archive/${revision.stanza}`);
        this.#stored = archive + backups.reduce((sum, { added }) => sum + added, 0);
    }

    private room({ repository: { directory: path } }: OfOne, backups: readonly Backup[]): Room | undefined {
        if (path === undefined) return undefined;
        const oldest = backups[0]?.start ?? this.world.now();
        return {
            free: this.world.freeBytes(path),
            stored: this.#stored,
            seconds: this.world.now() - oldest,
        };
    }
}
