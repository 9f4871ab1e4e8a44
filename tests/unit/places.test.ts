import assert from "node:assert/strict";
import { dirname } from "node:path";
import { describe, it } from "mocha";
import { isFree, PLACES } from "../../components/docker/places";
import { problemsOf, settingsOf } from "../support/settings";

const taken = Object.entries(PLACES).filter(([place]) => place !== "repository");

describe("the path of a repository in the containers", () => {
    for (const [place, path] of taken)
        it(`is not in, at or around ${path} (${place})`, () => {
            for (const refused of [path, `${path}/backup`, dirname(path)].filter((one) => one !== "/")) {
                const repositories = [{ name: "local", type: "posix", path: refused }];
                assert.match(
                    problemsOf(() => settingsOf({ repositories })).join("\n"),
                    /^pgbackrest:repositories\[0\]\.path: "[^"]+": a path that the containers do not use otherwise/,
                    refused,
                );
            }
        });

    it("is free beside them", () => {
        for (const path of [
            PLACES.repository,
            "/backup",
            "/var/lib/pgbackrest/second",
            "/adopted-too",
            "/srv",
        ])
            assert.ok(isFree(path), path);
    });
});
