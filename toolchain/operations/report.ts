import { writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { readDescription, Unreadable } from "../../components/state/readDescription";
import type { Description } from "../../components/state/description";
import { attempt } from "../run";
import { AtWork } from "./atWork";
import { parsed } from "./findStack";
import { type Answer, CANNOT_TELL, cannotTell, type Given, type Operation, optionOf } from "./operation";
import { look, type Told, toldOf, WHAT } from "./seen";

export const report: Operation = {
    name: "report",
    summary:
        "One page for people: is it protected, backups, recovery window, drills, what comes, what was not tested.",
    options: [
        ["--open", "show it in the browser"],
        ["--output <file>", "where to (default: report-STACK.html in the project)"],
    ],
    examples: ["report --open", "report --stack prod --output /tmp/prod.html"],
    statuses: [
        "it is written, and the database is protected",
        "it is written, and the database is not protected",
        "it cannot be told, or the page cannot be written; a page that is written says why",
    ],
    run: async (given) => {
        const stack = await AtWork.find(given);
        if (typeof stack === "string") return cannotTell(WHAT, stack);
        const [seen, description] = await Promise.all([look(stack), describedBy(given)]);
        if ("status" in seen) return seen;
        // What draws the page is half of all modules, and loading them would cost every other operation half of its time.
        const [{ factsOf }, { page }] = await Promise.all([
            import("../report/facts"),
            import("../report/page"),
        ]);
        const facts = factsOf(seen, { stack: given.stack, name: stack.prefix, description });
        const output = optionOf(given, "output");
        const file =
            output === undefined
                ? join(given.directory, `report-${basename(given.stack)}.html`)
                : // From where the command was typed: npm itself goes to the project.
                  resolve(process.env["INIT_CWD"] ?? given.directory, output);
        try {
            writeFileSync(file, page(facts));
        } catch (error) {
            return cannotTell(WHAT, `${file} cannot be written: ${String(error)}`);
        }
        const opened = given.options["open"] === true ? await open(file) : [];
        return reportAnswer(toldOf(seen.service), file, opened);
    },
};

export function reportAnswer({ status, sentence }: Told, file: string, opened: readonly string[]): Answer {
    return {
        status,
        lines: [
            status === CANNOT_TELL ? `CANNOT TELL ${WHAT}: ${sentence}` : sentence,
            `the report is in ${file}`,
            ...opened,
        ],
        data: { file, protected: status === 0, sentence },
    };
}

/** That output alone: the others are secrets, and this is none. Nothing where it cannot be read. */
async function describedBy({ directory, stack, environment }: Given): Promise<Description | undefined> {
    const { stdout } = await attempt(
        "pulumi",
        ["stack", "output", "description", "--json", "--show-secrets", "--stack", stack],
        { cwd: directory, environment, timeoutSeconds: 60 },
    );
    const read = readDescription(parsed(stdout), []);
    return read instanceof Unreadable ? undefined : read;
}

/** What each system opens a file with, as its desktop is set up. */
const OPENERS: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
    darwin: ["open"],
    win32: ["cmd", "/c", "start", ""],
};

/** What is to be said of it. */
async function open(file: string): Promise<readonly string[]> {
    const [program, ...args] = OPENERS[process.platform] ?? ["xdg-open"];
    const { ok } = await attempt(program, [...args, file], { timeoutSeconds: 20 });
    return ok ? [] : [`no browser could be opened here (${program} did not): open the file yourself`];
}
