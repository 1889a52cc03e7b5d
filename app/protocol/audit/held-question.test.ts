import { describe, expect, it } from "vitest";
import { taskId, WID } from "../ect/ect.fixture.ts";
import { type AuditQueryClaims, auditQueryClaimsSchema } from "./audit-query.ts";
import { type HeldQuestion, leaveFor } from "./held-question.ts";
import { type QueryDecisionClaims, queryDecisionClaimsSchema } from "./query-decision.ts";

const HASH = "A".repeat(43);
const ASKER = "spiffe://console.example/human/ada";

const query = (change: Partial<AuditQueryClaims> = {}): AuditQueryClaims =>
  auditQueryClaimsSchema.parse({
    ...{ iss: ASKER, aud: ["spiffe://ops.example/pep"], iat: 1000, exp: 1200, jti: taskId(0xa1), wid: WID },
    ...{ purpose: "incident_investigation", depth: 0, page: 2, page_size: 100 },
    ...{ role: "operator", auth_time: 990, amr: ["swk"] },
    ...change,
  });

function decision(entries: number): QueryDecisionClaims {
  return queryDecisionClaimsSchema.parse({
    ...{ iss: "spiffe://console.example/human/bob", aud: "spiffe://ops.example/pep", iat: 1100, exp: 1200 },
    ...{ jti: taskId(0xb1), domain: "ops.example", query: { jti: taskId(0xa1), hash: HASH } },
    ...{ outcome: "approve", shown: { entries, claims: {} }, reason: "needed" },
    ...{ role: "duty_manager", auth_time: 1090, amr: ["swk"] },
  });
}

const approved = (entries: number, given = 0): HeldQuestion => ({
  ...{
    query: query(),
    hash: HASH,
    at: 1000,
    fetched: given === 0 ? [] : [{ page: 2, page_size: 100, entries: given }],
  },
  decision: { claims: decision(entries), at: 1100 },
});

describe("what an approval is good for", () => {
  it("[XDA-70] is the records that were shown: those from the page on that was asked for, and none before", () => {
    const leave = (change: Partial<AuditQueryClaims>) => leaveFor(query(change), [approved(342)], 1200).kind;
    expect(leave({})).toBe("given");
    expect(leave({ page: 3 })).toBe("given");
    expect(leave({ page: 4, page_size: 50 })).toBe("given");
    expect([leave({ page: 1 }), leave({ page: 0, page_size: 342 }), leave({ page: 3, page_size: 50 })]).toEqual([
      "hold",
      "hold",
      "hold",
    ]);
  });

  it("[XDA-70] is not lost to a wider question that waits since, but to one that was refused since", () => {
    const wider: HeldQuestion = { query: query({ page: 0 }), hash: HASH, at: 1150, fetched: [], decision: null };
    const refused = { claims: { ...decision(0), outcome: "reject" as const }, at: 1160 };
    expect(leaveFor(query(), [approved(342), wider], 1200).kind).toBe("given");
    expect(leaveFor(query({ page: 0 }), [approved(342), wider], 1200).kind).toBe("waits");
    expect(leaveFor(query(), [approved(342), { ...wider, decision: refused }], 1200).kind).toBe("no");
  });

  it("[XDA-70] is as many as were shown, less what was given of them", () => {
    expect(leaveFor(query(), [approved(342, 300)], 1200)).toMatchObject({ kind: "given", most: 42 });
    expect(leaveFor(query(), [approved(342, 342)], 1200).kind).toBe("hold");
  });

  it("[XDA-77] is fetched by naming the question: a page that had its entries again, other pages what is left, and nothing waits anew", () => {
    const held = { jti: taskId(0xa1), hash: HASH };
    const leave = (of: HeldQuestion, change: Partial<AuditQueryClaims> = {}, nowS = 1200) => {
      const found = leaveFor(query({ held, ...change }), [of], nowS);
      return found.kind === "no" ? found.problem.code : found.kind === "given" ? found.most : found.kind;
    };
    const waiting: HeldQuestion = { ...approved(342), decision: null };
    expect(leave(approved(342))).toBe(342);
    expect(leave(approved(342, 100))).toBe(342);
    expect(leave(approved(342, 100), { page: 3 })).toBe(242);
    expect(leave(approved(100, 100))).toBe(100);
    expect(leave(approved(100, 100), { page: 3 })).toBe("query_fetched");
    expect(leave(approved(100, 100), { page: 4, page_size: 50 })).toBe("query_fetched");
    expect(leave(approved(342), { page: 1 })).toBe("query_not_held");
    expect(leave(approved(342), { held: { jti: taskId(0xa2), hash: HASH } })).toBe("query_not_held");
    expect(leave(approved(342), { purpose: "compliance_audit" })).toBe("query_not_held");
    expect(leave(approved(342), {}, 1100 + 3600)).toBe("query_lapsed");
    expect(leave(waiting)).toBe("waits");
    expect(leave(waiting, {}, 1000 + 86_400)).toBe("query_lapsed");
    const refused = { ...waiting, decision: { claims: { ...decision(0), outcome: "reject" as const }, at: 1100 } };
    expect(leave(refused)).toBe("query_refused");
  });
});
