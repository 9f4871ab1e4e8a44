import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { remainsOf } from "../../components/protection/stanza";

const INFO = { archive: ["archive.info", "archive.info.copy"], backup: ["backup.info", "backup.info.copy"] };
const BACKUPS = ["20261127-151350F", "20261127-151350F_20261127-161350D", "latest", "backup.history"];
const WAL = ["17-1"];

describe("a stanza in the repository", () => {
    const whole: readonly (readonly [what: string, archive: readonly string[], backup: readonly string[]])[] =
        [
            ["that is not there", [], []],
            ["that is new", INFO.archive, INFO.backup],
            ["that is in use", [...INFO.archive, ...WAL], [...INFO.backup, ...BACKUPS]],
            ["of which a copy each is left", ["archive.info.copy", ...WAL], ["backup.info", ...BACKUPS]],
        ];
    for (const [what, archive, backup] of whole)
        it(`${what} is pgBackRest's business`, () => {
            assert.equal(remainsOf("main", archive, backup), undefined);
        });

    it("that is half made has files that can go", () => {
        assert.deepEqual(remainsOf("main", ["archive.info"], []), {
            lone: ["archive/main/archive.info"],
            problem: "",
        });
        assert.deepEqual(remainsOf("main", [], [...INFO.backup, "latest"])?.lone, [
            "backup/main/backup.info",
            "backup/main/backup.info.copy",
        ]);
    });

    const broken: readonly (readonly [
        archive: readonly string[],
        backup: readonly string[],
        text: RegExp,
    ])[] = [
        [
            INFO.archive,
            BACKUPS,
            /^backup\.info of the stanza main .* where there is 2 backups and traces of earlier backups left/,
        ],
        [WAL, INFO.backup, /^archive\.info .* where there is WAL segments left/],
        [
            WAL,
            BACKUPS.slice(0, 1),
            /^archive\.info and backup\.info .* where there is 1 backup and WAL segments left/,
        ],
        [[...INFO.archive, ...WAL], [], /^backup\.info .* where there is WAL segments left/],
    ];
    for (const [archive, backup, text] of broken)
        it(`of which something is left keeps that: ${String(text)}`, () => {
            const remains = remainsOf("main", archive, backup);
            assert.deepEqual(remains?.lone, []);
            assert.match(remains.problem, text);
            assert.match(
                remains.problem,
                /put it back .*, or give up what is left with acknowledge-loss\.sh --delete/,
            );
        });
});
