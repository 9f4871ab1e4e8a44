// Builds one part, as a program of its own for a test to run twice at once, or to interrupt.
import { exitWith } from "../../toolchain/errors";
import { buildPart, GoCaches } from "../../toolchain/closedNetwork/goBuild";
import { interruptible } from "../../toolchain/interruption";
import { parts } from "../../toolchain/closedNetwork/parts";

exitWith(async () =>
    interruptible(async () => {
        const caches = await GoCaches.open();
        try {
            await buildPart(parts.proxy, caches, () => undefined);
        } finally {
            await caches.close();
        }
        return 0;
    }),
);
