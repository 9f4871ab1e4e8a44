// Restores a database: `run` to the wish in RESTORE, with the arguments of the server that will run on the data behind it; `look` shows it
// where that has paused; `plan` says as JSON what that would do with a wish on standard input. Exit status: 0 done, 1 it cannot be done.
import { readFileSync } from "node:fs";
import { fromJson } from "../../components/fields";
import { choose } from "../../components/restore/choose";
import { planOf } from "../../components/restore/plan";
import { readTarget } from "../../components/restore/target";
import { Wish } from "../../components/restore/wish";
import { gather } from "./gather";
import { now, published, Refused, sayAs, stopped } from "./job";
import { look } from "./look";
import { restore } from "./run";
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
    if (command === "plan") {
        await plan();
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

async function plan(): Promise<void> {
    const wish = readWish(readFileSync(0, "utf8"));
    const target = readTarget(wish.at, now());
    if (typeof target === "string") throw new Refused(`at: ${wish.at} ${target}`);
    const facts = await gather(published(), true, serverArguments);
    const chosen = choose(wish, target, facts);
    console.log(JSON.stringify("why" in chosen ? chosen : planOf(chosen, wish, target, facts)));
}

function readWish(json: string): Wish {
    const wish = fromJson(Wish, json);
    if (wish === undefined) throw new Refused(`this is no restore: ${json}`);
    return wish;
}

function note(text: string): void {
    console.log(`NOTE: ${text}`);
}
