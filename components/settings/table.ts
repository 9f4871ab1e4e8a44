import * as v from "valibot";
import { backups } from "./table/backups";
import { database } from "./table/database";
import { drills } from "./table/drill";
import { monitoring } from "./table/monitoring";
import { notifications } from "./table/notify";
import { stack } from "./table/stack";

/**
 * Every setting there is, each once: its type and range, its default, what it means, what a change does, and how the description of a
 * stack has it. The type `Settings`, Pulumi.yaml, the table in the docs, the lists in messages and what a preview tells follow.
 */
export const table = { ...stack, ...database, ...backups, ...drills, ...monitoring, ...notifications };

export const schema = v.strictObject(table);

/** The settings of a stack as they are written, each of the right type. */
export type Written = v.InferOutput<typeof schema>;
