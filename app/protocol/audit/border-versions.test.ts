import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSha256 } from "../jose/hasher.ts";
import { APART, borderChanges } from "./border-change.ts";
import { type BorderPolicyText, borderHash, borderPolicySchema } from "./border-policy.ts";
import { borderHistory, borderOrderProblem, confirmProblem, inForceOf, wideningsOf } from "./border-versions.ts";
import { NEVER_DISCLOSABLE } from "./disclosure.ts";
import type { DomainOrder, LoggedOrder } from "./domain-order.ts";
import { mayReveal } from "./reveal.ts";

const sha256 = await createSha256();
const ADA = "spiffe://console.local/human/ada";
const BOB = "spiffe://console.local/human/bob";
const JTI = (at: number): string => `0195400c-0000-7000-8000-${String(at).padStart(12, "0")}`;
const first: BorderPolicyText = {
  reg: {
    ...{ regime: "NIS2", role: "provider", data_classes: ["operational"], transfer: "allowed", purpose: "network" },
    ...{ retention_min_s: 100, retention_max_s: 1000 },
  },
  takes: { level_min: 3, regimes: ["NIS2"], data_classes: ["operational"] },
  works_with: ["metro.example"],
  jurisdictions: ["EU"],
  disclosure: {
    ...{ policy_id: "xd-2", pairwise: true, default: "hash_only" },
    audience_rules: [{ role: "auditor", reveal: ["evidence"] }],
  },
};
const rules = (audience_rules: BorderPolicyText["disclosure"]["audience_rules"], change: object = {}) => ({
  ...first,
  disclosure: { ...first.disclosure, audience_rules, ...change },
});
const logged = (seq: number, order: DomainOrder, iss = ADA): LoggedOrder => ({
  ...{ seq, at: seq, digest: `${"D".repeat(40)}${String(seq).padStart(3, "0")}` },
  claims: {
    ...{ iss, aud: ["p:ep"], iat: seq, exp: seq + 60, jti: JTI(seq), domain: "core.example", order, reason: "r" },
    ...{ role: "safety_officer", auth_time: seq, amr: ["pop"] },
  },
});
/** A version of this policy as somebody would sign it after these orders. */
const versionOf = (policy: BorderPolicyText, orders: readonly LoggedOrder[]) => {
  const current = inForceOf(borderHistory(first, orders, 0, sha256));
  return {
    ...{ kind: "border_policy" as const, version: current.version + 1, follows: current.hash, policy },
    widens: wideningsOf(borderChanges(current.policy, policy)),
  };
};

describe("what another border policy widens", () => {
  it("[XDA-73] is everything by which more leaves, more comes in, or something may be erased sooner, and nothing else", () => {
    const widens = (after: BorderPolicyText): string[] => wideningsOf(borderChanges(first, after));
    const reg = (change: object) => ({ ...first, reg: { ...first.reg, ...change } });
    const takes = (change: object) => ({ ...first, takes: { ...first.takes, ...change } });
    expect(widens(reg({ transfer: "restricted" }))).toEqual([]);
    expect(wideningsOf(borderChanges(reg({ transfer: "forbidden" }), first))).toEqual(["reg.transfer"]);
    expect(widens(reg({ retention_min_s: 99 }))).toEqual(["reg.retention_min_s"]);
    expect(widens(reg({ retention_min_s: 101, retention_max_s: 999 }))).toEqual([]);
    expect(widens(reg({ retention_max_s: 1001 }))).toEqual(["reg.retention_max_s"]);
    expect(widens(reg({ regime: "none" }))).toEqual(["reg.regime"]);
    expect(widens(reg({ data_classes: [] }))).toEqual(["reg.data_classes"]);
    expect(widens(takes({ level_min: 2 }))).toEqual(["takes.level_min"]);
    expect(widens(takes({ regimes: [], data_classes: [] }))).toEqual([]);
    expect(widens(takes({ data_classes: ["operational", "personal"] }))).toEqual(["takes.data_classes"]);
    expect(widens({ ...first, works_with: [] })).toEqual([]);
    expect(widens({ ...first, works_with: ["metro.example", "lab.example"] })).toEqual(["works_with"]);
    expect(widens(rules([]))).toEqual([]);
    expect(widens(rules([], { pairwise: false }))).toEqual(["disclosure.pairwise"]);
    expect(widens(rules([], { policy_id: "xd-1" }))).toEqual(["disclosure.policy_id"]);
    expect(widens(rules([{ role: "auditor", reveal: ["evidence", "inp_hash"] }]))).toEqual(["audience role:auditor"]);
    // Taking a rule away shows more where whoever fits none is shown everything.
    const open = rules([{ role: "viewer", reveal: [] }], { default: "reveal" });
    expect(
      wideningsOf(borderChanges(open, { ...open, disclosure: { ...open.disclosure, audience_rules: [] } })),
    ).toEqual(["audience role:viewer"]);
    // Two rules together show somebody what neither shows alone before.
    const silent = rules([{ role: "viewer", reveal: [] }], { default: "reveal" });
    const named = rules(
      [
        { role: "viewer", reveal: [] },
        { domain: "a.example", reveal: ["evidence"] },
      ],
      { default: "reveal" },
    );
    expect(widens(first)).toEqual([]);
    expect(wideningsOf(borderChanges(silent, named))).toEqual(["audience domain:a.example role:viewer"]);
  });

  it("[XDA-73] never misses an audience that would be shown more, whatever the rules before and after", () => {
    const claim = fc.constantFrom(...APART);
    const rule = fc.oneof(
      fc.record({ domain: fc.constantFrom("a.example", "b.example"), reveal: fc.uniqueArray(claim) }),
      fc.record({ role: fc.constantFrom("auditor", "viewer"), reveal: fc.uniqueArray(claim) }),
    );
    const policy = fc
      .record({
        audience_rules: fc.array(rule, { maxLength: 4 }),
        default: fc.constantFrom("hash_only" as const, "reveal" as const),
      })
      .map((disclosure) => rules([], disclosure));
    fc.assert(
      fc.property(policy, policy, (before, after) => {
        const audiences = [null, "a.example", "b.example", "c.example"].flatMap((domain) =>
          ["auditor", "viewer", "operator"].map((role) => ({ domain, role })),
        );
        const gains = audiences.some((audience) =>
          APART.some(
            (name) => mayReveal(after.disclosure, audience, name) && !mayReveal(before.disclosure, audience, name),
          ),
        );
        expect(wideningsOf(borderChanges(before, after)).length > 0).toBe(gains);
      }),
      { numRuns: 300 },
    );
  });
});

describe("the versions of a border policy", () => {
  it("[XDA-72] [XDA-73] are a fold of the log: a narrower one holds from its place on, a wider one from that of the second person", () => {
    const narrow = logged(5, versionOf(rules([]), []));
    const wide = logged(6, versionOf(first, [narrow]));
    const confirm = logged(9, { kind: "confirm", proposal: { jti: JTI(6), hash: wide.digest } }, BOB);
    const at = (orders: readonly LoggedOrder[], nowS = 10) => borderHistory(first, orders, nowS, sha256);
    expect(inForceOf(at([]))).toMatchObject({ version: 0, signed: null, hash: borderHash(first, sha256) });
    expect(inForceOf(at([narrow]))).toMatchObject({ version: 1, signed: { seq: 5, by: ADA, confirmedBy: null } });
    expect(inForceOf(at([narrow, wide])).version).toBe(1);
    expect(at([narrow, wide]).proposals.map(({ state }) => state)).toEqual(["waiting"]);
    expect(at([narrow, wide], 6 + 86_400).proposals.map(({ state }) => state)).toEqual(["lapsed"]);
    expect(inForceOf(at([narrow, wide, confirm]))).toMatchObject({
      ...{ version: 2, policy: first, signed: { seq: 9, by: ADA, confirmedBy: BOB } },
    });
    expect(at([narrow, wide, confirm]).versions.map(({ version }) => version)).toEqual([0, 1, 2]);
    // What a wider one was held against is not in force any more: it is confirmed no longer.
    const other = logged(7, versionOf({ ...rules([]), works_with: [] }, [narrow]));
    const overtaken = at([narrow, wide, other]);
    expect(overtaken.proposals.map(({ state }) => state)).toEqual(["overtaken"]);
    const proposal = { jti: JTI(6), hash: wide.digest };
    expect(confirmProblem({ iss: BOB }, { kind: "confirm", proposal }, overtaken)?.code).toBe("border_outdated");
    // Nor when the policy that it was held against has come back meanwhile, as a version of its own.
    const back = logged(8, versionOf(rules([]), [narrow, other]));
    const returned = [logged(11, { kind: "confirm", proposal: { jti: JTI(8), hash: back.digest } }, BOB)];
    const later = at([narrow, wide, other, back, ...returned], 12);
    expect(inForceOf(later).hash).toBe(inForceOf(at([narrow])).hash);
    expect(later.proposals.map(({ state }) => state)).toEqual(["overtaken"]);
    expect(confirmProblem({ iss: BOB }, { kind: "confirm", proposal }, later)?.code).toBe("border_outdated");
  });

  it("[XDA-73] a second person is another one, in time, about exactly what waits", () => {
    const wide = logged(6, versionOf(rules([], { pairwise: false }), []));
    const said = (iss: string, change: object = {}, nowS = 10) =>
      confirmProblem(
        { iss },
        { kind: "confirm", proposal: { jti: JTI(6), hash: wide.digest, ...change } },
        borderHistory(first, [wide], nowS, sha256),
      )?.code ?? null;
    expect([
      said(BOB),
      said(ADA),
      said(BOB, { jti: JTI(7) }),
      said(BOB, { hash: "X".repeat(43) }),
      said(BOB, {}, 6 + 86_400),
    ]).toEqual([null, "border_self_confirm", "border_not_waiting", "border_hash_mismatch", "border_lapsed"]);
  });

  it("[XDA-73] no version allows what is never disclosed, nor says that it widens less than it does", () => {
    const history = borderHistory(first, [], 10, sha256);
    const code = (order: DomainOrder): string | null =>
      order.kind === "border_policy" ? (borderOrderProblem(order, history)?.code ?? null) : "none";
    for (const claim of NEVER_DISCLOSABLE)
      expect(code(versionOf(rules([{ role: "auditor", reveal: [claim] }]), []))).toBe("sd_never");
    const wide = versionOf(rules([], { pairwise: false }), []);
    expect(code(wide)).toBeNull();
    expect(code({ ...wide, widens: [] })).toBe("border_widens");
    expect(code({ ...wide, version: 2 })).toBe("border_outdated");
    expect(code({ ...wide, follows: "X".repeat(43) })).toBe("border_outdated");
    expect(code(versionOf(first, []))).toBe("border_unchanged");
    expect(code(versionOf(rules([{ role: "auditor", reveal: ["outcome"] }]), []))).toBe("border_claim_unknown");
    expect(code(versionOf(rules([], { policy_id: "xd-9" }), []))).toBe("border_policy_id");
    const never = { ...first, reg: { ...first.reg, retention_min_s: 1001 } };
    expect(code(versionOf(never, []))).toBe("retention_conflict");
    expect(borderPolicySchema.safeParse({ ...first, more: 1 }).success).toBe(false);
  });
});
