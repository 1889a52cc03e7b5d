import fc from "fast-check";
import { base64url } from "jose";
import { describe, expect, it } from "vitest";
import { fromBase64url, fromUtf8, toBase64url, utf8 } from "./bytes.ts";

describe("base64url", () => {
  it("[ECT-S1] reads every byte string from its one spelling", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = toBase64url(bytes);
        expect(fromBase64url(text)).toEqual(Uint8Array.from(bytes));
        expect(text).toBe(Buffer.from(bytes).toString("base64url"));
      }),
    );
  });

  it("[ECT-S1] refuses every other spelling", () => {
    const alphabet = /^[A-Za-z0-9_-]*$/;
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."AQgwz019-_=+/ .é\u{1f600}"), maxLength: 12 }), (text) => {
        const canonical =
          alphabet.test(text) && text.length % 4 !== 1 && base64url.encode(Buffer.from(text, "base64url")) === text;
        expect(fromBase64url(text)).toEqual(canonical ? Uint8Array.from(Buffer.from(text, "base64url")) : null);
      }),
      { numRuns: 2000 },
    );
  });

  it.each(["A", "AA==", "A=", "AB", "AAB", "AA AA", "AAA\n", "AA+/", "ÿAAA", "AAAA\u0100"])(
    "[ECT-S1] refuses %j",
    (text) => {
      expect(fromBase64url(text)).toBeNull();
    },
  );
});

describe("UTF-8", () => {
  it("refuses bytes that are none, and reads the next ones all the same", () => {
    expect(fromUtf8(Uint8Array.of(0x61, 0xe2, 0x82))).toEqual({ ok: false, error: { code: "not_utf8" } });
    expect(fromUtf8(utf8("\u{feff}grün"))).toEqual({ ok: true, value: "\u{feff}grün" });
  });
});
