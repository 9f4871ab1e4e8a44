import assert from "node:assert/strict";
import * as fc from "fast-check";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { describe, it } from "mocha";
import { Writer } from "protobufjs/minimal";
import { decoded } from "../../components/state/engineState";

/** An answer of the engine with these values, as Google's own library writes them. */
function answer(values: Record<string, fc.JsonValue>): Uint8Array {
    return Writer.create().uint32(10).bytes(Struct.fromJavaScript(values).serializeBinary()).finish();
}

/** Google's library loses what is called __proto__ when it writes. */
const values = fc
    .dictionary(fc.string(), fc.jsonValue({ noUnicodeString: false }))
    .filter((some) => !JSON.stringify(some).includes("__proto__"));
/** JSON knows no -0. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("what the engine says of a state", () => {
    it("is read as Google's library wrote it", () => {
        fc.assert(
            fc.property(values, (some) => {
                assert.deepEqual(plain(decoded(answer(some))), plain(some));
            }),
        );
    });

    it("has secrets as plain values", () => {
        const secret = {
            "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
            value: { password: ["word", 1, true, null] },
        };
        assert.deepEqual(decoded(answer({ outputs: { urn: { outputs: { deep: secret } } } })), {
            outputs: { urn: { outputs: { deep: secret.value } } },
        });
    });

    it("is nothing where the answer is a failure, or cut off, or something else", () => {
        const failure = Writer.create().uint32(18).bytes(Buffer.from("no")).finish();
        assert.equal(decoded(failure), undefined);
        fc.assert(
            fc.property(values, fc.nat(), (some, cut) => {
                const whole = answer(some);
                const part = whole.subarray(0, 1 + (cut % (whole.length - 1)));
                assert.doesNotThrow(() => decoded(part));
            }),
        );
        fc.assert(fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => void decoded(bytes)));
    });
});
