// The newest state of the repository, on the scratch volume.
import { noRoom, roomOf } from "../../components/drill/found";
import type { Choice } from "../../components/restore/choose";
import { readTarget } from "../../components/restore/target";
import type { Revision } from "../world";
import { archiveGet, cpuLimit, restoreBackup } from "../restore/backup";
import { published, Refused } from "../restore/job";
import { startServer } from "../restore/replay";
import { RecoveryFailed } from "../restore/server";
import type { Volume } from "../restore/volume";
import { chooseIn, type ChosenBackup, neverDrilled } from "./choose";
import { Failed, failureOf, Unverified } from "./outcome";
import { freeBytes, Interrupted, type Watch } from "./watch";

/** What a recovery has found, as far as it came. */
export interface Recovered {
    repository?: string | undefined;
    backup?: string;
    timeline?: number;
    bytes: number;
    restoreSeconds: number;
    segments: number;
    replaySeconds: number;
    readonly cpus: number;
    /** Of the newest commit, or of the backup where none came after it; in seconds since the epoch. */
    newest?: number;
    /** What it has not looked at. */
    notTested: string[];
}

interface Chosen extends ChosenBackup {
    readonly revision: Revision;
    /** The newest segment of its timeline. */
    readonly end: string;
}

/** Restores and replays; a backup that falls due interrupts it, and it goes on with what is there. */
export class Recovery {
    readonly found: Recovered = {
        bytes: 0,
        restoreSeconds: 0,
        segments: 0,
        replaySeconds: 0,
        cpus: cpuLimit(),
        notTested: [],
    };
    #chosen: Chosen | undefined;
    #restored: string | undefined;

    constructor(
        private readonly volume: Volume,
        private readonly serverArguments: readonly string[],
        private readonly watch: Watch,
        /** Which is to be restored; nothing: the first that can serve. */
        repository: string | undefined,
    ) {
        this.found.repository = repository;
    }

    /** @returns what was done, for people */
    restore(): Promise<string> {
        return this.goingOn(async () => {
            const { choice, repository, revision } = await this.restoreOnce();
            const { backup } = choice;
            const more = repository.backups.length - 1;
            this.found.notTested = [
                ...(more > 0 ? [`${more} other backup${more === 1 ? "" : "s"} of ${choice.name}`] : []),
                ...neverDrilled(revision, choice.name).map((name) => `the repository ${name}`),
                ...choice.warnings,
            ];
            return `the backup ${backup.label} of ${choice.name}`;
        });
    }

    replay(): Promise<string> {
        return this.goingOn(async () => {
            const chosen = await this.restoreOnce();
            await this.watch.during("replay", "starting PostgreSQL", (stop) => this.replayOnce(chosen, stop));
            const { segments } = this.found;
            return `${segments} WAL segment${segments === 1 ? "" : "s"}, up to ${chosen.end}`;
        });
    }

    /** Again after each backup that has interrupted it. */
    private async goingOn(work: () => Promise<string>): Promise<string> {
        for (;;)
            try {
                return await work();
            } catch (error) {
                if (!(error instanceof Interrupted) || error.reason !== "aside") throw error;
                this.#chosen = undefined;
                await this.watch.aside();
            }
    }

    /** Nothing where the chosen backup is restored and still in the repository. */
    private async restoreOnce(): Promise<Chosen> {
        this.#chosen ??= await this.watch.during("restore", "looking at the repository", (stop) =>
            this.choose(stop),
        );
        const { choice, revision } = this.#chosen;
        const { label } = choice.backup;
        if (this.#restored !== label) {
            this.watch.isFilling = true;
            this.watch.takes(choice.name);
            const of = revision.repositories.length > 1 ? ` of ${choice.name}` : "";
            Object.assign(this.found, { repository: choice.name, backup: label, timeline: choice.timeline });
            this.found.bytes = await this.watch.during("restore", `restoring ${label}${of}`, (stop) =>
                this.restoreBackup(revision, choice, stop),
            );
            this.#restored = label;
        }
        return this.#chosen;
    }

    private async choose(stop: AbortSignal): Promise<Chosen> {
        const revision = published();
        const { repository } = this.found;
        const names = revision.repositories.map(({ name }) => name);
        const errors: Error[] = [];
        for (const name of repository === undefined ? names : [repository])
            try {
                return await this.withRoom(revision, await chooseIn(revision, name, this.#restored, stop));
            } catch (error) {
                if (!(error instanceof Failed || error instanceof Unverified) || stop.aborted) throw error;
                errors.push(error);
            }
        // The first is the one that it is about.
        this.found.repository = repository ?? names[0];
        const [first] = errors;
        const text = [...new Set(errors.map(({ message }) => message))].join("; ");
        throw first instanceof Failed ? new Failed(text) : new Unverified(text);
    }

    private async withRoom(revision: Revision, { choice, repository }: ChosenBackup): Promise<Chosen> {
        const end = repository.ends.get(choice.timeline)?.segment;
        if (end === undefined)
            throw new Failed(`no WAL of timeline ${choice.timeline} is in the repository ${choice.name}`);
        const needed = roomOf(choice.backup.size, choice.segments, repository.segmentSize);
        const problem = noRoom(needed, freeBytes() + (await this.volume.usedBytes()));
        if (problem !== undefined) throw new Unverified(problem);
        return { revision, choice, repository, end };
    }

    private async restoreBackup(revision: Revision, choice: Choice, stop: AbortSignal): Promise<number> {
        this.#restored = undefined;
        const began = Date.now();
        try {
            return await restoreBackup({ revision, volume: this.volume, say: this.watch.tell }, choice, stop);
        } catch (error) {
            if (!(error instanceof Refused) || stop.aborted) throw error;
            // It may be that the repository has gone away meanwhile.
            await this.choose(stop);
            throw failureOf(error.message);
        } finally {
            this.found.restoreSeconds += secondsSince(began);
        }
    }

    private async replayOnce({ choice, end, revision }: Chosen, stop: AbortSignal): Promise<void> {
        const { serverArguments, found, watch } = this;
        const began = Date.now();
        const server = await startServer({ serverArguments, say: watch.tell }, choice, {
            restore_command: upTo(end, archiveGet(revision.stanza, choice.walFrom, [])),
            hot_standby: "off",
            // Nobody shall ever learn of the timeline that begins here.
            archive_mode: "off",
            // As much WAL lies there as there is room for.
            max_wal_size: "1GB",
            recovery_target_action: "promote",
        });
        const interrupt = (): void => void server.stop();
        stop.addEventListener("abort", interrupt);
        if (stop.aborted) interrupt();
        try {
            await server.until(({ isReady }) => isReady);
        } catch (error) {
            if (error instanceof RecoveryFailed && !stop.aborted)
                throw failureOf(`the recovery ended: ${error.message}`);
            throw error;
        } finally {
            stop.removeEventListener("abort", interrupt);
            found.replaySeconds += secondsSince(began);
            found.segments += server.log.segments;
            await server.stop();
        }
        const { segment, lastCommit } = server.log;
        if (segment < end)
            throw new Failed(
                `the WAL ends behind ${segment === "" ? "the backup" : segment}, and the newest segment of the repository is ${end}: ` +
                    "what comes next cannot be read or replayed",
            );
        found.newest = timeOf(lastCommit) ?? choice.backup.stop;
    }
}

/** What is archived meanwhile is of the next drill: a busy server may write it as fast as a drill, which leaves it the machine, replays. */
export function upTo(end: string, command: string): string {
    return `case "%f" in *.history) ;; *) [ ! "%f" \\> ${end} ] || exit 1 ;; esac; ${command}`;
}

function secondsSince(began: number): number {
    return Math.ceil((Date.now() - began) / 1000);
}

/** Of a time as PostgreSQL writes it, in seconds since the epoch. */
function timeOf(text: string | undefined): number | undefined {
    const target = text === undefined ? undefined : readTarget(text, 0);
    return typeof target === "object" && target.kind === "time" ? target.at.seconds : undefined;
}
