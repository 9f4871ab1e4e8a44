/** What a repository does with its objects (pgbackrest#2394): read, create, write, delete, list. */
const NEEDED: Readonly<Record<string, string>> = {
    r: "read",
    c: "create",
    w: "write",
    d: "delete",
    l: "list",
};

/**
 * What is wrong with a shared access signature; nothing when it is good. Its parameters are public, only `sig` is secret.
 * @param now what has expired by then, or is not valid yet, is refused
 */
export function checkSas(sas: string, now: Date): string | undefined {
    const fields = new URLSearchParams(sas.replace(/^\?/, ""));
    if (!fields.has("sig"))
        return "is not a SAS, as it has no sig=: copy the whole token, starting with ? or sv=";
    const expiry = fields.get("se");
    if (expiry === null)
        // A stored access policy (si=) may hold the rest.
        return fields.has("si")
            ? undefined
            : "has no end (se=): make one that ends, it cannot be revoked otherwise";
    if (Number.isNaN(Date.parse(expiry))) return `has an end that is not a time (se=${expiry})`;
    if (new Date(expiry) <= now) return `expired on ${expiry}: make a new one and set it`;
    const start = fields.get("st");
    if (start !== null && new Date(start) > now) return `is not valid before ${start}`;
    if (fields.has("si")) return undefined;
    const permissions = fields.get("sp") ?? "";
    const missing = Object.keys(NEEDED).filter((letter) => !permissions.includes(letter));
    if (missing.length > 0)
        return `lacks rights (sp=${permissions}): it needs ${missing.map((letter) => `${letter} (${NEEDED[letter] ?? ""})`).join(", ")} too`;
    const resource = fields.get("sr");
    if (resource !== null && resource !== "c")
        return `is not for the container (sr=${resource}): make one with sr=c`;
    const types = fields.get("srt");
    return types !== null && !(types.includes("c") && types.includes("o"))
        ? `is not for containers and objects (srt=${types}): make one with srt=co`
        : undefined;
}
