import * as v from "valibot";
import { repositoryName } from "../name";

/** No repository: WAL is discarded and nothing is backed up. */
export const none = v.strictObject({ name: v.optional(repositoryName, "none"), type: v.literal("none") });
