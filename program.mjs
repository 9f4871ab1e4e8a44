// What `main` of Pulumi.yaml names: index.ts with its components, as one JavaScript file. Compiling at every command would cost more
// than all the rest of the program, type checking several times that, so the result is kept until a source changes.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";

const CACHE = "node_modules/.cache/pgbackrest";

const sources = [
    "index.ts",
    "package-lock.json",
    ...readdirSync("components", { recursive: true }).map((file) => join("components", file)),
].filter((file) => /\.(ts|json)$/.test(file));
const hash = createHash("sha256");
for (const file of sources.sort()) hash.update(`${file}\0`).update(readFileSync(file)).update("\0");
const compiled = join(process.cwd(), CACHE, `${hash.digest("hex").slice(0, 16)}.mjs`);

if (!existsSync(compiled)) await compile();
const { outputs } = await import(compiled);
export default outputs;

async function compile() {
    const { build } = await import("esbuild");
    mkdirSync(CACHE, { recursive: true });
    // Under another name first: two commands may compile at once, and none may read half a file.
    const unfinished = `${compiled}.${process.pid}`;
    await build({
        entryPoints: ["index.ts"],
        outfile: unfinished,
        bundle: true,
        packages: "external",
        platform: "node",
        format: "esm",
        logLevel: "silent",
    });
    renameSync(unfinished, compiled);
}
