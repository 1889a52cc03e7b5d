import fc from "fast-check";
import { expect, it } from "vitest";
import { err } from "../../base/result.ts";
import { refusal } from "../jose/refusal.ts";
import { contextOf, exampleBet, id, MONITOR, profileOf, received, WINDOW } from "./behavior.fixture.ts";
import { CUT_EXT, EXTERNAL_EXT } from "./bet-members.ts";
import type { BetClaims, Violation } from "./evidence.ts";
import type { ProfileBody } from "./profile.ts";
import { type BetContext, explainBet, verifyBet } from "./verify-bet.ts";

const codeOf = (members: Partial<BetClaims>, context: Partial<BetContext> = {}, profile?: ProfileBody): string => {
  const outcome = verifyBet(received(members), contextOf(context, profile));
  return outcome.ok ? "accepted" : outcome.error.code;
};
const violation = (members: Partial<Violation>): Violation => ({
  ...{ rule_id: "seq-ckpt-before-apply", severity: 3, jti: id(2), at: 1_772_064_030 },
  ...members,
});

it("[BEH-6] accepts the example of the text, with the numbers worked out anew", () => {
  expect(verifyBet(received(), contextOf())).toMatchObject({
    ok: true,
    value: { compliance: 0.975, drift: 0, observer: "sidecar", ref: { jti: exampleBet().jti } },
  });
});

const other = { from: WINDOW.from - 3600, to: WINDOW.from };
const gone = err(refusal("dag_pred_missing", "a predecessor is missing"));

it.each<[string, string, Partial<BetClaims>, Partial<BetContext>]>([
  ["what D2 and D4 refuse", "dag_pred_missing", {}, { place: () => gone }],
  ["[BEH-S2] another subject", "bet_profile_mismatch", { subject: "spiffe://ops.example/agent/other" }, {}],
  [
    "a subject the profile does not apply to",
    "bet_profile_mismatch",
    { subject: "spiffe://ops.example/agent/other" },
    { subject: "spiffe://ops.example/agent/other" },
  ],
  ["[BEH-5] a version nobody knows", "bet_profile_unknown", { profile: { ...exampleBet().profile, version: 2 } }, {}],
  ["[BEH-S3] another text", "object_hash_mismatch", { profile: { ...exampleBet().profile, hash: "A".repeat(43) } }, {}],
  ["a sum that is none", "bet_counts_inconsistent", { samples: 201 }, {}],
  ["a task that is nowhere", "bet_violation_unknown", {}, { knows: (jti) => jti !== id(5) }],
  ["a rule that is nowhere", "bet_violation_unknown", { violations: [violation({ rule_id: "none" })] }, {}],
  ["[BEH-6] compliance that was made up", "bet_recompute_mismatch", { compliance: 0.975_002 }, {}],
  ["[BEH-6] drift that was made up", "bet_recompute_mismatch", { drift: 0.000_002 }, {}],
  [
    "[BEH-6] a severity that is not the rule's",
    "bet_recompute_mismatch",
    { violations: [violation({ severity: 1 })], compliance: 0.9875 },
    {},
  ],
  [
    "[BEH-6] a severity that is not the rule's, with what compliance it would give",
    "bet_recompute_mismatch",
    { violations: [violation({ severity: 1 })], compliance: 0.9975 },
    {},
  ],
  [
    "[BEH-32] offences left out though there was room",
    "bet_recompute_mismatch",
    { ect_ext: { [CUT_EXT]: [0, 0, 2, 0, 0] }, violations: [], compliance: 0.975 },
    {},
  ],
  ["[BEH-S2] the answer to another challenge", "bet_stale", { nonce: "AAAAAAAAAAAAAAAAAAAAAA" }, {}],
  ["[BEH-S2] another window", "bet_stale", { window: other }, {}],
  ["a chain that breaks off", "bet_chain_gap", {}, { previousOf: () => ({ jti: id(7), hash: "A".repeat(43) }) }],
  ["a chain from nowhere", "bet_chain_gap", { prev_bet: { jti: id(7), hash: "A".repeat(43) } }, {}],
  ["an observer by its own word", "bet_observer_insufficient", { observer: "gateway" }, {}],
  ["an observer nobody knows", "bet_observer_insufficient", {}, { observerOf: () => null }],
])("%s is refused as %s", (_what, code, members, context) => {
  expect(codeOf(members, context)).toBe(code);
});

it("[BEH-5] refuses evidence under a profile that has expired, and takes it until then", () => {
  const profile = profileOf({ not_after: WINDOW.to });
  const hash = contextOf({}, profile).profileOf("executor-prod", 3)?.hash ?? "";
  const members = { profile: { profile_id: "executor-prod", version: 3, hash } };
  expect(codeOf(members, { nowS: WINDOW.to }, profile)).toBe("bet_profile_expired");
  expect(codeOf(members, { nowS: WINDOW.to - 1 }, profile)).toBe("accepted");
});

it("[BEH-6] takes no number from a token but within a millionth of its own", () => {
  expect(codeOf({ compliance: 0.975_000_9, drift: 0.000_000_9 })).toBe("accepted");
  const copied = verifyBet(received({ compliance: 0.975_000_9 }), contextOf());
  expect(copied).toMatchObject({ ok: true, value: { compliance: 0.975 } });
});

it("[BEH-S2] takes evidence for fresh only by the nonce that was asked for", () => {
  const { nonce: _nonce, ...without } = exampleBet();
  const bet = { ...received(), claims: without };
  expect(verifyBet(bet, contextOf())).toMatchObject({ ok: false, error: { code: "bet_stale" } });
  expect(verifyBet(bet, contextOf({ nonce: null }))).toMatchObject({ ok: true });
});

it("[BEH-34] takes violations of tasks of other logs where they are said to be that", () => {
  expect(codeOf({ ect_ext: { [EXTERNAL_EXT]: [id(5)] } }, { knows: (jti) => jti !== id(5) })).toBe("accepted");
});

it("[BEH-32] counts what was left out for want of room", () => {
  const violations = Array.from({ length: 40 }, (_, n) => violation({ jti: id(n), at: WINDOW.from + n }));
  const counts = { apply_change: 12_000, read_state: 8000 };
  const cut = { ect_ext: { [CUT_EXT]: [0, 0, 60, 0, 0] }, counts, samples: 20_000, violations };
  expect(codeOf({ ...cut, compliance: 1 - (25 / 20_000) * 10 })).toBe("accepted");
  expect(codeOf({ ...cut, compliance: 1 - (10 / 20_000) * 10 })).toBe("bet_recompute_mismatch");
});

const bySelf = { observer: "self" as const };
const agent: Partial<BetContext> = { observerOf: (iss) => (iss === MONITOR ? "self" : null) };

it.each<[ProfileBody["assurance"], Partial<BetContext>, 1 | 2 | 3, string]>([
  ["relaxed", {}, 1, "accepted"],
  ["relaxed", { selfOnly: 99 }, 1, "accepted"],
  ["standard", {}, 1, "bet_observer_insufficient"],
  ["standard", { selfOnly: 2 }, 2, "accepted"],
  ["standard", { selfOnly: 3 }, 2, "bet_observer_insufficient"],
  ["standard", { selfOnly: 3, independentHere: true }, 2, "accepted"],
  ["regulated", {}, 3, "bet_observer_insufficient"],
  ["regulated", { independentHere: true }, 3, "accepted"],
  ["regulated", { independentHere: true }, 2, "bet_observer_insufficient"],
])(
  "[BEH-4] [BEH-8] has an agent observe itself under %s, with %o, at level %i: %s",
  (assurance, context, level, code) => {
    const profile = profileOf({ assurance });
    const full = contextOf({ ...agent, ...context }, profile);
    const hash = full.profileOf("executor-prod", 3)?.hash ?? "";
    const bet = received({ ...bySelf, profile: { profile_id: "executor-prod", version: 3, hash } }, level);
    const outcome = verifyBet(bet, full);
    expect(outcome.ok ? "accepted" : outcome.error.code).toBe(code);
  },
);

it("[BEH-6] tells the same rows for the screen, and none after the first that fails", () => {
  expect(explainBet(received(), contextOf()).every(({ result }) => result === "passed")).toBe(true);
  fc.assert(
    fc.property(
      fc.record(
        {
          samples: fc.constantFrom(200, 201),
          compliance: fc.constantFrom(0.975, 0.9),
          window: fc.constantFrom(WINDOW, other),
          observer: fc.constantFrom("sidecar" as const, "peer" as const),
        },
        { requiredKeys: [] },
      ),
      (members) => {
        const outcome = verifyBet(received(members), contextOf());
        const rows = explainBet(received(members), contextOf());
        const failed = rows.findIndex(({ result }) => result === "failed");
        expect(rows[failed]?.code).toBe(outcome.ok ? undefined : outcome.error.code);
        expect(rows.every(({ result }, at) => failed < 0 || at <= failed || result === "not_reached")).toBe(true);
      },
    ),
  );
});
