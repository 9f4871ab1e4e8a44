// What pgBackRest says, as far as it means something.
import { IMMUTABLE } from "./immutable";
import { oneLine } from "./text";

/** More than this of a message tells nobody anything. */
const LINES = 200;

/** Of an HTTP conversation only what was asked and what was answered says something. */
const HTTP = /^\s*(\*\*\*|[a-z0-9-]+: )/;

/** Keeps of the lines of a run those that matter: what it complains about, and what verify found. A run may say very much. */
export class Said {
    readonly #errors: string[] = [];
    readonly #found: string[] = [];
    #finding = false;

    take(line: string): void {
        if ((this.#errors.length > 0 || line.includes("ERROR:")) && this.#errors.length < LINES)
            this.#errors.push(line);
        // Its lines have no date and process before them, but those of the log have.
        if (/^ *status:/.test(line)) this.#finding = true;
        else if (/ P\d+ /.test(line)) this.#finding = false;
        if (this.#finding && this.#found.length < LINES) this.#found.push(line);
    }

    /** From the first error on. */
    get error(): string {
        const text = this.#errors
            .filter((line) => !line.includes(" INFO: ") && !HTTP.test(line))
            .map((line) => line.replace(/^.*ERROR: */, ""));
        return oneLine(text.join(" "));
    }

    /** What verify has found; nothing when all is well. Its exit code is 0 on damaged files. */
    get damage(): string | undefined {
        return this.#found.some((line) => /^ *status: ok/.test(line))
            ? undefined
            : oneLine(this.#found.join(" "));
    }
}

/** By a part of what pgBackRest says. */
const MEANINGS: Readonly<Record<string, string>> = {
    "[028]": "it holds the backups of another PostgreSQL cluster, give this one a path of its own",
    ...IMMUTABLE,
};

/** Why a run failed, with what helps where that is known. */
/** What verify has found, and what to do. */
export function damageText(found: string): string {
    return `verify found damage in the repository: ${found}. When it is mended, restart the backup service: it verifies again at once`;
}

export function failureText(
    what: string,
    said: string,
    ended: { readonly signal: string | null; readonly outOfMemory: boolean },
): string {
    const signal = ended.signal === null ? "" : `killed by signal ${ended.signal}`;
    const memory = ended.outOfMemory
        ? " - out of memory (backupMemory): raise pgbackrest:backupMemory, or lower compress-level or process-max"
        : "";
    const meaning = Object.entries(MEANINGS).find(([part]) => said.includes(part))?.[1];
    return `${what} failed: ${said}${signal}${memory}${meaning === undefined ? "" : ` - The repository: ${meaning}`}`;
}

/** Does the configuration leave it to backups to expire what retention does not keep? In pgBackRest's order of sections. */
export function expiresAutomatically(conf: string, stanza: string): boolean {
    const values = new Map<string, string>();
    let section = "";
    for (const line of conf.split("\n")) {
        const header = /^\s*\[\s*(.*?)\s*\]\s*$/.exec(line);
        if (header?.[1] !== undefined) section = header[1];
        const option = /^\s*expire-auto\s*=\s*(\S*)\s*$/.exec(line);
        if (option?.[1] !== undefined) values.set(section, option[1]);
    }
    const inForce = [`${stanza}:backup`, stanza, "global:backup", "global"]
        .map((name) => values.get(name))
        .find((value) => value !== undefined);
    return inForce !== "n";
}

/** Does pgBackRest say that another one is at work? */
export function isLocked(reason: string): boolean {
    return reason.includes("[050]");
}
