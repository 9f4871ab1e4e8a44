/** `2026-11-27 06:00`, in UTC. */
export function minute(seconds: number): string {
    return new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ");
}

/** `3 s`, `5 min`, `2 h`, `4 days`. */
export function duration(seconds: number): string {
    const amount = Math.max(0, Math.round(seconds));
    if (amount < 120) return `${amount} s`;
    if (amount < 7200) return `${Math.round(amount / 60)} min`;
    return amount < 172_800 ? `${Math.round(amount / 3600)} h` : `${Math.round(amount / 86_400)} days`;
}

/** One line, at most so long. */
export function oneLine(text: string, longest = 1000): string {
    return text.replace(/\s+/g, " ").trim().slice(0, longest);
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(names: readonly string[]): string {
    return new Intl.ListFormat("en-GB").format(names);
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
