import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, utf8 } from "../base/bytes.ts";
import { decodePieces } from "./past/decode-pieces.ts";
import { decodeState, encodeState } from "./snapshot-codec.ts";

const there = (state: unknown): Uint8Array<ArrayBuffer> => concatBytes(...encodeState(state));

/** Names that mean something to the codec or to JavaScript, among others. */
const name = fc.oneof(fc.constantFrom("$map", "$set", "$plain", "__proto__", "constructor", "toString"), fc.string());
const text = fc.string({ unit: "binary" });
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value));
const { value: states } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(null, true, false),
    text,
    number,
    fc.array(tie("value")),
    fc.dictionary(name, tie("value"), { noNullPrototype: true }),
    fc.array(fc.tuple(name, tie("value"))).map((members) => new Map(members)),
    fc.array(fc.oneof(text, number)).map((members) => new Set(members)),
  ),
}));

describe("a state as bytes", () => {
  it("comes back the same, with Maps and Sets in their order", () => {
    fc.assert(
      fc.property(states, (state) => {
        const back = decodeState(there(state));
        // Not toStrictEqual: it takes a member called constructor for the constructor.
        expect(isDeepStrictEqual(back, state)).toBe(true);
        // Equality of Maps and Sets does not look at the order; the bytes do.
        expect(there(back)).toEqual(there(state));
      }),
      { numRuns: 1000 },
    );
  });

  it("comes back the same piece by piece, however short the pieces are", () => {
    fc.assert(
      fc.property(states, fc.integer({ min: 1, max: 60 }), (state, piece) => {
        const decoding = decodePieces(there(state), piece);
        let step = decoding.next();
        while (step.done !== true) step = decoding.next();
        expect(isDeepStrictEqual(step.value, state)).toBe(true);
        expect(there(step.value)).toEqual(there(state));
      }),
      {
        numRuns: 200,
        examples: [
          [{ $map: new Map([["$map", { $set: [] }]]), __other: { $plain: { $plain: { $set: [1] } } } }, 1],
          [{ $plain: { $plain: { $plain: { $map: [] } } } }, 1],
          [[{ $plain: { $set: [1, { $map: [1, 2] }] }, other: 1 }, 'a long \\" text', -1.5e-7, [[]], {}], 2],
          [JSON.parse('{"__proto__":{"latched":false}}'), 1],
        ],
      },
    );
  });

  it("does not take an object for a Map, whatever its members are called", () => {
    for (const state of [
      { $map: ["a", 1] },
      { $set: [1] },
      { $plain: { $map: [] } },
      { $map: new Map([["$map", { $set: [] }]]) },
      { $map: 1, $set: 2 },
    ])
      expect(decodeState(there(state))).toStrictEqual(state);
    const inherited = JSON.parse('{"__proto__":{"latched":false}}') as object;
    expect(Object.keys(decodeState(there(new Map([["a", inherited]]))) as Map<string, object>)).toEqual([]);
    expect(Object.hasOwn((decodeState(there([inherited])) as object[])[0] ?? {}, "__proto__")).toBe(true);
  });

  it("leaves out what is undefined, as JSON does", () => {
    expect(decodeState(there({ a: undefined, $map: [undefined] }))).toStrictEqual({ $map: [null] });
  });

  it("comes in pieces, so that a long one stops nobody for long", () => {
    const state = new Map(
      Array.from({ length: 50_000 }, (_, at) => [`task ${at}`, { entries: [at], name: "x".repeat(80) }]),
    );
    const pieces = [...encodeState(state)];
    expect(pieces.length).toBeGreaterThan(4);
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(1.1 * 2 ** 20);
    expect(decodeState(concatBytes(...pieces))).toStrictEqual(state);
  });

  it("says undefined to bytes that are none", () => {
    for (const bytes of [utf8("{"), utf8(""), Uint8Array.of(0xff)]) expect(decodeState(bytes)).toBeUndefined();
  });
});
