// npm run bench [-- NAME... --once]: the measurements in tests/bench/NAME.bench.ts, one after the other. With --once each runs once on
// its smallest data, which measures nothing and shows that none is broken.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { prepare } from "../../tests/support/prepare";
import { exitWith, ToolchainError } from "../errors";
import { foreground } from "../foreground";
import { root } from "../paths";
import { pulumiEnvironment } from "../pulumi";

const ending = ".bench.ts";

exitWith(async () => {
    const directory = join(root, "tests", "bench");
    const all = readdirSync(directory)
        .filter((file) => file.endsWith(ending))
        .map((file) => file.slice(0, -ending.length))
        .sort();
    const words = process.argv.slice(2);
    const once = words.filter((word) => word === "--once");
    const names = words.filter((word) => word !== "--once");
    const unknown = names.filter((name) => !all.includes(name));
    if (unknown.length > 0) {
        throw new ToolchainError(
            `There is no measurement "${unknown.join(" ")}".`,
            `There are: ${all.join(", ")}; and the option --once.`,
        );
    }
    const chosen = names.length === 0 ? all : names;
    // Only one of them needs the storage servers, which take minutes to build.
    // So does one alone compare with the last release.
    await prepare([
        chosen.includes("compression") ? "bench" : "e2e",
        ...(chosen.includes("service") ? (["upgrade"] as const) : []),
    ]);
    const args = ["--import", "tsx", join(directory, "run.ts"), ...chosen, ...once];
    return (await foreground(process.execPath, args, pulumiEnvironment())).status;
});
