// Drills: `serve` runs them, and the other commands ask it, so that a kill of any of these leaves nothing behind (image/backup/drill-database.sh
// says what they do).
import { parseArgs } from "node:util";
import { PLACES } from "../../components/docker/places";
import { readDrillWish } from "../../components/drill/wish";
import { published, Refused, stopped } from "../restore/job";
import { Volume } from "../restore/volume";
import { sayAs } from "../say";
import { follow } from "./follow";
import { Records } from "./records";
import { serve } from "./serve";

const [command, ...serverArguments] = process.argv.slice(2);
const say = sayAs("drill");

process.umask(0o027);
void doIt().then(
    (code) => process.exit(code),
    (error: unknown) => {
        say(`ERROR: ${error instanceof Error ? error.message : String(error)}`);
        process.exit(error instanceof Refused ? 2 : 1);
    },
);

/** Which repository somebody wants to have drilled. */
function askedOf(args: readonly string[]): string | undefined {
    const { repository } = parseArgs({ args: [...args], options: { repository: { type: "string" } } }).values;
    const names = published().repositories.map(({ name }) => name);
    if (repository !== undefined && !names.includes(repository))
        throw new Refused(`there is no repository ${repository}, but ${names.join(", ")}`);
    return repository;
}

async function doIt(): Promise<number> {
    const records = new Records();
    switch (command) {
        case "serve": {
            const wish = readDrillWish(process.env["DRILL"] ?? "");
            if (wish === undefined) throw new Error("the variable DRILL says no drill");
            const volume = new Volume(PLACES.data);
            await serve({ records, volume, serverArguments, wish, say, ended: stopped() });
            return 0;
        }
        case "run":
            return follow(records, askedOf(serverArguments), stopped());
        case "stop":
            records.stop();
            return 0;
        case "list":
            console.log(JSON.stringify(records.all()));
            return 0;
        case "show":
            console.log(JSON.stringify(records.running() ?? null));
            return 0;
        default:
            throw new Error(`${command ?? "nothing"} is none of serve, run, stop, list, show`);
    }
}
