import * as v from "valibot";
import { dataVolumePrefix, MARK, markText, PORT_PROOF } from "../docker/names";
import type { Recorded } from "./recorded";

/** What the state of the stack knows of the Docker engine. */
export interface Inventory {
    /** `container NAME`, `volume NAME` and `network NAME`, of all that the stack has made. */
    readonly objects: ReadonlySet<string>;
    /** Where PostgreSQL is published now, as `address:port`; nothing when it is not, or not there. */
    readonly published: string | undefined;
    /** What its proof published last. */
    readonly provenPort: string | undefined;
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
    const hex = outputsOf("random:index/randomId:RandomId", MARK)["hex"];
    return {
        objects: new Set(
            resources.flatMap(({ type, outputs }) => {
                const kind = KINDS[type];
                return kind === undefined ? [] : [`${kind} ${String(outputs["name"])}`];
            }),
        ),
        published: publishedAt(outputsOf(CONTAINER, "-postgres")["ports"]),
        provenPort: publishedAt(outputsOf(CONTAINER, PORT_PROOF)["ports"]),
        mark: typeof hex === "string" ? markText(hex) : undefined,
    };
}

function publishedAt(value: unknown): string | undefined {
    const parsed = v.safeParse(ports, value);
    const [first] = parsed.success ? parsed.output : [];
    return first === undefined ? undefined : `${first.ip}:${first.external}`;
}
