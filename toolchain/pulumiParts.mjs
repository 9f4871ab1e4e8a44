// `@pulumi/pulumi` as a whole loads a TypeScript compiler, npm and what drives other programs: half a second. A program that declares
// resources needs none of them, so they are loaded when asked for. The rest is the very modules that Pulumi has loaded already.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

const pulumi = "@pulumi/pulumi";
/** The modules to replace, with the parts of each that are loaded with the program. */
const eager = {
    [pulumi]: ["config", "errors", "metadata", "output", "resource", "stackReference", "stash"],
    [`${pulumi}/runtime`]: ["config", "invoke", "resource", "rpc", "settings", "stack"],
};

/** A plugin of esbuild that puts a module with the same exports in the place of each. */
export const partsOfPulumi = {
    name: "parts of Pulumi",
    setup({ onResolve, onLoad }) {
        onResolve({ filter: /^@pulumi\/pulumi(\/|$)/ }, ({ path }) =>
            path in eager ? { path, namespace: "parts" } : { path, external: true },
        );
        onLoad({ filter: /./, namespace: "parts" }, ({ path }) => ({
            contents: `module.exports = { ${exportsOf(path).join(", ")} };`,
            resolveDir: process.cwd(),
        }));
    },
};

/** Properties of an object literal. */
function exportsOf(path) {
    const parts = eager[path].map((part) => `${path}/${part}`);
    const loaded = new Set(parts.flatMap((part) => Object.keys(require(part))));
    const whole = require(path);
    const lazy = Object.keys(whole)
        .filter((name) => !loaded.has(name))
        .map((name) => {
            const from = isModule(`${path}/${name}`, whole[name])
                ? `require("${path}/${name}")`
                : `require("${path}/index").${name}`;
            return `get ${name}() { return ${from}; }`;
        });
    return [...parts.map((part) => `...require("${part}")`), ...lazy];
}

function isModule(path, value) {
    try {
        return require(path) === value;
    } catch {
        return false;
    }
}
