import { execFileSync } from "node:child_process";
import { fromJson } from "../fields";
import type { Told } from "../problems";
import { declaredMinimums } from "../restore/minimums";
import { planText, readPlan } from "../restore/plan";
import { Wish } from "../restore/wish";
import { serverArguments } from "../docker/containers";
import { dataVolumePrefix, lookName } from "../docker/names";
import type { Settings } from "../settings/schema";
import type { Description } from "../state/description";
import type { History } from "../state/history";
import { Unreadable } from "../state/readDescription";
import { dataVolumeOf } from "./running";

/** A restore that a change begins, or takes further. */
interface Begun {
    readonly before: Description;
    readonly after: Description;
    readonly wish: Wish;
    /** Is it there already, and waits? */
    readonly isPaused: boolean;
}

function begun(before: Description | undefined, after: Description): Begun | undefined {
    const wish = wishOf(after);
    if (before === undefined || wish === undefined || before.restore === after.restore) return undefined;
    const old = wishOf(before);
    return { before, after, wish, isPaused: old?.name === wish.name && old.pause };
}

function wishOf({ restore }: Description): Wish | undefined {
    return restore === "" ? undefined : fromJson(Wish, restore);
}

/**
 * With no restore and no volume declared PostgreSQL goes back to its first data where the restore that is taken out had moved it. One that has
 * only paused had not: then it stays where it is, and with every later `up`.
 */
export function staying(settings: Settings, before: History["description"]): Settings {
    const { wish, volume } = settings.restore;
    if (wish !== undefined || volume !== undefined || before === undefined || before instanceof Unreadable)
        return settings;
    const hadMoved = wishOf(before)?.pause === false;
    if (hadMoved || before.data === "" || before.dataVolume !== (settings.dataVolume ?? "")) return settings;
    return { ...settings, restore: { wish: undefined, volume: before.data } };
}

/** One that has paused is given up by taking it out. */
function givenUp(before: Description | undefined, after: Description): Told[] {
    const old = before && wishOf(before);
    if (old?.pause !== true || after.restore !== "" || before?.data !== after.data) return [];
    const { name, data } = after;
    const named =
        data === ""
            ? ""
            : `\n  Who has the stack's file alone does not see that from it: npm run pulumi -- config set --path pgbackrest:restore.volume ${data}`;
    return [
        {
            level: "info",
            text: `Restore ${old.name} is given up. PostgreSQL never moved to it and stays on the data in volume ${dataVolumeOf(after)}: nothing is left behind. What was restored stays in volume ${dataVolumePrefix(name)}-${old.name}: npm run ops -- volumes drop ${old.name}${named}`,
        },
    ];
}

/** What is done stays done: its volume has the data that PostgreSQL runs on. */
export function changedRestore(before: Description, after: Description): string[] {
    const [old, wanted] = [wishOf(before), wishOf(after)];
    if (old === undefined || wanted === undefined || before.restore === after.restore) return [];
    return old.name !== wanted.name || old.pause
        ? []
        : [
              `pgbackrest:restore: restore ${old.name} is done, and went to ${old.at}: another one needs another name. Set it back, or give it a new one`,
          ];
}

/** What restoring means, asked of the running backup service: what is told, and why it cannot be. */
export function reviewRestore(
    before: Description | undefined,
    after: Description,
    run: Docker = docker,
): { readonly told: readonly Told[]; readonly problems: readonly string[] } {
    const found = begun(before, after);
    if (found === undefined) return { told: givenUp(before, after), problems: [] };
    const { wish } = found;
    const tell = (...lines: string[]) => ({
        told: [{ level: "warn" as const, text: lines.join("\n  ") }],
        problems: [],
    });
    if (found.isPaused) {
        const refused = ask(found, run, lookName(wish.name), ["later"]);
        return refused !== undefined && "why" in refused
            ? { told: [], problems: [`pgbackrest:restore: ${refused.why}`] }
            : tell(
                  `Restore ${wish.name} goes on from where it waits: ${wish.pause ? `to ${wish.at}, where it waits again` : "PostgreSQL moves to it"}.`,
              );
    }
    const minimums = declaredMinimums(serverArguments(after.postgres.restartSettings));
    const settings = [...minimums].flatMap(([setting, value]) => ["-c", `${setting}=${value}`]);
    const plan = ask(found, run, "backup", ["plan", ...settings]);
    if (plan === undefined)
        return tell(
            `What restore ${wish.name} will do cannot be told: ${found.before.name}-backup does not answer, or is of an earlier release. The restore says it when it begins, before anything that runs is touched.`,
        );
    if (!("why" in plan)) return tell(`What restore ${wish.name} will do:`, ...planText(plan));
    const instead = plan.instead.length === 0 ? "" : `. Possible: ${plan.instead.join("; ")}`;
    return { told: [], problems: [`pgbackrest:restore: ${plan.why}${instead}`] };
}

/** The same program answers that restores then. A preview must not fail because it does not. */
function ask({ before: { name, dockerHost }, wish }: Begun, run: Docker, part: string, command: string[]) {
    const host = dockerHost === "" ? [] : ["--host", dockerHost];
    const exec = [...host, "exec", "--interactive", `${name}-${part}`, "restore-database.sh", ...command];
    try {
        return readPlan(run(exec, JSON.stringify(wish)));
    } catch {
        return undefined;
    }
}

/** Gives what it prints; throws when it fails. */
type Docker = (args: readonly string[], input: string) => string;

function docker(args: readonly string[], input: string): string {
    return execFileSync("docker", args, {
        input,
        encoding: "utf8",
        timeout: 60_000,
        stdio: ["pipe", "pipe", "ignore"],
        killSignal: "SIGKILL",
    });
}
