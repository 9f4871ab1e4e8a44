// The first step of every npm script. Plain JavaScript without dependencies: it runs before `npm ci` has.
//   node toolchain/launch.mjs start|pulumi|test|bench|lint|ops [ARGUMENTS]
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { helpFor, withoutOptions } from "./help.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const needed = [20, 19];

function fail(problem, remedy) {
    console.error(`\n${problem}\n${remedy}`);
    process.exit(1);
}

function checkNode() {
    const [major, minor] = process.versions.node.split(".").map(Number);
    if (major > needed[0] || (major === needed[0] && minor >= needed[1])) return;
    fail(
        `Node.js ${process.versions.node} is too old: this project needs ${needed.join(".")} or newer.`,
        "Install a newer one from https://nodejs.org or with your package manager, and run the command again.",
    );
}

/** Does node_modules hold what package-lock.json names? npm writes its own list there as the last step of an install. */
function dependenciesAreInstalled() {
    const packagesOf = (file) => JSON.parse(readFileSync(join(root, file), "utf8")).packages;
    try {
        const wanted = packagesOf("package-lock.json");
        const installed = packagesOf("node_modules/.package-lock.json");
        return (
            Object.keys(installed).every((name) => name in wanted) &&
            Object.keys(wanted).every((name) => {
                if (name === "") return true;
                // Optional packages are for one platform each.
                if (installed[name] === undefined) return wanted[name].optional === true;
                return installed[name].integrity === wanted[name].integrity;
            })
        );
    } catch {
        return false;
    }
}

function installDependencies() {
    const begun = Date.now();
    console.error(
        "Installing the Node.js packages that package-lock.json names (npm ci, about 20 seconds) ...",
    );
    // The output of `npm run pulumi` may be for other programs: this goes to standard error.
    const options = { cwd: root, stdio: ["ignore", 2, 2] };
    const result = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], options);
    if (result.status !== 0) {
        fail(
            "npm ci did not succeed (its message is above).",
            "Check that the npm registry can be reached (`npm ping`), and run the command again.",
        );
    }
    console.error(`Installed in ${((Date.now() - begun) / 1000).toFixed(1)} s.`);
}

checkNode();
const command = process.argv[2] || "";
const file = join(root, "toolchain", "commands", `${command}.ts`);
if (!/^[a-z]+$/.test(command) || !existsSync(file)) {
    fail(
        `There is no command "${command}".`,
        "The commands are the scripts of package.json: `npm run` lists them.",
    );
}
const words = process.argv.slice(3);
const help = helpFor(command, words, dependenciesAreInstalled);
if (help !== undefined) {
    console.log(help);
    process.exit(0);
}
if (withoutOptions.includes(command) && words.length > 0) {
    fail(
        `There is no "${words.join(" ")}" of \`npm run ${command}\`: it takes no options, and no other words.`,
        `\`npm run ${command} -- --help\` says what it does.`,
    );
}
// Before anything that takes time; how long that will be is said as soon as it is known what is missing.
if (command === "start")
    console.log(
        "Getting this machine ready, then the stack. In some seconds you are told how long it takes.",
    );
if (!dependenciesAreInstalled()) installDependencies();
process.argv.splice(1, 2, file);
// What users type is one compiled file; what takes minutes runs from the sources, which tsx lets Node.js read. (No top-level await: too old a
// Node.js must get as far as the message above.)
if (["start", "pulumi", "ops"].includes(command))
    import("../service/bundle.mjs").then(({ runCompiled }) => runCompiled(root, command));
else import("tsx").then(() => import(file));
