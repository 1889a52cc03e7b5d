import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { digestOf, uuid } from "./accounting.fixture.ts";
import { DISPUTE_WINDOW_S, type SettlementClaims, settlementClaimsSchema } from "./settlement.ts";
import { partyOf, type Settlement, stepSettlement } from "./settlement-state.ts";

let made = 0;

/** A message about the settlement as it stands, by whoever speaks in its phase. */
function message(
  phase: SettlementClaims["phase"],
  known: Settlement | undefined,
  at: number,
  change: Partial<SettlementClaims> = {},
) {
  made += 1;
  const last = known?.steps.at(-1);
  const parties = { phase, payee: "ops.example", payer: "partner.example" };
  const claims = settlementClaimsSchema.parse({
    iss: `spiffe://${partyOf(parties)}/human/finance`,
    aud: ["spiffe://ops.example/log", "spiffe://partner.example/log"],
    iat: at,
    exp: at + 3600,
    jti: uuid(made),
    settlement_id: uuid(1),
    ...parties,
    period: { from: 1000, to: 2000 },
    records_root: digestOf("root"),
    records_count: 2,
    totals: [],
    amount_total: "0.0585",
    currency: "EUR",
    adjustments: [],
    ...(last === undefined ? {} : { answers: { jti: last.jti, hash: last.hash } }),
    ...(phase === "statement" && known !== undefined ? { prev_settlement: known.statement.jti } : {}),
    ...(phase === "dispute" ? { disputes: [{ jti: uuid(900), kind: "quantity", expected: "1", evidence: [] }] } : {}),
    role: "finance",
    auth_time: at,
    amr: ["pwd"],
    ...change,
  });
  return { claims, hash: digestOf(claims.jti), at, seq: made };
}

/** Takes messages one after the other; each must be taken. */
function following(...phases: readonly SettlementClaims["phase"][]): Settlement {
  let known: Settlement | undefined;
  for (const [at, phase] of phases.entries()) {
    const step = stepSettlement(known, message(phase, known, 100 + at), []);
    if (!step.ok) throw new Error(`${phase}: ${step.error.detail}`);
    known = step.value;
  }
  if (known === undefined) throw new Error("a settlement has a statement");
  return known;
}

const codeOf = (known: Settlement | undefined, of: ReturnType<typeof message>, others: readonly Settlement[] = []) => {
  const step = stepSettlement(known, of, others);
  return step.ok ? step.value.status : step.error.code;
};

describe("the life of a settlement", () => {
  it("[XDA-16] goes from statement over acceptance to confirmation", () => {
    expect(following("statement", "accept", "confirm").status).toBe("confirmed");
    expect(following("statement", "dispute", "statement", "accept", "confirm")).toMatchObject({
      round: 1,
      disputes: [],
    });
    expect(following("statement", "dispute", "accept").status).toBe("accepted");
  });

  it("[XDA-21] silence is no acceptance: it stays stated, cannot be disputed after 7 days, and can be accepted for ever", () => {
    const stated = following("statement");
    const end = stated.statedAt + DISPUTE_WINDOW_S;
    expect(codeOf(stated, message("confirm", stated, end + 1))).toBe("settlement_wrong_phase");
    expect(codeOf(stated, message("dispute", stated, end))).toBe("disputed");
    expect(codeOf(stated, message("dispute", stated, end + 1))).toBe("settlement_window_closed");
    expect(codeOf(stated, message("accept", stated, end * 10))).toBe("accepted");
  });

  it("[XDA-21] goes to an arbitrator after two rounds that led to nothing", () => {
    const stuck = following("statement", "dispute", "statement", "dispute");
    expect(stuck.status).toBe("arbitration");
    expect(codeOf(stuck, message("statement", stuck, 500))).toBe("settlement_arbitration");
    expect(codeOf(stuck, message("accept", stuck, 500))).toBe("settlement_wrong_phase");
    const found = { arbitration: "Counted again together" };
    expect(codeOf(stuck, message("statement", stuck, 500, found))).toBe("settlement_arbitration");
    expect(codeOf(stuck, message("statement", stuck, 500, { ...found, role: "duty_manager" }))).toBe("stated");
  });

  it("[XDA-43] takes no answer to an older message, no other figures, and no period twice", () => {
    const stated = following("statement");
    const again = following("statement", "dispute", "statement");
    expect(codeOf(again, message("accept", stated, 300))).toBe("settlement_outdated");
    expect(codeOf(stated, message("accept", stated, 300, { amount_total: "0.05" }))).toBe("settlement_mismatch");
    expect(codeOf(stated, message("accept", stated, 300, { period: { from: 1000, to: 2001 } }))).toBe(
      "settlement_mismatch",
    );
    const other = message("statement", undefined, 300, { settlement_id: uuid(2), period: { from: 1999, to: 3000 } });
    expect(codeOf(undefined, other, [stated])).toBe("settlement_period_overlap");
    const next = message("statement", undefined, 300, { settlement_id: uuid(2), period: { from: 2000, to: 3000 } });
    expect(codeOf(undefined, next, [stated])).toBe("stated");
    // What is owed in another currency is no part of this one, and is not lost by it.
    const dollars = { currency: "USD", settlement_id: uuid(2) };
    expect(codeOf(undefined, message("statement", undefined, 300, dollars), [stated])).toBe("stated");
    const disputed = following("statement", "dispute");
    expect(codeOf(disputed, message("statement", disputed, 300, { currency: "USD" }))).toBe("settlement_mismatch");
    expect(codeOf(undefined, message("accept", stated, 300))).toBe("settlement_unknown");
  });

  it("[XDA-16] [XDA-21] whatever is said in whatever order: money is owed only where both have said so", () => {
    const phase = fc.constantFrom("statement", "accept", "dispute", "confirm", "arbitrate", "wait", "stale" as const);
    fc.assert(
      fc.property(fc.array(phase, { maxLength: 14 }), (said) => {
        let known: Settlement | undefined;
        let now = 1000;
        for (const what of said) {
          now += what === "wait" ? DISPUTE_WINDOW_S : 1;
          if (what === "wait") continue;
          const kind = what === "arbitrate" ? "statement" : what === "stale" ? "accept" : what;
          const change =
            what === "arbitrate" && known !== undefined
              ? ({ arbitration: "found", role: "safety_officer" } as const)
              : what === "stale"
                ? { answers: { jti: uuid(999_999), hash: digestOf("stale") } }
                : {};
          if (known === undefined && kind !== "statement") continue;
          const step = stepSettlement(known, message(kind, known, now, change), []);
          if (what === "stale") expect(step.ok).toBe(false);
          if (step.ok) known = step.value;
        }
        if (known === undefined) return;
        const phases = known.steps.map((step) => step.phase);
        if (known.status === "confirmed") expect(phases.slice(-2)).toEqual(["accept", "confirm"]);
        if (known.status === "accepted") expect(phases.at(-1)).toBe("accept");
        expect(phases.filter((one) => one === "confirm").length).toBeLessThanOrEqual(1);
        expect(known.round).toBe(phases.filter((one) => one === "dispute").length);
        // Two disputes, and nobody goes on without the arbitrator.
        const second = phases.indexOf("dispute", phases.indexOf("dispute") + 1);
        if (second > 0 && phases.length > second + 1) {
          expect(phases[second + 1]).toBe("statement");
          expect(known.arbitrated).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});
