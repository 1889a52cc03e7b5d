import { describe, expect, it } from "vitest";
import { KNOWN_TYPS, tokenTypeOf } from "../../protocol/token-types.ts";
import { distance, readTime, timesOf } from "./as-of.ts";
import { BY_TYP } from "./claim-meanings.ts";
import { inspectorSearchSchema } from "./inspector-search.ts";
import { headerMeaningOf, meaningOf } from "./meanings.ts";
import { openMembers } from "./members.ts";
import { provenanceWords } from "./provenance.ts";
import type { InspectedStep } from "./step-words.ts";
import { outcomeOf } from "./step-words.ts";
import { kindOf, specifiedKindOf } from "./token-kinds.ts";
import { subjectOf } from "./use-inspect.ts";

/** The top-level claims a type's schema asks for or knows. */
function claimsOf(typ: string): readonly string[] {
  const schema: unknown = tokenTypeOf(typ)?.schema;
  const shape = (schema as { shape?: object; out?: { shape?: object } } | undefined) ?? {};
  return Object.keys(shape.shape ?? shape.out?.shape ?? {});
}

describe("meanings", () => {
  it.each(KNOWN_TYPS)("every claim of %s has a meaning in words, and the type a name", (typ) => {
    const claims = claimsOf(typ);
    expect(claims.length).toBeGreaterThan(4);
    expect(claims.filter((claim) => meaningOf(typ, claim) === null)).toEqual([]);
    expect(kindOf(typ)?.says).toMatch(/\.$/);
  });

  it("nothing that is ours is called a draft's or an RFC's, and only an ECT has draft text here", () => {
    for (const [typ, meanings] of Object.entries(BY_TYP))
      for (const [name, { mark }] of Object.entries(meanings)) {
        if (mark !== "draft" && mark !== "draft:log") continue;
        expect([typ, name]).toEqual([expect.stringMatching(/exec\+jwt$/), name]);
        expect(name).not.toMatch(/signalbox/);
      }
    expect(provenanceWords("ours")).toContain("no text of the IETF");
    for (const mark of ["draft", "draft:log", "draft:kin"] as const)
      expect(provenanceWords(mark)).not.toContain("this project");
  });

  it("a claim that nobody knows has none, whatever it is called", () => {
    for (const name of ["constructor", "__proto__", "toString", "strange"]) {
      expect(meaningOf("intent+jwt", name)).toBeNull();
      expect(headerMeaningOf(name)).toBeNull();
    }
    expect(meaningOf("vote+jwt", "iss")).toBeNull();
    expect(kindOf("constructor")).toBeNull();
  });
});

/** The table of docs/spec/README.md section 5, by its files. */
const TABLE = {
  ect: "exec wimse-exec intent record operator-enrolment wit",
  acp: "acp hitl-request hitl-decision",
  audit: "exec-audit audit-receipt audit-sth audit-handoff audit-trail audit-query usage-record settlement",
  behavior: "bet ear bench-result behavior-profile",
  cascade: "circuit-state failure-signal rollback-request rollback-result",
  consensus: "proposal vote decision capability cap-agreement",
  override: "override override-ack override-compliance heartbeat",
  federation: "fl-consent fl-update fl-budget fl-federation migration migration-receipt",
  operators: "role-statement",
};

describe("types of token", () => {
  it("[COM-5] each that the specification's table names is called by a name, verified here or not", () => {
    const typs = Object.values(TABLE).flatMap((names) => names.split(" ").map((name) => `${name}+jwt`));
    expect(typs.filter((typ) => kindOf(typ) === null && specifiedKindOf(typ) === null)).toEqual([]);
    for (const typ of ["constructor", "strange+jwt", "", null]) expect(specifiedKindOf(typ)).toBeNull();
  });
});

describe("the outcome", () => {
  const step = (result: InspectedStep["result"]): InspectedStep => ({
    procedure: "P1",
    step: 9,
    check: "parent",
    result,
  });

  it("[INV-4] is called verified only when everything that applies has passed", () => {
    const of = (...results: InspectedStep["result"][]) => {
      const { label, tone } = outcomeOf(results.map(step));
      return [label, tone];
    };
    expect(of("passed", "passed")).toEqual(["Verified: all 2 steps passed", "good"]);
    expect(of("passed", "not_applicable")).toEqual(["Verified: all 1 steps that apply passed", "good"]);
    expect(of("passed", "not_checked", "not_applicable")).toEqual([
      "Verified in part: 1 steps passed, 1 not checked here",
      "notice",
    ]);
    expect(of("passed", "failed", "not_reached")[0]).toMatch(/^Refused at P1 step 9/);
    for (const none of [of(), of("not_reached"), of("passed", "not_reached"), of("not_checked", "not_reached")])
      expect(none).toEqual(["Not verified", "neutral"]);
  });
});

describe("members", () => {
  it("are bounded in number and depth, and nothing is lost", () => {
    const object = {
      a: { b: { c: 1 } },
      list: [1, 2],
      ...Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`m${at}`, at])),
    };
    const { members, more, rest } = openMembers(object);
    expect(members.slice(0, 3).map(({ path, depth, text }) => [path, depth, text])).toEqual([
      ["a", 0, null],
      ["a.b", 1, '{\n "c": 1\n}'],
      ["list", 0, "[\n 1,\n 2\n]"],
    ]);
    expect(members).toHaveLength(120);
    expect(more).toBe(302 - 119);
    expect(Object.keys(JSON.parse(rest) as object)).toHaveLength(more);
  });

  it("an object with too many members is one text", () => {
    const wide = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`w${at}`, at]));
    const { members, more } = openMembers({ wide, last: "x" });
    expect(members.map(({ path }) => path)).toEqual(["wide", "last"]);
    expect(more).toBe(0);
  });
});

describe("times", () => {
  it("[COM-2] are read as they are typed, and nothing else is a time", () => {
    expect(readTime("1772064000")).toBe(1_772_064_000);
    expect(readTime("2026-02-26T00:00:00Z")).toBe(1_772_064_000);
    expect(readTime(" 2026-02-26 01:00 +01:00 ")).toBe(1_772_064_000);
    expect(readTime("2026-02-26 00:00")).toBe(Math.floor(new Date(2026, 1, 26).getTime() / 1000));
    for (const text of ["", "yesterday", "2026", "26.2.2026", "99999999999999", "2026-13-01 00:00Z"])
      expect(readTime(text)).toBeNull();
  });

  it("are told with their distance, and a claim that is no time is none", () => {
    expect(timesOf({ iat: 10, exp: "20", nbf: -1, at: 1.5, auth_time: 5 }).map(({ name }) => name)).toEqual([
      "auth_time",
      "iat",
    ]);
    expect([distance(10, 10), distance(10, 70), distance(3670, 70)]).toEqual([
      "at that moment",
      "1 min 00 s before that",
      "1 h 00 min after that",
    ]);
  });
});

describe("what is looked at", () => {
  it("a link names an entry or an id, and never carries a token", () => {
    const read = (search: object) => inspectorSearchSchema.parse(search);
    expect(subjectOf(read({ entry: "7", jti: "x" }), "pasted")).toEqual({ kind: "entry", seq: 7 });
    expect(subjectOf(read({ jti: "x" }), "pasted")).toEqual({ kind: "jti", jti: "x" });
    expect(subjectOf(read({ entry: -1, token: "a.b.c" }), "")).toBeNull();
    expect(subjectOf(read({}), "pasted")).toEqual({ kind: "pasted", token: "pasted" });
    expect(read({ at: "now" }).at).toBe("now");
    expect(read({ at: "then" }).at).toBeUndefined();
  });
});
