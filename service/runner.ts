import type { Report } from "../components/protection/info";
import { readInfo } from "../components/protection/info";
import { failureText, Said } from "../components/protection/output";
import { oneLine } from "../components/protection/text";
import { placeOf } from "../components/protection/state";
import type { Ended, OfOne, Run, World } from "./world";

/** Seconds between two looks at what changes meanwhile. */
export const POLL = 1;
/** Seconds between two lines of progress. */
const PROGRESS_EVERY = 60;

/** How a run ended: well, with what it has found; or not, and why. It has no reason when it was ended on purpose. */
export type Outcome =
    { readonly ok: true; readonly said: Said } | { readonly ok: false; readonly reason: string };

/** What goes on while something runs. */
export interface Meanwhile {
    readonly tick: () => Promise<void>;
    /** Looks at what is there: a run that takes hours says nothing of what is lost meanwhile. */
    readonly look: (revision: OfOne) => Promise<void>;
    readonly activity: (text: string) => void;
}

/** Of a run that may take hours. */
export interface Long {
    /** What the service does then, in words, behind which stands how far it is. */
    readonly activity?: string;
    /** May it go on? */
    readonly mayGoOn?: () => boolean;
}

/** Runs pgbackrest, one at a time. */
export class Runner {
    constructor(
        private readonly world: World,
        private readonly meanwhile: Meanwhile,
    ) {}

    /**
     * pgbackrest on a revision, its output shown. Ends it when the repository is replaced under it, or it may not go on; any other change
     * waits for it.
     */
    async run(
        revision: OfOne,
        what: string,
        args: readonly string[],
        { activity, mayGoOn = () => true }: Long = {},
    ): Promise<Outcome> {
        const { world } = this;
        const said = new Said();
        const killedBefore = world.outOfMemoryKills();
        const run = world.start(revision, args, {
            shown: true,
            onLine: (line) => {
                said.take(line);
            },
        });
        let shown = world.now();
        const stopped = { why: "" };
        const { status, signal } = await this.wait(run, async () => {
            if (this.isReplaced(revision))
                stopped.why = `the repository or the stanza was changed: stopping the running ${what}, which belongs to the old one`;
            else if (!mayGoOn())
                stopped.why = `a backup is due: stopping the running ${what}, which is done after it`;
            if (stopped.why !== "") {
                world.say(stopped.why);
                await run.end();
                return;
            }
            await this.meanwhile.look(revision);
            if (activity === undefined || world.now() - shown < PROGRESS_EVERY) return;
            shown = world.now();
            await this.tellProgress(revision, activity);
        });
        if (stopped.why !== "") return { ok: false, reason: "" };
        if (status === 0) return { ok: true, said };
        const outOfMemory = world.outOfMemoryKills() !== killedBefore;
        return { ok: false, reason: failureText(what, said.error, { signal, outOfMemory }) };
    }

    /** Waits for the end of a run; what stops the waiting ends the run. */
    private async wait(run: Run, poll: () => Promise<void> = () => Promise.resolve()): Promise<Ended> {
        const end = new AbortController();
        const ended = run.ended.finally(() => {
            end.abort();
        });
        const { signal } = end;
        const running = (): boolean => !signal.aborted;
        try {
            while (running()) {
                await this.world.sleep(POLL, signal);
                await this.meanwhile.tick();
                if (running()) await poll();
            }
        } finally {
            if (running()) await run.end();
        }
        return ended;
    }

    private async tellProgress(revision: OfOne, activity: string): Promise<void> {
        const progress = (await this.info(revision))?.progress;
        if (progress === undefined) return;
        const percent = Math.floor((progress.done * 100) / progress.all);
        this.meanwhile.activity(`${activity}, ${percent} % of ${Math.ceil(progress.all / 2 ** 20)} MiB`);
    }

    /** Do backups go elsewhere since that revision was published? */
    private isReplaced({ name, repository, stanza }: OfOne): boolean {
        const now = this.world.published();
        if (typeof now !== "object" || now.name === name) return false;
        const place = placeOf(repository, stanza);
        return !now.repositories.some((one) => placeOf(one, now.stanza) === place);
    }

    /** What the repository holds; nothing when it cannot be read. */
    async info(revision: OfOne): Promise<Report | undefined> {
        const report = await this.report(revision);
        return typeof report === "string" ? undefined : report;
    }

    /** The same, or what pgBackRest says instead. */
    async report(revision: OfOne): Promise<Report | string> {
        const quiet = ["--log-level-console=off", "--log-level-stderr=error"];
        const [output, all] = await this.read(revision, [...quiet, "--output=json", "info"]);
        const report = readInfo(output, revision.stanza);
        return report?.readable === true ? report : oneLine(report?.problem ?? all, 500);
    }

    /** The lines of a file in the repository that hold a text; nothing when it cannot be read. */
    async linesOf(revision: OfOne, file: string, text: string): Promise<string[] | undefined> {
        const lines: string[] = [];
        const run = this.world.start(revision, ["--log-level-console=off", "repo-get", file], {
            shown: false,
            onLine: (line, output) => {
                if (output && line.includes(text)) lines.push(line);
            },
        });
        return (await this.wait(run)).status === 0 ? lines : undefined;
    }

    /** A directory of the repository as `repo-ls --output=json` prints it; nothing when it cannot be read. */
    async list(revision: OfOne, path: string): Promise<string> {
        const quiet = ["--log-level-console=off", "--log-level-stderr=off"];
        const [output, , status] = await this.read(revision, [...quiet, "--output=json", "repo-ls", path]);
        return status === 0 ? output : "";
    }

    /** What a command says that only tells what it would do. */
    async linesOfDryRun(revision: OfOne, args: readonly string[]): Promise<readonly string[]> {
        const loud = ["--log-level-console=info", "--log-level-stderr=off", "--dry-run"];
        const [output] = await this.read(revision, [...loud, ...args]);
        return output.split("\n");
    }

    private async read(
        revision: OfOne,
        args: readonly string[],
    ): Promise<readonly [output: string, all: string, status: number | null]> {
        const output: string[] = [];
        const all: string[] = [];
        const run = this.world.start(revision, args, {
            shown: false,
            onLine: (line, isOutput) => {
                all.push(line);
                if (isOutput) output.push(line);
            },
        });
        const { status } = await this.wait(run);
        return [output.join("\n"), all.join("\n"), status];
    }
}
