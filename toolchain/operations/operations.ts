import { escrow, escrowCheck } from "./escrow";
import type { Operation } from "./operation";
import { packages } from "./packages";
import { status } from "./status";
import { configuration } from "./verify";

/** All that `npm run ops` can do, in the order of its help. A new one is added here. */
export const OPERATIONS: readonly Operation[] = [status, configuration, packages, escrow, escrowCheck];
