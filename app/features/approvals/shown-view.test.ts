import { describe, expect, it } from "vitest";
import { hitlDecisionClaimsSchema } from "../../protocol/acp/claims.ts";
import { gateDetail } from "./approvals.fixture.ts";
import { approvalSteps, type DecisionTerms, decisionClaims, PLAIN } from "./decision.ts";
import type { GateDetail } from "./gate-detail.ts";
import { shownView, viewDigest } from "./shown-view.ts";

const shown = { form: "indented", characters: 90, charactersShown: 90 } as const;
const digestOf = (detail: GateDetail, how: Parameters<typeof shownView>[1] = shown): Promise<string> =>
  viewDigest(shownView(detail, how));

describe("digest of the view shown", () => {
  it("[C1] changes with anything the operator was shown", async () => {
    const { detail } = await gateDetail();
    const { claims } = detail;
    const previous = {
      request: claims.jti,
      seq: 2,
      sameAgent: true,
      state: "consumed",
      closedAt: 1,
      taskName: "before",
      target: null,
      canonicalArgs: "{}",
      argsHash: detail.argsHash,
    };
    const others: readonly [GateDetail, Parameters<typeof shownView>[1]][] = [
      [detail, { ...shown, form: "exact" }],
      [detail, { ...shown, charactersShown: 80 }],
      [{ ...detail, digest: detail.argsHash }, shown],
      [{ ...detail, argsHash: detail.digest }, shown],
      [{ ...detail, canonicalArgs: "{}" }, shown],
      [{ ...detail, narrative: "Other words." }, shown],
      [{ ...detail, narrative: null }, shown],
      [{ ...detail, follows: { ...detail.follows, all: 6 } }, shown],
      [{ ...detail, predecessors: [] }, shown],
      [{ ...detail, evidence: [] }, shown],
      [{ ...detail, lineage: null }, shown],
      [{ ...detail, reach: { ...detail.reach, agents: [] } }, shown],
      [{ ...detail, previous }, shown],
      [{ ...detail, claims: { ...claims, consequence: "none" } }, shown],
      [{ ...detail, claims: { ...claims, rule_ids: ["r1", "r2"] } }, shown],
      [{ ...detail, claims: { ...claims, task: { ...claims.task, exec_act: "other" } } }, shown],
      [{ ...detail, claims: { ...claims, task: { ...claims.task, target: "urn:other" } } }, shown],
    ];
    const digests = await Promise.all(others.map(([other, how]) => digestOf(other, how)));
    expect(new Set([...digests, await digestOf(detail)]).size).toBe(others.length + 1);
  });

  it("[C1] [ACP-36] [F6] [D6] changes with what is approved instead, alone, and with what was thought before", async () => {
    const { detail } = await gateDetail();
    const less = (canonicalArgs: string, argsHash: string) => ({ args: {}, canonicalArgs, argsHash });
    const terms: readonly DecisionTerms[] = [
      PLAIN,
      { ...PLAIN, alone: true },
      { ...PLAIN, less: less("{}", detail.argsHash) },
      { ...PLAIN, less: less("{}", detail.digest) },
      { ...PLAIN, less: less('{"a":1}', detail.argsHash) },
      { ...PLAIN, committed: { outcome: "approve", at: 5 } },
      { ...PLAIN, committed: { outcome: "reject", at: 5 } },
      { ...PLAIN, committed: { outcome: "reject", at: 6 } },
    ];
    const digests = await Promise.all(terms.map((one) => viewDigest(shownView(detail, shown, one))));
    expect(new Set(digests).size).toBe(terms.length);
  });

  it("[C1] does not change with the time at which the same thing is shown again", async () => {
    const { detail } = await gateDetail();
    const later = { ...detail, position: { ...detail.position, size: 99, atMs: 1 } };
    expect(await digestOf(later)).toBe(await digestOf(detail));
  });
});

describe("decision claims", () => {
  it("[ACP-11] [C1] bind the decision to the request, its action, inputs and arguments, and to the view", async () => {
    const { detail } = await gateDetail();
    const claims = decisionClaims({
      common: {
        iss: "spiffe://console.local/human/alice",
        aud: [detail.claims.iss],
        iat: 100,
        exp: 1000,
        jti: detail.claims.jti,
      },
      detail,
      outcome: "reject",
      role: "operator",
      reason: "  too many replicas ",
      authTime: 90,
      amr: ["swk", "user"],
      view: { hash: await digestOf(detail), shown_at: 95 },
      touch: null,
      terms: PLAIN,
    });
    expect(hitlDecisionClaimsSchema.parse(claims)).toEqual(claims);
    expect(claims).toMatchObject({
      wid: detail.claims.wid,
      request: { jti: detail.row.request, hash: detail.digest },
      outcome: "reject",
      role: "operator",
      reason: "too many replicas",
      auth_time: 90,
      bind: { exec_act: "apply_change", inp_hash: detail.claims.task.inp_hash, args_hash: detail.argsHash },
      view: { shown_at: 95 },
    });
  });

  it("[ACP-36] [F6] [D6] name what is approved instead, alone, and what was thought before, only where it is so", async () => {
    const { detail } = await gateDetail();
    const of = (terms: DecisionTerms) =>
      decisionClaims({
        common: {
          iss: "spiffe://console.local/human/alice",
          aud: [detail.claims.iss],
          iat: 100,
          exp: 1000,
          jti: detail.claims.jti,
        },
        detail,
        outcome: terms.less === null ? "approve" : "modify",
        role: "operator",
        reason: "",
        authTime: 90,
        amr: ["user"],
        view: { hash: detail.digest, shown_at: 95 },
        touch: null,
        terms,
      });
    expect(of(PLAIN)).not.toHaveProperty("modified");
    expect(of(PLAIN)).not.toHaveProperty("break_glass");
    expect(of(PLAIN)).not.toHaveProperty("committed");
    const less = { args: { replicas: 1 }, canonicalArgs: '{"replicas":1}', argsHash: detail.digest };
    const full = of({ less, alone: true, committed: { outcome: "reject", at: 80 } });
    expect(hitlDecisionClaimsSchema.parse(full)).toEqual(full);
    expect(full).toMatchObject({
      outcome: "modify",
      modified: { args_hash: detail.digest, args: { replicas: 1 } },
      break_glass: true,
      committed: { outcome: "reject", at: 80 },
      bind: { args_hash: detail.argsHash },
    });
  });

  it("asks for a second step where it cannot be undone or a reason is due", async () => {
    const of = async (row: Partial<GateDetail["row"]>) => approvalSteps((await gateDetail({ row })).detail);
    expect(await of({ consequence: "irreversible", reasonRequired: false })).toEqual({ confirm: true, reason: false });
    expect(await of({ consequence: "reversible", reasonRequired: true })).toEqual({ confirm: true, reason: true });
    expect(await of({ consequence: "reversible", reasonRequired: false })).toEqual({ confirm: false, reason: false });
  });
});
