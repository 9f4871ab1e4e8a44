import type { Common, Encryption } from "./kind";

/** What the kinds have in common whose place exists, somewhere else than on the Docker host. */
export const existing = {
    local: false,
    made: () => false,
    encryption: ({ encryption }: { readonly encryption: Encryption }) => encryption,
    adopted: () => undefined,
    common: (): readonly Common[] => [],
    checkLifetime: () => undefined,
    // Nobody here knows whether it keeps any.
    noVersions: (): string | undefined => undefined,
    reasons: {},
};
