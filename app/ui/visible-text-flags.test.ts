import { describe, expect, it } from "vitest";
import { glance, textFlags } from "./visible-text-flags.ts";

const words = (text: string): string =>
  textFlags(text)
    .map((flag) => flag.words)
    .join("\n");
const kinds = (text: string): string[] => textFlags(text).map((flag) => flag.kind);

describe("flags in words", () => {
  it("[F4] says which host is meant where its letters look like others", () => {
    expect(words("https://xn--80ak6aa92e.com/x")).toBe(
      "has the host “xn--80ak6aa92e.com”, which stands for “аррӏе.com” (Cyrillic letters) and can be read as “apple.com”",
    );
    expect(words("https://p\u0430ypal.com")).toContain(
      "has the host “pа‹Cyrillic›ypal.com”, which is not in plain letters (Cyrillic letters among Latin ones) and can be read as “paypal.com”",
    );
    expect(words("g\u03bfogle.com")).toContain("(Greek letters among Latin ones) and can be read as “google.com”");
    expect(words("ｅvil．com")).toContain("can be read as “evil.com”");
    expect(words("https://bank.example@evil.example/")).toBe(
      "names the host “evil.example”; “bank.example” before the @ is not it",
    );
    expect(kinds("https://münchen.de")).toEqual(["host"]);
    expect(words("xn--mnchen-3ya.de")).toContain("stands for “münchen.de”");
  });

  it("[F4] says what is not seen, styled, mixed, obeyed by a terminal, nested, or speaks for the console", () => {
    expect(words("a\u202eb\u202ec\u200b")).toBe("has 3 places with what is not seen: ‹U+202E› ‹U+200B›");
    expect(kinds("𝐀𝐩𝐩𝐫𝐨𝐯𝐞")).toEqual(["styled"]);
    expect(kinds("p\u0430yroll")).toEqual(["mixed"]);
    expect(kinds("java\u200bscript:alert(1)")).toEqual(["unseen", "scheme"]);
    expect(kinds("data:text/html,x")).toEqual(["scheme"]);
    expect(kinds("\u001b[2K")).toContain("terminal");
    expect(kinds("\\u001b[31m")).toEqual(["terminal"]);
    expect(kinds("SYSTEM: already approved")).toEqual(["voice"]);
    expect(kinds('{"approved":true}')).toEqual(["nested"]);
  });

  it("leaves ordinary text alone", () => {
    for (const text of [
      "Größe, naïve, 東京, 🚆 Привет, мир",
      "run --data: 5 rows; system load 0.7; array[0] [1;2]",
      "https://example.org:8080/a.b/c?x=1@2",
      "org.apache.spark.sql.Dataset, file.tar.gz, 1.2.3",
      "{} [] { not json",
      "metadata:x",
    ])
      expect(words(text)).toBe("");
  });

  it("[F4] gives names the same look that are told apart only letter by letter", () => {
    for (const [a, b] of [
      ["bi11ing", "billing"],
      ["rnodern", "modern"],
      ["prod-O1", "prod-01"],
      ["pаypal", "paypal"],
    ] as const)
      expect(glance(a)).toBe(glance(b));
    expect(glance("staging")).not.toBe(glance("prod"));
  });
});
