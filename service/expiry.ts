import type { Backup } from "../components/protection/info";
import { expireFirst, findPageErrors } from "../components/protection/pages";
import {
    fullText,
    isFull,
    isOutOfRoom,
    reserveFor,
    withoutPiece,
    wouldRemove,
} from "../components/protection/room";
import type { Journal } from "./journal";
import type { Plan } from "./plan";
import type { Runner } from "./runner";
import type { OfOne, World } from "./world";

/** Seconds between two looks at the room that a repository has. */
const LOOK_EVERY = 10;

/** Removes what retention does not keep: after backups, and where a repository on this host has filled its disk. */
export class Expiry {
    #looked = -Infinity;
    #full = false;
    #free: number | undefined;
    /** Has a run said so? A quota is seen by nothing else. */
    #heard = false;

    constructor(
        private readonly world: World,
        private readonly runner: Runner,
        private readonly journal: Journal,
    ) {}

    /** Was a backup taken, by whomever, since expire ran last? A new state does not know, and waits for the next. */
    isDue(revision: OfOne, plan: Plan): boolean {
        const { name } = revision.repository;
        const newest = plan.backups.at(-1)?.label;
        const { expired } = this.journal.memory(name);
        if (newest === undefined) return false;
        if (expired === null) this.journal.remember(name, { expired: newest });
        return (expired ?? newest) !== newest && !plan.hasDamagedPages && revision.expires;
    }

    rememberDone(revision: OfOne, plan: Plan): void {
        this.journal.remember(revision.repository.name, { expired: plan.backups.at(-1)?.label ?? null });
    }

    /** That the disk of the repository is full, in words; or nothing. */
    tellFull({ repository }: OfOne, full: string): void {
        if (this.journal.knows(repository.name)) this.journal.remember(repository.name, { full });
    }

    /** Full backups with page errors first, because retention is a number of good ones. Gives what is wrong. */
    async run(revision: OfOne, backups: readonly Backup[]): Promise<string | undefined> {
        for (const label of expireFirst(backups)) {
            this.world.say(
                `the full backup ${label} has page checksum errors, and there is a newer one without: it goes first`,
            );
            const gone = await this.runner.run(revision, `expire of ${label}`, [`--set=${label}`, "expire"]);
            if (!gone.ok) return gone.reason;
        }
        const outcome = await this.runner.run(revision, "expire", ["expire"]);
        return outcome.ok ? undefined : outcome.reason;
    }

    /** What a run said that failed. */
    hear(reason: string): void {
        this.#heard ||= isOutOfRoom(reason);
    }

    /** Is the disk of the repository full? Makes the reserve while it is not. */
    async isFull({ repository: { directory: path } }: OfOne): Promise<boolean> {
        if (path === undefined) {
            this.#free = undefined;
            return false;
        }
        if (this.world.now() - this.#looked < LOOK_EVERY) return this.#full;
        this.#looked = this.world.now();
        const [free, held] = [this.freeIn(path), this.world.reserved(path)];
        this.#free = Number.isFinite(free) ? free : undefined;
        this.#full = isFull(free) || this.#heard;
        if (!this.#full && reserveFor(free, held) !== held)
            await this.world.reserve(path, reserveFor(free, held));
        return this.#full;
    }

    /** Bytes that were free on its disk at the last look; nothing where it is no disk of this host. */
    get free(): number | undefined {
        return this.#free;
    }

    /** Expires with a piece of the reserve. It is for an expire that removes something: of another one nothing would come back. */
    async makeRoom(revision: OfOne): Promise<string | undefined> {
        const { directory: path = "" } = revision.repository;
        this.#heard = false;
        const report = await this.runner.report(revision);
        if (typeof report === "string") return `the repository cannot be read: ${report}`;
        const free = this.freeIn(path);
        if (!revision.expires) return fullText(free, "Nothing expires by itself, because expire-auto is n.");
        if (findPageErrors(report.backups) !== undefined)
            return fullText(free, "Nothing expires, because the newest backup has page checksum errors.");
        if (!wouldRemove(await this.runner.linesOfDryRun(revision, ["expire"])))
            return isFull(free) ? fullText(free, "Retention keeps all that it holds.") : undefined;
        await this.world.reserve(path, withoutPiece(this.world.reserved(path)));
        const problem = await this.run(revision, report.backups);
        if (problem !== undefined) return problem;
        this.#looked = -Infinity;
        return (await this.isFull(revision))
            ? fullText(this.freeIn(path), "Expire has removed what retention does not keep.")
            : undefined;
    }

    /** That it is not there at all is told by others. */
    private freeIn(path: string): number {
        try {
            return this.world.freeBytes(path);
        } catch {
            return Infinity;
        }
    }
}
