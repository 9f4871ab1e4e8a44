import { MONITORING_ROLE } from "../monitoring/serving";

/** What is wrong with the name of a database or a role of the application; nothing when it is good. */
export function checkIdentifier(kind: "database" | "role", name: string): string | undefined {
    // A new database has another name until its init SQL has run, so some letters must be left.
    if (!/^[a-z_][a-z0-9_]{0,58}$/.test(name))
        return "lower case letters, digits and _, not starting with a digit, at most 59";
    const reserved =
        kind === "database"
            ? ["postgres", "template0", "template1"]
            : ["postgres", "pgbackrest", MONITORING_ROLE, "public", "none"];
    if (reserved.includes(name)) return `a name of the application's own: ${name} has a meaning already`;
    return name.startsWith("pg_")
        ? "a name that does not start with pg_, which PostgreSQL keeps for itself"
        : undefined;
}

/** What is wrong with a password, without a word of it. */
export function checkPassword(password: string): string | undefined {
    if (/[\r\n]/.test(password)) return "has a line break: remove it (echo adds one where printf does not)";
    if (password.trim() !== password) return "has blanks at an end: remove them";
    if (/\p{Cc}/u.test(password)) return "has a control character: remove it";
    if (password.length > 256) return "is longer than 256 characters: make it shorter";
    // Programs differ on how they normalize these, and then the same password is two.
    if (
        /[\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]/u.test(password) ||
        password.normalize("NFKC") !== password
    )
        return "has characters that look like others or cannot be seen, and programs differ on what they mean: use plain ones";
    return undefined;
}
