import { ORPCError } from "@orpc/client";
import { describe, expect, it } from "vitest";
import { problemOf } from "./problem.ts";

const problem = {
  type: "about:blank",
  title: "Refused",
  status: 403,
  detail: "the key is not known",
  code: "token_key_unknown",
};

describe("problems in the operator's words", () => {
  it("[COM-8] keeps the literal code and says what to do next", () => {
    const shown = problemOf(new ORPCError("REFUSED", { defined: true, data: problem }));
    expect(shown).toMatchObject({ code: "token_key_unknown", detail: "the key is not known" });
    expect(shown.next).toContain("sign in again");
  });

  it("says whether trying again may help", () => {
    const data = { ...problem, code: "storage_busy", retry: true };
    expect(problemOf(new ORPCError("UNAVAILABLE", { defined: true, data })).next).toBe("Try again in a moment.");
  });

  it("tells silence from refusal", () => {
    for (const error of [
      new ORPCError("CONNECTION_LOST"),
      new DOMException("gone", "AbortError"),
      new TypeError("Failed to fetch"),
    ]) {
      expect(problemOf(error).code).toBe("connection_lost");
    }
  });

  it("knows a chunk that could not be loaded", () => {
    expect(problemOf(new TypeError("Failed to fetch dynamically imported module: x.js")).code).toBe("part_missing");
  });

  it("keeps what it does not know apart, with what was said", () => {
    expect(problemOf(new Error("odd"))).toMatchObject({ code: "unexpected", detail: "odd" });
    expect(problemOf("text")).toMatchObject({ code: "unexpected" });
    expect(problemOf(new ORPCError("REFUSED", { defined: true, data: { code: 3 } })).code).toBe("unexpected");
  });
});
