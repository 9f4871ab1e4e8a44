/** `2026-11-27 06:00`, in UTC. */
export function minute(seconds: number): string {
    return new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ");
}

/** One line, at most so long. */
export function oneLine(text: string, longest = 1000): string {
    return text.replace(/\s+/g, " ").trim().slice(0, longest);
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/** `9.5GiB`, `46GiB`, rounded up. */
export function bytes(amount: number): string {
    let rest = amount;
    let unit = 0;
    while (rest >= 1024 && unit < UNITS.length - 1) [rest, unit] = [rest / 1024, unit + 1];
    const shown = unit > 0 && rest < 10 ? Math.ceil(rest * 10) / 10 : Math.ceil(rest);
    return `${unit > 0 && rest < 10 ? shown.toFixed(1) : shown}${UNITS[unit] ?? ""}`;
}
