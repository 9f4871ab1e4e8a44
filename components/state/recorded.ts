import { isRecord } from "../fields";

/** A resource as the engine tells of it. */
export interface Recorded {
    readonly type: string;
    /** Its name in the program. */
    readonly name: string;
    readonly outputs: Readonly<Record<string, unknown>>;
}

/** @param resources what the engine tells of the resources of a state: type and outputs by URN */
export function recorded(resources: unknown): Recorded[] {
    return (isRecord(resources) ? Object.entries(resources) : []).flatMap(([urn, resource]) =>
        isRecord(resource) && typeof resource["type"] === "string" && isRecord(resource["outputs"])
            ? [
                  {
                      type: resource["type"],
                      name: urn.slice(urn.lastIndexOf("::") + 2),
                      outputs: resource["outputs"],
                  },
              ]
            : [],
    );
}

/** The outputs of the stack itself: those of the last `up` that ended well. */
export function stackOutputs(resources: readonly Recorded[]): Readonly<Record<string, unknown>> {
    return resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs ?? {};
}
