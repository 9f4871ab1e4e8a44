import { readFileSync } from "node:fs";
import { join } from "node:path";
import { hashImages, type ImageHashes } from "./docker/image";
import { dataVolumePrefix, PUBLISHED, type PublishedPart } from "./docker/names";
import type { Engine, EngineObject } from "./ownership/engine";
import { type Inventory, type Published, inventory, knownDataVolumes } from "./state/inventory";
import { claim, type Claim } from "./ownership/ownership";
import { takeOverTold } from "./ownership/takeOver";
import { refuse, type Told, UserError } from "./problems";
import { type RenderedFiles, renderFiles } from "./publication/publication";
import { adoptionTold } from "./review/adoption";
import { withNumbers } from "./repository/number";
import type { Description } from "./state/description";
import { Unreadable } from "./state/readDescription";
import type { History, OtherStack } from "./state/history";
import { staying } from "./review/restore";
import { reviewChange } from "./review/review";
import { checkCpus, defaultCpus, withCpus } from "./review/sizes";
import type { Settings } from "./settings/schema";

/** What is asked for, and what there is already. */
export interface Wanted {
    /** All settings of the stack, validated. */
    readonly settings: Settings;
    /** Directory of the project: the image's sources and the base template are in it. */
    readonly directory: string;
    /** Name of the stack. */
    readonly stack: string;
    /** What earlier commands left in force. */
    readonly history: History;
    /** What the Docker engine says; nothing where it need not be asked, or does not answer. */
    readonly engine: Engine | undefined;
    /** What the stacks are whose repositories this one must keep away from. */
    readonly others: readonly OtherStack[];
}

/** What is going to be declared: computed and reviewed once, before the first resource. */
export interface Plan extends Pick<Wanted, "directory" | "stack" | "history"> {
    /** With the CPUs that the stack leaves to the program. */
    readonly settings: Settings;
    /** Of the sources of the images, or the name of one that is there already. */
    readonly images: ImageHashes | string;
    /** Of what the settings left open. */
    readonly defaultCpus: number;
    /** The files of the configuration, and what follows from them. */
    readonly rendered: RenderedFiles;
    /** What the stack will be, for the next preview to compare with. */
    readonly description: Description;
    /** What on the engine is taken over, or stands in the way. */
    readonly claim: Claim;
    /** What is published where, and where that was proven. */
    readonly published: Inventory["published"];
    /** What people are to know of it beforehand. */
    readonly told: readonly Told[];
}

/** Throws a `UserError` for what must not be done, before anything is. */
export function planStack(wanted: Wanted): Plan {
    const { directory, stack, history, engine } = wanted;
    const cpus = defaultCpus(history.deployment, engine?.cpus);
    const settings = numbered(
        staying(withCpus(wanted.settings, cpus), history.description),
        history.description,
    );
    const rendered = renderFiles(settings, { file: TEMPLATE, text: readTemplate(directory) }, stack);
    const images = settings.image ?? hashImages(join(directory, "image"));
    const { description, told } = reviewChange({
        settings,
        rendered,
        images,
        before: history.description,
        volumes: history.volumes,
        others: wanted.others,
    });
    const known = history.inventory ?? inventory([]);
    const claimed = claim(settings, engine?.objects ?? [], known);
    const data = knownDataVolumes(settings.name, known);
    refuse(missingVolume(settings, data));
    refuse([...(engine === undefined ? [] : checkCpus(settings, engine.cpus)), ...claimed.problems]);
    return {
        directory,
        stack,
        history,
        settings,
        images,
        defaultCpus: cpus,
        rendered,
        description,
        claim: claimed,
        published: {
            postgres: proven("postgres", settings.name, known, engine),
            metrics: proven("metrics", settings.name, known, engine),
        },
        told: [
            ...rendered.warnings.map((text): Told => ({ level: "warn", text })),
            ...told,
            ...adoptionTold(settings, history),
            ...takeOverTold(settings, claimed.taken),
        ],
    };
}

/** With the numbers that the deployed stack's repositories have already. */
function numbered(settings: Settings, before: History["description"]): Settings {
    const known = before === undefined || before instanceof Unreadable ? [] : before.repositories;
    return { ...settings, repositories: withNumbers(settings.repositories, known) };
}

/** Declared, it would be made, empty. So is the first one where there is none yet, and then it is a new database like any other. */
function missingVolume({ name, restore: { volume } }: Settings, known: readonly string[]): string[] {
    return volume === undefined || known.includes(volume) || volume === dataVolumePrefix(name)
        ? []
        : [
              `pgbackrest:restore.volume: this stack has no data volume ${volume}${known.length === 0 ? "" : `, but ${known.join(", ")}`}`,
          ];
}

const TEMPLATE = "config/pgbackrest/pgbackrest.conf";

function readTemplate(directory: string): string {
    try {
        return readFileSync(join(directory, TEMPLATE), "utf8");
    } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new UserError([
            `${TEMPLATE}: the base template cannot be read (${reason}): put it back, such as with git restore ${TEMPLATE}`,
        ]);
    }
}

/** Where a part is published; without what its proof did not end well with, as far as the engine could be asked. */
function proven(
    part: PublishedPart,
    name: string,
    { published }: Inventory,
    engine: Engine | undefined,
): Published {
    const ended = (object: EngineObject): boolean =>
        object.name === `${name}${PUBLISHED[part].proof}` && object.status === "exited";
    return engine === undefined || engine.objects.some(ended)
        ? published[part]
        : { ...published[part], proven: undefined };
}
