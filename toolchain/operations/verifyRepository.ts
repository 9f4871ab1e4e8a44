import { failureText, Said } from "../../components/protection/output";
import type { Result } from "../run";
import { AtWork } from "./atWork";
import { type Answer, cannotTell, type Operation } from "./operation";

const WHAT = "whether all in the repository is as it was written";

export const verify: Operation = {
    name: "verify",
    summary: "Reads all backups and WAL in the repository and compares their checksums.",
    examples: ["verify", "verify --stack prod --json"],
    statuses: [
        "all is as it was written",
        "files are damaged or missing, and which",
        "it cannot be told: no stack, or not everything could be read",
    ],
    run: async (given) => {
        const stack = await AtWork.find(given);
        if (typeof stack === "string") return cannotTell(WHAT, stack);
        const service = await stack.service();
        if (typeof service === "string") return cannotTell(WHAT, service);
        if (service.repositories.length === 0) return cannotTell(WHAT, "there is no repository");
        given.user.say(
            "Reading the whole repository, which may take hours. Backups and WAL go on meanwhile.",
        );
        // It holds no lock, so it keeps nothing else waiting.
        const levels = ["--log-level-console=error", "--log-level-stderr=off"];
        return verifyOf(await stack.pgbackrest([...levels, "--output=text", "--verbose", "verify"]));
    },
};

/** Its exit status is 0 on damaged files, too. */
export function verifyOf({ ok, all }: Pick<Result, "ok" | "all">): Answer {
    const said = new Said();
    const lines = all.split("\n").filter((line) => line.trim() !== "");
    for (const line of lines) said.take(line);
    if (!ok || !lines.some((line) => /^ *status:/.test(line))) {
        const error = said.error === "" ? all.trim() : said.error;
        return cannotTell(WHAT, failureText("verify", error, { signal: null, outOfMemory: false }));
    }
    const damaged = said.damage !== undefined;
    return {
        status: damaged ? 1 : 0,
        lines: [
            damaged
                ? 'DAMAGE in the repository. docs/health.md says what to do under "Verify has found damage".'
                : "all in the repository is as it was written",
            ...lines,
        ],
        data: { damaged, lines },
    };
}
