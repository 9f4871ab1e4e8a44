import assert from "node:assert/strict";
import { describe, it } from "mocha";
import * as v from "valibot";
import { integer } from "../../components/fields";
import { describeImages, hashImages } from "../../components/docker/image";
import type { Description } from "../../components/state/description";
import { refusals } from "../../components/review/refusals";
import { configKeys, schema } from "../../components/settings/schema";
import { keysOf } from "../../components/settings/keys";
import { optional, setting } from "../../components/settings/setting";
import { table } from "../../components/settings/table";
import {
    changedValues,
    describeValues,
    goingOn,
    publishedValues,
    replacing,
    restarting,
} from "../../components/review/values";
import { described } from "../support/descriptions";
import { SAMPLES, SECRET } from "../support/samples";
import { settingsOf } from "../support/settings";

function descriptionOf(raw: Readonly<Record<string, unknown>>): Description {
    const { image, release } = settingsOf(raw, SECRET);
    return described(raw, undefined, image ?? describeImages(hashImages("image"), release).database);
}

const at = (description: Description, path: string): unknown =>
    path.split(".").reduce<unknown>((value, key) => {
        assert.ok(typeof value === "object" && value !== null && key in value, `${path}: no ${key}`);
        return new Map<string, unknown>(Object.entries(value)).get(key);
    }, description);

describe("the table of settings", () => {
    it("says what each setting means, and each field of a map", () => {
        for (const { name, description, allowed, fields } of configKeys) {
            assert.match(description, /^\S.*[^.]\.$/, name);
            assert.notEqual(allowed, "", name);
            for (const field of fields) assert.match(field.description, /^\S.*\.$/, `${name}.${field.name}`);
        }
    });

    it("knows the secrets", () => {
        assert.deepEqual(
            configKeys.filter((key) => key.secret).map((key) => key.name),
            ["tlsKey", "password"],
        );
    });

    for (const { name, described: how } of configKeys)
        it(`says how ${name} is described: ${how}`, () => {
            const [before, after] = new Map(Object.entries(SAMPLES)).get(name) ?? [];
            assert.ok(before !== undefined && after !== undefined);
            const [old, wanted] = [descriptionOf(before), descriptionOf(after)];
            if (how.startsWith("at ")) assert.notDeepEqual(at(wanted, how.slice(3)), at(old, how.slice(3)));
            else if (how === "by its value") assert.notEqual(wanted.settings[name], old.settings[name]);
            else assert.deepEqual(wanted, old);
        });

    it("is right about what is refused", () => {
        const refused = configKeys.filter((key) => key.change === "refused").map((key) => key.name);
        assert.deepEqual(refused, ["dockerHost", "mtu"]);
        const guard = { accept: [], floor: { full: 1, days: 0 } };
        for (const [name, [before, after]] of Object.entries(SAMPLES).filter(([key]) =>
            refused.includes(key),
        ))
            assert.match(
                refusals(descriptionOf(before), descriptionOf(after), guard, []).join(),
                new RegExp(`^pgbackrest:${name}\\b`),
            );
    });

    it("takes nothing that does not say all of it", () => {
        assert.throws(() => keysOf({ ...table, more: v.optional(v.string()) }), /^Error: more is no setting/);
        // @ts-expect-error: how is it described?
        setting(integer(1, 2, ""), 1, { description: "More.", change: "publish" });
        // @ts-expect-error: what does a change do?
        setting(integer(1, 2, ""), 1, { description: "More.", described: "by its value" });
        // @ts-expect-error: what does it mean?
        setting(integer(1, 2, ""), 1, { change: "publish", described: "by its value" });
        // @ts-expect-error: a change for which its value alone is not enough.
        setting(integer(1, 2, ""), 1, {
            description: "More.",
            change: "database",
            described: "by its value",
        });
        // @ts-expect-error: the default has another type.
        setting(v.number(), "one", { description: "More.", change: "publish", described: "by its value" });
    });
});

const facts = { description: "More.", described: "by its value" } as const;
const KEYS = keysOf({
    ...schema.entries,
    slots: setting(integer(1, 9, ""), 3, { ...facts, change: "restart" }),
    words: optional(v.string(), "", { ...facts, change: "publish" }),
    token: optional(v.string(), "", { ...facts, change: "both", secret: true }),
    share: setting(v.record(v.string(), v.number()), {}, { ...facts, change: "inPlace" }),
    pause: setting(integer(1, 9, ""), 1, { ...facts, change: "backup" }),
});
const secret = (content: unknown): string => `fingerprint of ${String(content).length}`;
const values = (settings: object): Record<string, string> => describeValues(settings, secret, KEYS);

describe("settings that are described by their value", () => {
    it("are what they are, but for the defaults and secrets", () => {
        assert.deepEqual(values({ slots: 3, share: {}, pause: 1 }), {});
        assert.deepEqual(values({ slots: 4, words: "a b", token: "secret", share: { b: 1, a: 2 } }), {
            slots: "4",
            words: "a b",
            token: "fingerprint of 6",
            share: '{"a":2,"b":1}',
        });
    });

    const told = (before: object, after: object): unknown => {
        const changed = changedValues(values(before), values(after), KEYS);
        return [restarting(changed), replacing(changed), goingOn(changed).map(({ text }) => text)];
    };

    it("are told with what a change does", () => {
        assert.deepEqual(told({}, {}), [[], [], []]);
        assert.deepEqual(told({ slots: 3 }, { slots: 4 }), [["pgbackrest:slots is 4 instead of 3"], [], []]);
        assert.deepEqual(told({ pause: 2 }, {}), [[], ["pgbackrest:pause is 1 instead of 2"], []]);
        assert.deepEqual(told({}, { words: "a" }), [
            [],
            [],
            ["pgbackrest:words is a instead of not set: a change restarts nothing."],
        ]);
        assert.deepEqual(told({ share: { a: 1 } }, { share: { a: 2 } }), [
            [],
            [],
            ['pgbackrest:share is {"a":2} instead of {"a":1}: a change restarts nothing.'],
        ]);
    });

    it("are told without the secret", () => {
        const both = ["pgbackrest:token is another one"];
        assert.deepEqual(told({ token: "secret" }, { token: "another" }), [both, both, []]);
    });

    it("are told also where this program knows them no more", () => {
        assert.deepEqual(
            changedValues({ gone: "1" }, {}, KEYS).map(({ text }) => text),
            ["pgbackrest:gone is not set instead of 1"],
        );
    });

    it("let setup run again only where something is published", () => {
        assert.deepEqual(
            publishedValues({ slots: "4", share: "{}", pause: "2", words: "a", gone: "1" }, KEYS),
            {
                slots: "4",
                words: "a",
                gone: "1",
            },
        );
    });
});
