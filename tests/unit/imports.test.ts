import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { describe, it } from "mocha";
import ts from "typescript";

const ROOT = resolve(import.meta.dirname, "../..");
const SOURCES = [
    "index.ts",
    ...["components", "service", "toolchain"].flatMap((folder) => sourcesIn(folder)),
];

function sourcesIn(folder: string): string[] {
    return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts"))
        .map((file) => join(folder, file));
}

/** The files of ours that a file imports, types included. */
function importsOf(file: string): string[] {
    return ts
        .preProcessFile(readFileSync(join(ROOT, file), "utf8"))
        .importedFiles.map(({ fileName }) => fileName)
        .filter((name) => name.startsWith("."))
        .map((name) => `${relative(ROOT, resolve(ROOT, file, "..", name))}.ts`)
        .filter((name) => SOURCES.includes(name));
}

/** The first way from a file back to itself; nothing when there is none. */
function circleIn(graph: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
    const done = new Set<string>();
    const walk = (file: string, way: readonly string[]): readonly string[] | undefined => {
        if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
        if (done.has(file)) return undefined;
        for (const next of graph.get(file) ?? []) {
            const found = walk(next, [...way, file]);
            if (found !== undefined) return found;
        }
        done.add(file);
        return undefined;
    };
    for (const file of graph.keys()) {
        const found = walk(file, []);
        if (found !== undefined) return found;
    }
    return undefined;
}

describe("imports", () => {
    it("lead from no file back to itself", () => {
        const graph = new Map(SOURCES.map((file) => [file, importsOf(file)]));
        assert.ok([...graph.values()].flat().length > SOURCES.length, "the imports are read");
        assert.equal(circleIn(graph)?.join(" -> "), undefined);
    });

    it("of a circle are found", () => {
        const graph = new Map([
            ["a", ["b", "c"]],
            ["b", []],
            ["c", ["d"]],
            ["d", ["b", "c"]],
        ]);
        assert.deepEqual(circleIn(graph), ["c", "d", "c"]);
    });
});
