import type { Seen } from "../components/monitoring/figures";
import type { Journal } from "./journal";
import type { RepositoryService } from "./repositoryService";
import type { World } from "./world";

/** What the service knows that there are figures of; nothing before the first verdict. */
export function seenBy(
    world: Pick<World, "published" | "drills">,
    { evidence, state: { verdict, written } }: Pick<Journal, "evidence" | "state">,
    named: ReadonlyMap<string, Pick<RepositoryService, "seen">>,
): Seen | undefined {
    if (evidence === undefined) return undefined;
    const published = world.published();
    const services = [...named.values()];
    const repositories = typeof published === "object" ? published.repositories : [];
    return {
        ...{ evidence, verdict, written, repositories, drills: world.drills() },
        backups: services.flatMap(({ seen }) => seen.backups),
        failing: services.flatMap(({ seen }) => seen.failing),
        sizes: Object.fromEntries([...named].map(([name, { seen }]) => [name, seen.size])),
    };
}
