import { v4 } from "uuid";
import { expect, test } from "vitest";
import { EXAMPLE_TARIFF, recordOf, uuid } from "../../protocol/audit/accounting/accounting.fixture.ts";
import { meterIdOf } from "../../protocol/audit/accounting/ids.ts";
import { usageCorrectionClaimsSchema } from "../../protocol/audit/accounting/orders.ts";
import { FIRST_PREV, usageRecordClaimsSchema } from "../../protocol/audit/accounting/usage-record.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import { ids, sha256 } from "../engine.fixture.ts";
import { initialState } from "../state.ts";
import { decideAccounting } from "./decide.ts";

const FAY = `spiffe://${ids.domain}/human/fay`;
const NOW_S = 1_772_064_000;

/** What the log answers to a correction that has these differences, where finance ordered others. */
function corrected(ordered: Readonly<Record<string, string>>, recorded: Readonly<Record<string, string>>) {
  const state = initialState();
  const record = recordOf(1);
  state.accounting.tariffs.push({
    ...{ tariff: EXAMPLE_TARIFF, account: { payer: record.payer }, by: FAY, at: 0, seq: 0, reason: "" },
  });
  state.accounting.records.set(record.jti, {
    ...record,
    entry: 1,
    at: 1,
    execAct: "chat",
    doneBy: null,
    overLimit: false,
  });
  const order = usageCorrectionClaimsSchema.parse({
    ...{ iss: FAY, aud: [ids.pepId], iat: 1, exp: 2, jti: uuid(2), reason: "miscounted", role: "finance" },
    ...{ auth_time: 1, amr: ["pwd"], record: record.jti },
    items: Object.entries(ordered).map(([resource, difference]) => ({ resource, difference })),
  });
  state.accounting.corrections.set(order.jti, { claims: order, seq: 3, at: 3, done: null });
  const claims = usageRecordClaimsSchema.parse({
    ...{ iss: meterIdOf(ids.domain, "gateway"), aud: [ids.logId], iat: NOW_S, exp: NOW_S + 60, jti: v4() },
    ...{ wid: record.wid, mp_id: "gateway", consumer: record.consumer, payer: record.payer, task: record.task },
    ...{ period: record.period, seq: 0, prev: FIRST_PREV, correction_of: record.jti, ordered_by: order.jti },
    items: Object.entries(recorded).map(([resource, quantity]) => ({
      ...{ resource, quantity, unit: resource === "api_call" ? "call" : "token", estimated: false },
    })),
  });
  // Only its digest is looked at: what a decision is given has been verified.
  const token = { digest: "D".repeat(43), compact: "" } as Verified<unknown>;
  const moment = { nowS: NOW_S, nowMs: NOW_S * 1000, uuid: v4, sha256 };
  const decided = decideAccounting(state, token, { typ: "usage-record+jwt", claims }, ids, moment, {});
  return decided.ok ? "taken" : `${decided.error.code}: ${decided.error.detail}`;
}

const ORDER = { llm_input_token: "-1000", llm_output_token: "20" };

test.each([
  ["as it was ordered", { llm_output_token: "20", llm_input_token: "-1000" }, "taken"],
  [
    "of another size",
    { ...ORDER, llm_input_token: "-999" },
    "usage_correction_differs: llm_input_token: -1000 ordered, -999 recorded",
  ],
  [
    "with a line left out and another put in",
    { llm_input_token: "-1000", api_call: "1" },
    "usage_correction_differs: llm_output_token: 20 ordered, nothing recorded; api_call: nothing ordered, 1 recorded",
  ],
])("[XDA-51] a correction %s is answered line by line", (_what, recorded, answer) => {
  expect(corrected(ORDER, recorded)).toBe(answer);
});
