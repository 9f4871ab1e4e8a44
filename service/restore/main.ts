// Restores a database: `run` to the wish in RESTORE, with the arguments of the server that will run on the data behind it; `look` shows it
// where that has paused; `plan` says as JSON what that would do with a wish on standard input, and `later` where it has paused, why it would not
// go on. Exit status: 0 done, 1 it cannot be done.
import { readFileSync } from "node:fs";
import { fromJson } from "../../components/fields";
import { choose } from "../../components/restore/choose";
import type { Impossible } from "../../components/restore/facts";
import { type Plan, planOf } from "../../components/restore/plan";
import { Wish } from "../../components/restore/wish";
import { sayAs } from "../say";
import { gather } from "./gather";
import { published, Refused, stopped, targetOf } from "./job";
import { look } from "./look";
import { restore, stepTo } from "./run";
import { Volume } from "./volume";

const [command, ...serverArguments] = process.argv.slice(2);
const say = sayAs("restore");

process.umask(0o077);
void doIt().then(
    // What still runs is of no use.
    () => process.exit(0),
    (error: unknown) => {
        say(`ERROR: ${error instanceof Error ? error.message : String(error)}`);
        if (error instanceof Refused) for (const line of error.instead) say(`  ${line}`);
        process.exit(1);
    },
);

async function doIt(): Promise<void> {
    if (command === "plan" || command === "later") {
        const wish = readWish(readFileSync(0, "utf8"));
        console.log(JSON.stringify(await (command === "plan" ? plan(wish) : later(wish))));
        return;
    }
    const wish = readWish(process.env["RESTORE"] ?? "");
    const shown = process.env["LOOK"] ?? "";
    const job = {
        revision: published(),
        wish,
        volume: new Volume(),
        serverArguments,
        say,
        note,
        look: shown,
    };
    if (command === "look") await look(job, stopped());
    else await restore(job);
}

async function plan(wish: Wish): Promise<Plan | Impossible> {
    const target = targetOf(wish);
    const facts = await gather(published(), { archived: "all", serverArguments, wish });
    const chosen = choose(wish, target, facts);
    return "why" in chosen ? chosen : planOf(chosen, wish, target, facts);
}

async function later(wish: Wish): Promise<Impossible | null> {
    const step = await stepTo({ revision: published(), wish, volume: new Volume() }, targetOf(wish));
    return typeof step === "object" ? { why: step.refused, instead: [] } : null;
}

function readWish(json: string): Wish {
    const wish = fromJson(Wish, json);
    if (wish === undefined) throw new Refused(`this is no restore: ${json}`);
    return wish;
}

function note(text: string): void {
    console.log(`NOTE: ${text}`);
}
