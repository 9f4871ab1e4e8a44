import * as v from "valibot";
import { repositoryName } from "../name";

const schema = v.strictObject({ name: v.optional(repositoryName, "none"), type: v.literal("none") });

/** No repository: WAL is discarded and nothing is backed up. It has settings, and nothing else of a kind. */
export const none = { schema, secrets: [] } as const;
