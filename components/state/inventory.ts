import * as v from "valibot";
import { dataVolumePrefix, MARK, markText, PUBLISHED, type PublishedPart } from "../docker/names";
import type { Recorded } from "./recorded";

/** Ports of the host, as `address:port`. */
export interface Published {
    /** Where it is published now; nothing when it is not, or not there. */
    readonly now: string | undefined;
    /** What its proof published last. */
    readonly proven: string | undefined;
}

/** What the state of the stack knows of the Docker engine. */
export interface Inventory {
    /** `container NAME`, `volume NAME` and `network NAME`, of all that the stack has made. */
    readonly objects: ReadonlySet<string>;
    readonly published: Readonly<Record<PublishedPart, Published>>;
    /** The mark of what the stack makes; nothing before the first object. */
    readonly mark: string | undefined;
}

/** The data volumes of a stack that its state knows: its first, and those of restores. */
export function knownDataVolumes(name: string, known: Pick<Inventory, "objects"> | undefined): string[] {
    const first = dataVolumePrefix(name);
    return [...(known?.objects ?? [])]
        .flatMap((object) => (object.startsWith("volume ") ? [object.slice("volume ".length)] : []))
        .filter((volume) => volume === first || volume.startsWith(`${first}-`))
        .sort();
}

const CONTAINER = "docker:index/container:Container";
const KINDS: Readonly<Record<string, string>> = {
    [CONTAINER]: "container",
    "docker:index/volume:Volume": "volume",
    "docker:index/network:Network": "network",
};

const ports = v.array(v.looseObject({ ip: v.optional(v.string(), ""), external: v.number() }));

export function inventory(resources: readonly Recorded[]): Inventory {
    const outputsOf = (wanted: string, ending: string): Readonly<Record<string, unknown>> =>
        resources.find(({ type, name }) => type === wanted && name.endsWith(ending))?.outputs ?? {};
    /** Of several with such a name, as a restore may have it, one alone publishes anything. */
    const portOf = (ending: string): string | undefined =>
        resources
            .filter(({ type, name }) => type === CONTAINER && name.endsWith(ending))
            .map(({ outputs }) => publishedAt(outputs["ports"]))
            .find((port) => port !== undefined);
    const publishedOf = (part: PublishedPart): Published => ({
        now: portOf(PUBLISHED[part].by),
        proven: portOf(PUBLISHED[part].proof),
    });
    const hex = outputsOf("random:index/randomId:RandomId", MARK)["hex"];
    return {
        objects: new Set(
            resources.flatMap(({ type, outputs }) => {
                const kind = KINDS[type];
                return kind === undefined ? [] : [`${kind} ${String(outputs["name"])}`];
            }),
        ),
        published: { postgres: publishedOf("postgres"), metrics: publishedOf("metrics") },
        mark: typeof hex === "string" ? markText(hex) : undefined,
    };
}

function publishedAt(value: unknown): string | undefined {
    const parsed = v.safeParse(ports, value);
    const [first] = parsed.success ? parsed.output : [];
    return first === undefined ? undefined : `${first.ip}:${first.external}`;
}
