import { remainsOf } from "../components/protection/stanza";
import { readNames } from "../components/protection/wal";
import type { Runner } from "./runner";
import type { OfOne } from "./world";

/** pgBackRest's errors about a stanza of which only a part is there: a missing file, a directory that is not empty. */
const BROKEN = /\[(055|040)\]/;

/** Makes the stanza where there is none, anew where it is half made. Gives what is wrong: nothing when it was ended on purpose. */
export async function makeStanza(runner: Runner, revision: OfOne): Promise<string | undefined> {
    const create = () => runner.run(revision, "stanza-create", ["stanza-create"]);
    let made = await create();
    if (!made.ok && BROKEN.test(made.reason)) {
        const { stanza } = revision;
        const [archive, backup] = [
            await runner.list(revision, `archive/${stanza}`),
            await runner.list(revision, `backup/${stanza}`),
        ].map(readNames);
        const remains =
            archive === undefined || backup === undefined ? undefined : remainsOf(stanza, archive, backup);
        if (remains === undefined) return made.reason;
        if (remains.problem !== "") return remains.problem;
        for (const file of remains.lone)
            await runner.run(revision, `removal of ${file}, beside which nothing was kept`, [
                "repo-rm",
                file,
            ]);
        made = await create();
    }
    return made.ok ? undefined : made.reason;
}
