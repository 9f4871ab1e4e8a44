import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** A document without what is between fences: there is no heading in it. */
const withoutBlocks = (text: string): string => text.replace(/^( *)```[^]*?^\1```$/gm, "");

/** And without what is between ticks: there is no link in it. */
const proseOf = (text: string): string => withoutBlocks(text).replace(/`[^`\n]*`/g, "");

/** What GitHub makes of a heading, without what distinguishes those of one name. */
function anchorOf(heading: string): string {
    const text = heading.replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1");
    return text
        .trim()
        .toLowerCase()
        .replace(/[^\p{L}\p{N}_\- ]/gu, "")
        .replaceAll(" ", "-");
}

/** All that a link into a document may name behind `#`. */
export function anchorsOf(text: string): ReadonlySet<string> {
    return new Set(
        [...withoutBlocks(text).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => anchorOf(heading)),
    );
}

/** Links of documents to files and headings of this repository that are not there, one a line; empty when all are. */
export function brokenLinks(root: string, documents: readonly string[]): readonly string[] {
    const read = (file: string): string => readFileSync(join(root, file), "utf8");
    return documents.flatMap((document) =>
        [...proseOf(read(document)).matchAll(/\]\(([^)\s]+)\)/g)]
            .map(([, target = ""]) => target)
            .filter((target) => !/^[a-z]+:/.test(target))
            .flatMap((target) => {
                const [path = "", anchor] = target.split("#");
                const file = path === "" ? document : relative(root, join(root, dirname(document), path));
                const there = existsSync(join(root, file));
                const found =
                    there &&
                    (anchor === undefined ||
                        (statSync(join(root, file)).isFile() && anchorsOf(read(file)).has(anchor)));
                return found ? [] : [`${document}: ${target} leads nowhere`];
            }),
    );
}
