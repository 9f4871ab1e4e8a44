import { createHash } from "node:crypto";
import type { Claim, Described } from "../kind";
import type { CloudCommon } from "./settings";

/**
 * The description of a repository in a cloud.
 * @param given what one kind has of the settings that say how it is reached, by name
 * @param credentials what a fingerprint is made of
 */
export function describeCloud(
    { verifyTls, plain, ca }: CloudCommon,
    given: Readonly<Record<string, string | number | undefined>>,
    credentials: readonly unknown[],
): Described {
    const all = {
        ...given,
        verifyTls,
        http: plain ? "plain" : undefined,
        ca: ca === undefined ? ca : hash(ca),
    };
    return {
        access: Object.fromEntries(
            Object.entries(all).flatMap(([key, value]) =>
                value === undefined ? [] : [[key, String(value)]],
            ),
        ),
        credentials,
        bucket: {},
        lockDays: 0,
        wiring: [],
    };
}

/** Nobody else may have the path in this place, nor one inside or around it. */
export function claimPath({ type, path }: CloudCommon, place: string): Claim[] {
    return [
        {
            ...{ field: "path", value: path, within: `${type} ${place}`, below: true },
            ...{ what: "inside or around the path of", why: "each needs a prefix of its own" },
        },
    ];
}

function hash(content: string): string {
    return createHash("sha256").update(content).digest("hex").slice(0, 12);
}
