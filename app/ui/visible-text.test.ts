import { describe, expect, it } from "vitest";
import { formatAge, formatBytes, formatDuration } from "./duration.ts";
import { cutText, shortenMiddle, visibleSegments, visibleText } from "./visible-text.ts";

describe("text from outside", () => {
  it("[F4] names every character that is not seen or turns the order of reading", () => {
    expect(visibleText("safe\u202etxt.exe")).toBe("safe‹U+202E›txt.exe");
    expect(visibleText("a\u200bb\u00adc\u2066d\u0007e\u{e0041}f\u{e0101}g\u034fh\u3164")).toBe(
      "a‹U+200B›b‹U+00AD›c‹U+2066›d‹U+0007›e‹U+E0041›f‹U+E0101›g‹U+034F›h‹U+3164›",
    );
    expect(visibleText("\ud800x")).toBe("‹U+D800›x");
  });

  it("[F4] keeps line breaks and tabs of a multiline text only", () => {
    expect(visibleSegments("a\n\tb", true)).toEqual([{ kind: "text", text: "a\n\tb" }]);
    expect(visibleText("a\nb")).toBe("a‹U+000A›b");
    expect(visibleSegments("a\rb", true)).toContainEqual({ kind: "mark", mark: "‹U+000D›", raw: "\r" });
  });

  it("leaves ordinary text alone, with accents and emoji", () => {
    const text = "Größe, naïve, 東京, 🚆 <b>not markup</b>";
    expect(visibleSegments(text)).toEqual([{ kind: "text", text }]);
  });

  it("[F4] names a pile of combining marks instead of stacking it", () => {
    expect(visibleText(`a${"\u0301".repeat(40)}b`)).toBe("a‹40 combining marks›b");
  });

  it("[F4] names letters in a costume and letters of another script inside a Latin word", () => {
    expect(visibleText("𝐀𝐩𝐩𝐫𝐨𝐯𝐞 ｏｋ Ⓐ")).toBe(
      "𝐀𝐩𝐩𝐫𝐨𝐯𝐞‹reads “Approve” in styled letters› ｏｋ‹reads “ok” in styled letters› Ⓐ‹reads “A” in styled letters›",
    );
    expect(visibleText("p\u0430ypal \u03bfk")).toBe("p\u0430‹Cyrillic›ypal \u03bf‹Greek›k");
    expect(visibleText("a\u2044b \u0661\u0662")).toBe("a\u2044‹U+2044›b \u0661\u0662‹digits of another script›");
    const russian = "Привет, мир и Ελλάδα";
    expect(visibleText(russian)).toBe(russian);
  });

  it("[F4] names runs of blanks and breaks that push the rest away, and spaces that are none", () => {
    expect(visibleText(`a${" ".repeat(40)}b`)).toBe("a‹40 spaces›b");
    expect(visibleText(`a${" ".repeat(40)}b\u00a0c`)).toBe("a‹40 spaces›b‹U+00A0›c");
    expect(visibleSegments(`a${"\n".repeat(30)}b`, true)[1]).toMatchObject({ mark: "‹30 line breaks›" });
    expect(visibleText("a\n\n\n\nb")).toBe("a‹U+000A›‹U+000A›‹U+000A›‹U+000A›b");
    expect(visibleText("x\ufe01y\ufe0f 1\ufe0f\u20e3 ❤\ufe0f \ue000")).toBe(
      "x‹U+FE01›y‹U+FE0F› 1\ufe0f\u20e3 ❤\ufe0f ‹U+E000›",
    );
  });

  it("[F4] loses no character: text, raw and odd pieces put together are the text", () => {
    const text = `a\u202eb\u0430c𝐀\n\n\n\n\n${"\u0301".repeat(9)}${" ".repeat(20)}\ud800\u{e0041}z\u2024\u0665`;
    for (const multiline of [false, true]) {
      const whole = visibleSegments(text, multiline)
        .map((segment) => (segment.kind === "mark" ? segment.raw : segment.text))
        .join("");
      expect(whole).toBe(text);
    }
  });

  it("cuts without splitting a character and says how much is left", () => {
    expect(cutText("abc", 3)).toEqual({ head: "abc", more: 0 });
    expect(cutText("ab🚆cd", 3)).toEqual({ head: "ab", more: 4 });
    expect(shortenMiddle("0195400c-0000-7000-8000-0000000000a1")).toBe("0195400c…0000a1");
  });
});

describe("numbers with units", () => {
  it("[L1] writes spans and ages in at most two units", () => {
    expect([0, 999, 1500, 59_999, 185_000, 7_800_000, 100_000_000].map(formatDuration)).toEqual([
      "0 ms",
      "999 ms",
      "1.5 s",
      "59 s",
      "3 min 05 s",
      "2 h 10 min",
      "1 d 3 h",
    ]);
    expect([10, 8000, 240_000, 7_200_000].map(formatAge)).toEqual(["now", "8 s", "4 min", "2 h"]);
    expect(formatBytes(12_400_000)).toBe("12.4 MB");
  });
});
