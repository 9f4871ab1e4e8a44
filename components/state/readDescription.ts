import * as v from "valibot";
import { isRecord } from "../fields";
import { type Description, description, VERSION } from "./description";
import { firstVersion } from "./firstVersion";
import { fromFirstVersion } from "./fromFirstVersion";
import type { Recorded } from "./recorded";

/** Something is deployed, and what it is cannot be told. */
export class Unreadable {
    constructor(
        /** In half a sentence, with what to do. */
        readonly why: string,
        /** Does it say at least that it is protected? */
        readonly protect: boolean,
    ) {}
}

/**
 * A description from the stack's outputs, as of this version.
 * @param state what it comes from: an older one leaves to it what it does not say
 */
export function readDescription(output: unknown, state: readonly Recorded[]): Description | Unreadable {
    const written = isRecord(output) ? output : {};
    const protect = written["protect"] === true;
    const { version = 1 } = written;
    if (typeof version === "number" && version > VERSION)
        return new Unreadable(
            `a newer version of this program deployed it (its description is version ${version}, and this one reads up to ${VERSION}): use that one`,
            protect,
        );
    const result = v.safeParse(description, version === 1 ? upgraded(output, state) : output);
    return result.success
        ? result.output
        : new Unreadable("its description in the stack's outputs is missing or damaged", protect);
}

function upgraded(output: unknown, state: readonly Recorded[]): Description | undefined {
    const first = v.safeParse(firstVersion, output);
    const known = first.success ? fromFirstVersion(first.output, state) : undefined;
    return known === undefined ? undefined : { ...known, version: VERSION };
}
