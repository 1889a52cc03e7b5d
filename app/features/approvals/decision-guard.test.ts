import { describe, expect, it } from "vitest";
import { AGENT, gateDetail } from "./approvals.fixture.ts";
import { checkRequest } from "./clear-signing.ts";
import { exercisedRole } from "./decision.ts";
import { decisionGuard, type GuardInput } from "./decision-guard.ts";

const alice = "spiffe://console.local/human/alice";

async function input(change: Partial<GuardInput> = {}): Promise<GuardInput> {
  const { detail, token } = await gateDetail();
  return {
    detail,
    leftMs: 60_000,
    connection: "leader",
    operator: { status: "ready", subject: alice, roles: [] },
    presenceAgeS: 10,
    checks: await checkRequest(detail, token),
    ...change,
  };
}

describe("decision guard", () => {
  it("lets a checked request be decided", async () => {
    expect(decisionGuard(await input())).toEqual({
      any: null,
      approve: null,
      modify: "The request does not offer to modify.",
      alone: null,
      reject: null,
      abort: null,
      escalate: "There is nobody left to escalate to.",
      presence: false,
    });
  });

  it("[F4] holds back the approval, not the rejection, until every check has passed", async () => {
    expect(decisionGuard(await input({ checks: null }))).toMatchObject({ approve: expect.any(String), reject: null });
    const { detail, token } = await gateDetail();
    const checks = await checkRequest({ ...detail, canonicalArgs: "{}" }, token);
    const guard = decisionGuard(await input({ checks }));
    expect(guard.approve).toBe("Arguments digest: SHA-256 of the text shown is not the digest the request names.");
    expect(guard.reject).toBeNull();
  });

  it.each([
    ["[L1] on a lost connection", { connection: "lost" }],
    ["[ACP-10] after the deadline", { leftMs: 0 }],
    ["[XA-43] in the past", { past: "This is the past." }],
    ["without an operator", { operator: { status: "none", subject: null, roles: [] } }],
  ] as const)("holds back both decisions %s", async (_, change) => {
    const guard = decisionGuard(await input(change));
    expect(guard.approve).not.toBeNull();
    expect([guard.reject, guard.abort, guard.escalate]).toEqual([guard.approve, guard.approve, guard.approve]);
  });

  it("asks for presence before the engine would refuse for its age", async () => {
    expect(decisionGuard(await input({ presenceAgeS: 869 })).presence).toBe(false);
    const { detail, token } = await gateDetail({ row: { consequence: "reversible" } });
    const checks = await checkRequest(detail, token);
    expect(decisionGuard(await input({ detail, checks, presenceAgeS: 871 }))).toMatchObject({
      presence: true,
      approve: "Authenticate again first.",
      reject: "Authenticate again first.",
    });
  });

  it("[ACP-51] asks for presence before the safe side, not before an approval that asks for its person itself", async () => {
    expect(decisionGuard(await input({ presenceAgeS: 871 }))).toMatchObject({
      presence: true,
      approve: null,
      reject: "Authenticate again first.",
    });
  });

  it("[D2] lets somebody decide in a role that is missing or was escalated to, and says which ones are asked for", async () => {
    const base = await input();
    const roles = [
      { role: "operator", given: 1, required: 1 },
      { role: "finance", given: 0, required: 1 },
    ];
    const row = { ...base.detail.row, roles, escalated: ["duty_manager"] };
    const as = (...held: readonly string[]) =>
      decisionGuard({ ...base, detail: { ...base.detail, row }, operator: { ...base.operator, roles: held } }).approve;
    expect(as("operator")).toBe("It asks for finance or duty_manager; you are operator.");
    expect([as("operator", "finance"), as("duty_manager"), as()]).toEqual([null, null, null]);
    expect([exercisedRole(row, ["duty_manager"]), exercisedRole(row, [])]).toEqual(["duty_manager", "finance"]);
  });

  it("[ACP-31] lets a request be escalated where somebody is left, checked or not", async () => {
    const { detail } = await gateDetail({ row: { escalatesTo: "finance" } });
    expect(decisionGuard(await input({ detail, checks: null })).escalate).toBeNull();
  });

  it("[ACP-16] [D1] does not let one person decide twice", async () => {
    const base = await input();
    const { detail } = base;
    const given = {
      touch: null,
      seq: 30,
      claims: {
        iss: alice,
        aud: [AGENT],
        iat: 1,
        exp: 2,
        jti: detail.claims.jti,
        wid: detail.claims.wid,
        request: { jti: detail.claims.jti, hash: detail.digest },
        outcome: "approve" as const,
        role: "operator",
        auth_time: 1,
        amr: ["user"],
        bind: { exec_act: "apply_change", inp_hash: detail.digest },
      },
    };
    const guard = decisionGuard({ ...base, detail: { ...detail, decisions: [given] } });
    expect(guard.approve).toBe("You decided already; it takes another person as well.");
    expect([guard.reject, guard.abort, guard.escalate]).toEqual([guard.approve, guard.approve, guard.approve]);
  });

  it("offers only what the request offers, and nothing once it is settled", async () => {
    const base = await input();
    const only = { ...base.detail, claims: { ...base.detail.claims, options: ["reject" as const] } };
    expect(decisionGuard({ ...base, detail: only })).toMatchObject({
      approve: expect.stringContaining("offer"),
      reject: null,
    });
    const settled = { ...base.detail, row: { ...base.detail.row, state: "rejected" as const } };
    expect(decisionGuard({ ...base, detail: settled }).reject).toBe("This request is settled.");
  });
});
