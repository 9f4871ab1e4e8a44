import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A place that this machine gets Debian packages from. */
export interface AptSource {
    readonly uri: string;
    readonly suites: readonly string[];
    readonly components: readonly string[];
}

/** `deb [options] URI SUITE COMPONENT...`, one a line. */
export function parseOneLineSources(text: string): readonly AptSource[] {
    return text.split("\n").flatMap((line) => {
        const match = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)([^#]*)/.exec(line);
        if (match === null) return [];
        const [, uri = "", suite = "", components = ""] = match;
        return [{ uri, suites: [suite], components: words(components) }];
    });
}

/** Paragraphs of `Field: value`; a value goes on in lines that begin with a blank; `#` lines are comments. */
export function parseDeb822Sources(text: string): readonly AptSource[] {
    const lines = text.split("\n").filter((line) => !line.startsWith("#"));
    return lines
        .join("\n")
        .split(/\n[ \t]*\n/)
        .flatMap((paragraph) => {
            const fields = new Map<string, string>();
            for (const [, name = "", value = ""] of paragraph.matchAll(/^([^\s:]+):(.*(?:\n[ \t].*)*)/gm)) {
                fields.set(name.toLowerCase(), value);
            }
            const list = (name: string): readonly string[] => words(fields.get(name) ?? "");
            if (
                !list("types").includes("deb") ||
                /^\s*(no|false|off|0)\s*$/i.test(fields.get("enabled") ?? "")
            )
                return [];
            return list("uris").map((uri) => ({
                uri,
                suites: list("suites"),
                components: list("components"),
            }));
        });
}

function words(text: string): readonly string[] {
    return text.split(/\s+/).filter((word) => word !== "");
}

export function readAptSources(directory = "/etc/apt"): readonly AptSource[] {
    const extra = (ending: string): readonly string[] =>
        filesOf(join(directory, "sources.list.d")).filter((file) => file.endsWith(ending));
    return [
        ...[join(directory, "sources.list"), ...extra(".list")].flatMap((file) =>
            parseOneLineSources(textOf(file)),
        ),
        ...extra(".sources").flatMap((file) => parseDeb822Sources(textOf(file))),
    ];
}

function filesOf(directory: string): readonly string[] {
    try {
        return readdirSync(directory)
            .sort()
            .map((file) => join(directory, file));
    } catch {
        return [];
    }
}

function textOf(file: string): string {
    try {
        return readFileSync(file, "utf8");
    } catch {
        return "";
    }
}

const releases =
    /^(bullseye|bookworm|trixie|forky|sid|unstable|testing|stable|oldstable)(-security|\/updates)?$/;

/** `deb` lines for another release of Debian, from the mirrors that this machine uses itself. */
export function debianSources(sources: readonly AptSource[], release: string): readonly string[] {
    const debian = sources.filter(({ components }) => components.includes("main"));
    const mirrorOf = (security: boolean): string | undefined =>
        debian.find(({ suites }) =>
            suites.some((suite) => {
                const match = releases.exec(suite);
                return match !== null && (match[2] !== undefined) === security;
            }),
        )?.uri;
    const main = mirrorOf(false);
    // Not Debian (Ubuntu, say), or nothing that we can read: mmdebstrap knows Debian's own address.
    if (main === undefined) return [];
    const security = mirrorOf(true);
    return [
        `deb ${main} ${release} main`,
        ...(security === undefined ? [] : [`deb ${security} ${release}-security main`]),
    ];
}
