import type { CloudCommon } from "./settings";

/** What the kinds have in common whose place is a bucket or container that exists. */
export const existing = {
    local: false,
    made: () => false,
    encryption: ({ encryption }: CloudCommon) => encryption,
    adopted: () => undefined,
    checkLifetime: () => undefined,
    reasons: {},
};
