import type { Seen } from "../components/monitoring/figures";
import type { Attempts } from "../components/protection/attempts";
import type { Journal } from "./journal";
import type { Plan } from "./plan";
import type { World } from "./world";

/** What the service knows that there are figures of; nothing before the first verdict. */
export function seenBy(
    world: Pick<World, "published" | "drills">,
    { evidence, state: { verdict, written } }: Pick<Journal, "evidence" | "state">,
    { backups }: Pick<Plan, "backups">,
    { failing }: Pick<Attempts, "failing">,
): Seen | undefined {
    if (evidence === undefined) return undefined;
    const published = world.published();
    const repositories = typeof published === "object" ? published.repositories : [];
    return { evidence, verdict, written, repositories, drills: world.drills(), backups, failing };
}
