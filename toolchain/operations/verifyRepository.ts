import { failureText, Said } from "../../components/protection/output";
import type { Result } from "../run";
import { AtWork } from "./atWork";
import { type Answer, cannotTell, type Operation } from "./operation";
import { chosenOf, IN_ONE, type OfOne, type Repository, statusOfQuestions, together } from "./repositories";

const WHAT = "whether all in the repository is as it was written";

export const verify: Operation = {
    name: "verify",
    summary: "Reads all backups and WAL in the repositories and compares their checksums.",
    options: [IN_ONE],
    examples: ["verify", "verify --repository offsite", "verify --stack prod --json"],
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
        const { repositories } = service;
        const chosen = chosenOf(repositories, given);
        if (typeof chosen === "string") return cannotTell(WHAT, chosen);
        const answers: OfOne[] = [];
        for (const repository of chosen) {
            const whole = repositories.length === 1 ? "repository" : `repository ${repository.name}`;
            given.user.say(
                `Reading the whole ${whole}, which may take hours. Backups and WAL go on meanwhile.`,
            );
            answers.push({ repository, answer: await verifyIn(stack, repository) });
        }
        return together(answers, repositories, statusOfQuestions);
    },
};

async function verifyIn(stack: AtWork, repository: Repository): Promise<Answer> {
    // Of one that is away it would say that its files are not there.
    const { report } = await stack.held(repository);
    if (typeof report === "string") return cannotTell(WHAT, `it cannot be read: ${report}`);
    // It holds no lock, so it keeps nothing else waiting.
    const levels = ["--log-level-console=error", "--log-level-stderr=off"];
    const which = `--repo=${repository.number}`;
    return verifyOf(await stack.pgbackrest([which, ...levels, "--output=text", "--verbose", "verify"]));
}

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
