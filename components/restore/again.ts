import type { Facts, Impossible, RepositoryFacts } from "./facts";
import { moment } from "./goal";
import { historyOf } from "./history";
import type { Wish } from "./wish";

/**
 * A declaration that is done stays in the stack's file. Where the data that it made are lost it would be done once more, and leave behind all
 * that was written since: the repository knows that, by the timeline which it began. A database that runs is told to people by the plan.
 */
export function doneBefore(wish: Wish, { running, repositories }: Facts): Impossible | undefined {
    if (running !== undefined || (wish.at === "latest" && wish.repositoryTime === undefined))
        return undefined;
    const [newest] = repositories
        .flatMap((repository) => writtenSince(wish, repository))
        .sort((a, b) => b.time - a.time);
    if (newest === undefined) return undefined;
    const { name, at, repositoryTime } = wish;
    const asItIs = repositoryTime === undefined ? "" : ", without repositoryTime";
    return {
        why: `restore ${name} to ${at} was done before, and its data are lost: it began timeline ${newest.timeline}, and what was written since is in the repository ${newest.repository}, the newest of ${moment(newest.time)}. To do it again would leave all of that behind`,
        instead: [
            `what was there last: pgbackrest:restore.name ${name}-2 (any that is new), and pgbackrest:restore.at latest${asItIs}`,
            "that moment again, on purpose: another pgbackrest:restore.name, and the same at",
        ],
    };
}

/** The newest WAL of each timeline that this restore began, or that began behind it. */
function writtenSince({ name, at }: Wish, { name: repository, restores, ends, histories }: RepositoryFacts) {
    const begun = [...(restores ?? [])].filter(([, by]) => by.name === name && by.at === at);
    return begun.flatMap(([timeline]) =>
        [...ends].flatMap(([later, { time }]) =>
            historyOf(later, histories).some((one) => one.timeline === timeline)
                ? [{ timeline, repository, time }]
                : [],
        ),
    );
}
