import { duration } from "../../components/protection/text";
import { AtWork } from "./atWork";
import { drillEvents } from "./drillText";
import { allEvents, type Event, logEvents, moveEvents } from "./events";
import { type Answer, CANNOT_TELL, cannotTell, type Operation, optionOf } from "./operation";
import { second } from "./reach";
import { dataVolumes, restoreEvents } from "./dataVolumes";
import { isReadable, pointsOf, unreadable } from "./repositories";

const WHAT = "what was done";
/** Lines of the log that are read. */
const LINES = 20_000;
const USUAL = 30;

export const history: Operation = {
    name: "history",
    summary: "What the backup service, restores, drills and people did, when, and how it ended.",
    options: [["--last <count>", `how many events (default: ${USUAL})`]],
    examples: [
        "history",
        "history --last 200",
        "history --json | jq '.events[] | select(.ended == \"failed\")'",
    ],
    statuses: [
        "here it is",
        "what the service tried last has failed, and not succeeded since",
        "it cannot be told: no stack, or no container",
    ],
    run: async (given) => {
        const last = Number(optionOf(given, "last") ?? USUAL);
        if (!Number.isInteger(last) || last < 1)
            return cannotTell(WHAT, "--last is a number of events from 1");
        const stack = await AtWork.find(given);
        if (typeof stack === "string") return cannotTell(WHAT, stack);
        const [log, service, volumes] = await Promise.all([
            stack.docker(["logs", "--tail", String(LINES), stack.backup]),
            stack.service(),
            dataVolumes(stack, given),
        ]);
        if (!log.ok) return cannotTell(WHAT, log.all.trim());
        const all = typeof service === "string" ? [] : service.repositories;
        const held = await Promise.all(all.map((repository) => stack.held(repository)));
        const readable = held.filter(isReadable);
        const names = new Map(all.length > 1 ? all.map(({ number, name }) => [number, name] as const) : []);
        const others = [
            ...(typeof volumes === "string" ? [] : restoreEvents(volumes)),
            ...(typeof service === "string" ? [] : drillEvents(service.drills)),
            ...moveEvents(stack.found.outputs.deployment.moves),
        ];
        const events = allEvents(
            logEvents(log.all, names),
            readable.flatMap(({ report }) => report.backups),
            pointsOf(readable, stack.stanza),
            others,
            names,
        ).slice(-last);
        return historyOf(
            events,
            typeof service === "string" ? undefined : (service.state?.error ?? ""),
            unreadable(held, all),
        );
    },
};

/**
 * @param error the last one of the service that is not over; nothing where it cannot be asked
 * @param away what repositories cannot be read, each in words: they may have more
 */
export function historyOf(
    events: readonly Event[],
    error: string | undefined,
    away: readonly string[] = [],
): Answer {
    const isOfSeveral = events.some(({ repository }) => repository !== undefined);
    return {
        status: error === undefined ? CANNOT_TELL : error === "" ? 0 : 1,
        lines: [
            error === undefined
                ? "CANNOT TELL how the backup service is; this was done:"
                : error === ""
                  ? "nothing has failed that is not over"
                  : `not over: ${error}`,
            ...away.map((text) => `${text}; what only it knows is not here`),
            {
                head: [
                    ...["when (UTC)", "what", "ended", "took", ""],
                    ...(isOfSeveral ? ["repository"] : []),
                ],
                rows: events.map(({ at, what, ended, seconds, detail, repository = "" }) => [
                    second(at),
                    what,
                    ended ?? "",
                    seconds === undefined ? "" : duration(seconds),
                    detail,
                    ...(isOfSeveral ? [repository] : []),
                ]),
            },
        ],
        data: { error, events, ...(away.length === 0 ? {} : { problem: away.join("; ") }) },
    };
}
