import { v4 } from "uuid";
import { expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { EXAMPLE_TARIFF, recordOf } from "../../protocol/audit/accounting/accounting.fixture.ts";
import { MAX_STATED_RECORDS, settlementClaimsSchema } from "../../protocol/audit/accounting/settlement.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import { ids, sha256 } from "../engine.fixture.ts";
import { initialState } from "../state.ts";
import { decideAccounting } from "./decide.ts";

const ALICE = `spiffe://${ids.domain}/human/alice`;

/** What a statement over so many records is answered. */
function stated(count: number): string {
  const state = initialState();
  const account = { payer: "partner.example" };
  state.accounting.tariffs.push({ tariff: EXAMPLE_TARIFF, account, by: ALICE, at: 0, seq: 0, reason: "" });
  for (let n = 0; n < count; n += 1) {
    const record = recordOf(n);
    state.accounting.records.set(record.jti, {
      ...record,
      entry: n,
      at: n,
      execAct: "chat",
      doneBy: null,
      overLimit: false,
    });
  }
  const nowS = 1_772_064_000;
  const claims = settlementClaimsSchema.parse({
    ...{ iss: ALICE, aud: [ids.logId], iat: nowS, exp: nowS + 60, jti: v4(), settlement_id: v4(), phase: "statement" },
    ...{ payee: ids.domain, payer: account.payer, period: { from: 0, to: nowS } },
    ...{ records_root: "A".repeat(43), records_count: 1, totals: [], amount_total: "1", currency: "EUR" },
    ...{ adjustments: [], role: "finance", auth_time: nowS, amr: ["pwd"] },
  });
  // Only its digest and its key's id are looked at: what a decision is given has been verified.
  const token = { digest: "D".repeat(43), compact: "", key: { kid: "k" } } as Verified<unknown>;
  const moment = { nowS, nowMs: nowS * 1000, uuid: v4, sha256 };
  const decided = decideAccounting(state, token, { typ: "settlement+jwt", claims }, ids, moment, {});
  return decided.ok ? "taken" : must(decided.error.code, "a refusal has a code");
}

it("[XDA-48] a statement about more records than can be computed at once is refused, before it is computed", () => {
  expect(stated(1)).toBe("settlement_mismatch");
  expect(stated(MAX_STATED_RECORDS + 1)).toBe("settlement_too_large");
  expect(stated(0)).toBe("settlement_empty");
});
