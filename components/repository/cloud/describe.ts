import { shortHash } from "../../canonical";
import type { Described } from "../kind";
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
        ca: ca === undefined ? ca : shortHash(ca),
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
