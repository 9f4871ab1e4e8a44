import { hostname } from "node:os";
import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Labels } from "../docker/containers";
import { MARK, MARK_LABEL, markText, OWNER_LABEL } from "../docker/names";
import type { EngineObject } from "./engine";

/**
 * Makes the mark of a stack, before anything that bears it: what an interrupted `up` leaves behind is known by it. Gives the labels of
 * all that is made new: the mark, and whose it is. What is taken over keeps what it has, as Docker changes no labels.
 * @param owner in words, for whoever finds them
 */
export function markStack(
    name: string,
    owner: { readonly stack: string; readonly directory: string },
    taken: readonly EngineObject[],
    options: pulumi.CustomResourceOptions,
): Labels {
    const mark = new random.RandomId(`${name}${MARK}`, { byteLength: 4 }, options);
    const own = [
        { label: MARK_LABEL, value: mark.hex.apply(markText) },
        { label: OWNER_LABEL, value: `stack ${owner.stack} in ${owner.directory} on ${hostname()}` },
    ];
    return (object) => {
        const found = taken.find(({ kind, name: known }) => kind !== "container" && known === object);
        if (found === undefined) return own;
        return Object.entries(found.labels).map(([label, value]) => ({ label, value }));
    };
}
