import { join } from "node:path";
import * as v from "valibot";
import { oneLine } from "../../components/protection/text";
import { attempt } from "../run";
import { parsed } from "./findStack";
import type { Answer, Given } from "./operation";

const KEY = "pgbackrest:restore";
/** Of what `up` said, where it has failed. */
const LAST_LINES = 25;

/** The setting `restore`, by its fields. */
type Setting = Readonly<Record<string, string>>;

function pulumi({ directory, environment, stack }: Given, args: readonly string[]) {
    return attempt("pulumi", [...args, "--stack", stack], {
        cwd: directory,
        environment,
        timeoutSeconds: 60,
    });
}

/** As the stack's configuration has it; or why it cannot be read. */
export async function declared(given: Given): Promise<Setting | string> {
    const asked = await pulumi(given, ["config", "--json"]);
    const Config = v.record(v.string(), v.looseObject({ value: v.optional(v.string()) }));
    const config = v.safeParse(Config, parsed(asked.stdout));
    if (!asked.ok || !config.success) return oneLine(asked.all, 500);
    const Fields = v.record(v.string(), v.union([v.string(), v.number(), v.boolean()]));
    const fields = v.safeParse(Fields, parsed(config.output[KEY]?.value ?? "{}"));
    if (!fields.success) return `${KEY} is no map: correct it in the stack's file`;
    return Object.fromEntries(Object.entries(fields.output).map(([name, value]) => [name, String(value)]));
}

/** Writes the setting in place of what is there. @returns why it could not */
export async function declare(given: Given, setting: Setting): Promise<string | undefined> {
    await pulumi(given, ["config", "rm", "--path", KEY]);
    const fields = Object.entries(setting).flatMap(([name, value]) => [
        "--plaintext",
        `${KEY}.${name}=${value}`,
    ]);
    if (fields.length === 0) return undefined;
    const written = await pulumi(given, ["config", "set-all", "--path", ...fields]);
    return written.ok ? undefined : oneLine(written.all, 500);
}

/** Runs `up`, as people type it. */
export async function bringUp(
    given: Given,
    data: Readonly<Record<string, string | number>>,
): Promise<Answer> {
    const { directory, environment, stack, user } = given;
    const up = ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--stack", stack];
    const ran = await attempt(process.execPath, [join(directory, "toolchain/launch.mjs"), ...up], {
        cwd: directory,
        environment,
        onLine: (line) => {
            user.progress(line.trim());
        },
    });
    if (ran.ok) {
        const away = /(the database was away for (\S+) s, .*)/.exec(ran.all);
        return {
            status: 0,
            lines: ["up has ended well", ...(away === null ? [] : [away[1] ?? ""])],
            data: away === null ? data : { ...data, awaySeconds: Number(away[2]) },
        };
    }
    return {
        status: 1,
        lines: [
            "up has failed; what is declared stays declared, and the next up goes on with it:",
            ...ran.all.trimEnd().split("\n").slice(-LAST_LINES),
        ],
        data: { ...data, error: ran.all.trimEnd().split("\n").slice(-LAST_LINES).join("\n") },
    };
}
