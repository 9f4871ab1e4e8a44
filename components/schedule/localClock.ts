/** More than what lies between a clock's time, taken for UTC, and UTC; and less than what lies between two changes of a clock. */
const DAY = 86_400;

/** A clock on a wall. What it shows is in seconds, as if it were UTC. */
export interface LocalClock {
    shownAt(time: number): number;
    /** When it first shows that; where clocks are put forward over it, the moment at which they are. */
    firstShows(wall: number): number;
}

export function localClock(timezone: string): LocalClock {
    const format = new Intl.DateTimeFormat("en", { timeZone: timezone, timeZoneName: "longOffset" });
    const offset = (time: number): number => {
        const parts = format.formatToParts(time * 1000);
        const text = parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
        const [, sign, hours, minutes] = /^GMT([+-])(\d\d):(\d\d)$/.exec(text) ?? [];
        return (sign === "-" ? -1 : 1) * (Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60);
    };
    return {
        shownAt: (time) => time + offset(time),
        firstShows: (wall) => {
            const [before, after] = [offset(wall - DAY), offset(wall + DAY)];
            const times = [wall - Math.max(before, after), wall - Math.min(before, after)];
            return (
                times.find((time) => time + offset(time) === wall) ??
                changeBetween(wall - DAY, wall + DAY, (time) => offset(time) === before)
            );
        },
    };
}

/** The first moment at which something that was true is so no longer. */
function changeBetween(from: number, to: number, isBefore: (time: number) => boolean): number {
    let [low, high] = [from, to];
    while (high - low > 1) {
        const middle = Math.floor((low + high) / 2);
        if (isBefore(middle)) low = middle;
        else high = middle;
    }
    return high;
}
