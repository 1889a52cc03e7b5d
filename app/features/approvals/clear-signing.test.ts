import { describe, expect, it } from "vitest";
import { gateDetail } from "./approvals.fixture.ts";
import { argumentsText, jsonPieces, shownArguments } from "./arguments-text.ts";
import { checkRequest } from "./clear-signing.ts";
import type { GateDetail } from "./gate-detail.ts";
import { sha256Text } from "./shown-view.ts";

const failedOf = async (detail: GateDetail, token: string): Promise<string[]> =>
  (await checkRequest(detail, token)).filter((check) => !check.passed).map((check) => check.id);

describe("clear signing", () => {
  it("[F4] passes every check for an honest request", async () => {
    const { detail, token } = await gateDetail();
    expect(await failedOf(detail, token)).toEqual([]);
    expect(await checkRequest(detail, token)).toHaveLength(5);
  });

  it("[F4] [ACP-11] finds arguments that differ from the digest the request names", async () => {
    const { detail, token } = await gateDetail();
    const canonicalArgs = detail.canonicalArgs.replace("3", "9");
    expect(await failedOf({ ...detail, canonicalArgs }, token)).toEqual(["args_digest"]);
    const argsHash = await sha256Text(canonicalArgs);
    expect(await failedOf({ ...detail, canonicalArgs, argsHash }, token)).toEqual(["args_digest"]);
  });

  it("[F4] [F5] finds claims that were exchanged beside the token", async () => {
    const { detail, token } = await gateDetail();
    const shown = { ...detail.claims, task: { ...detail.claims.task, target: "urn:cluster:other" } };
    expect(await failedOf({ ...detail, claims: shown }, token)).toEqual(["request_claims"]);
  });

  it("[F5] finds another token than the one a decision would name", async () => {
    const { detail } = await gateDetail();
    const other = await gateDetail({ row: { action: "drop_table" } });
    expect(await failedOf(detail, other.token)).toEqual(["request_token", "request_claims"]);
    expect(await failedOf(detail, "not a token")).toEqual(["request_token", "request_claims"]);
  });

  it("[F4] refuses arguments that can be read in two ways", async () => {
    for (const text of ['{"a":1,"a":2}', '{"b":1,"a":2}', '{ "a":1}', "[1.0]", "no json"]) {
      const { detail, token } = await gateDetail();
      expect(await failedOf({ ...detail, canonicalArgs: text }, token)).toContain("args_canonical");
    }
  });

  it("does not let a request without an arguments digest or with a failed verification pass", async () => {
    const { detail, token } = await gateDetail();
    const { args_hash: _, ...task } = detail.claims.task;
    expect(await failedOf({ ...detail, claims: { ...detail.claims, task } }, token)).toContain("args_digest");
    const steps: GateDetail["steps"] = [{ step: 6, check: "signature", result: "failed", code: "token_bad_signature" }];
    expect(await failedOf({ ...detail, steps }, token)).toEqual(["host_verified"]);
    expect(await failedOf({ ...detail, steps: [] }, token)).toEqual(["host_verified"]);
  });
});

describe("arguments as text", () => {
  it("[F4] indents canonical text and keeps what is no JSON exactly", () => {
    expect(argumentsText('{"a":[1,2]}', "indented").split("\n")).toEqual([
      "{",
      '  "a": [',
      "    1,",
      "    2",
      "  ]",
      "}",
    ]);
    expect(argumentsText('{"a":[1,2]}', "exact")).toBe('{"a":[1,2]}');
    expect(argumentsText('{"a":1,"a":2}', "indented")).toBe('{"a":1,"a":2}');
  });

  it("[F4] isolates every string and loses no character, also where the text was cut", () => {
    const strings = (text: string): string[] =>
      jsonPieces(text)
        .filter((piece) => piece.kind === "string")
        .map((piece) => piece.text);
    const text = argumentsText('{"א":"b\\"c","d":[1,"e\\\\"],"f":""}', "indented");
    expect(strings(text)).toEqual(["א", 'b\\"c', "d", "e\\\\", "f"]);
    for (let end = 0; end <= text.length; end += 1) {
      const cut = text.slice(0, end);
      expect(
        jsonPieces(cut)
          .map((piece) => piece.text)
          .join(""),
      ).toBe(cut);
    }
    expect(strings('{"a":"unfinished')).toEqual(["a", "unfinished"]);
  });

  it("[F4] folds a long value, never the values after it, and counts what is folded", () => {
    const text = JSON.stringify({ a: "x".repeat(5_000), target: "everything" });
    const folded = shownArguments(text, { form: "indented", whole: false });
    expect(folded.pieces.map((piece) => piece.text).join("")).toContain('"target": "everything"');
    expect(folded.characters - folded.charactersShown).toBe(4_600);
    expect(folded.pieces.reduce((sum, piece) => sum + piece.hidden, 0)).toBe(4_600);
    const whole = shownArguments(text, { form: "exact", whole: true });
    expect(whole.pieces.map((piece) => piece.text).join("")).toBe(text);
    const many = JSON.stringify(Array.from({ length: 9_000 }, (_, index) => index));
    const cut = shownArguments(many, { form: "exact", whole: false });
    expect(cut.charactersShown).toBe(12_000);
    expect(cut.characters).toBe(many.length);
  });
});
