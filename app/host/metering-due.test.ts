import { describe, expect, it } from "vitest";
import { settlementOf } from "../engine/accounting/charges.ts";
import { initialState, type State } from "../engine/state.ts";
import { digestOf, EXAMPLE_TARIFF, recordOf, uuid } from "../protocol/audit/accounting/accounting.fixture.ts";
import { usageCorrectionClaimsSchema } from "../protocol/audit/accounting/orders.ts";
import { settlementClaimsSchema } from "../protocol/audit/accounting/settlement.ts";
import type { SettlementStatus } from "../protocol/audit/accounting/settlement-state.ts";
import { dueTasks, openCorrections } from "./metering-due.ts";

const FAY = "spiffe://ops.example/human/fay";
const SIGNED = { iss: FAY, aud: ["spiffe://ops.example/log"], iat: 1, exp: 2, auth_time: 1, amr: ["pwd"] };
const NOW_S = 9000;

/** A record of which finance has ordered a correction, in a settlement of its time. */
function stateWith(status: SettlementStatus, currency = "EUR"): State {
  const state = initialState();
  const { accounting } = state;
  const account = { payer: "partner.example" };
  accounting.tariffs.push({ tariff: EXAMPLE_TARIFF, account, by: FAY, at: 0, seq: 0, reason: "" });
  const record = recordOf(1);
  accounting.records.set(record.jti, { ...record, entry: 1, at: 1, execAct: "chat", doneBy: null, overLimit: false });
  const order = usageCorrectionClaimsSchema.parse({
    ...{ ...SIGNED, jti: uuid(2), reason: "miscounted", role: "finance", record: record.jti },
    items: [{ resource: "llm_input_token", difference: "-1" }],
  });
  accounting.corrections.set(order.jti, { claims: order, seq: 3, at: 3, done: null });
  const statement = settlementClaimsSchema.parse({
    ...{ ...SIGNED, jti: uuid(3), settlement_id: uuid(4), phase: "statement", role: "finance" },
    ...{ payee: "ops.example", payer: account.payer, period: { from: 1000, to: 2000 } },
    ...{ records_root: digestOf("root"), records_count: 1, totals: [], amount_total: "1", currency, adjustments: [] },
  });
  accounting.settlements.set(uuid(4), {
    ...{ id: uuid(4), payee: "ops.example", payer: account.payer, period: statement.period, status, round: 0 },
    ...{ statement, statedAt: 2, disputes: [], arbitrated: false },
    steps: [{ phase: "statement", jti: uuid(3), hash: digestOf("s"), by: FAY, at: 2, seq: 2, reason: "" }],
  });
  return state;
}

const correctedAt = (state: State): number | undefined => openCorrections(state, NOW_S)[0]?.use.period.from;

describe("a correction of what was stated", () => {
  it.each(["stated", "accepted", "confirmed"] as const)(
    "[XDA-18] is of now where the settlement is %s: none of its messages could charge it any more",
    (status) => {
      expect(correctedAt(stateWith(status))).toBe(NOW_S);
    },
  );

  it.each(["disputed", "arbitration"] as const)("[XDA-18] is of its record's time where it is %s", (status) => {
    expect(correctedAt(stateWith(status))).toBe(1001);
  });

  it("[XDA-18] [XDA-16] has nothing to do with a settlement in another currency, and its record neither", () => {
    expect(correctedAt(stateWith("confirmed", "USD"))).toBe(1001);
    const settled = (currency: string): string | undefined => {
      const { accounting } = stateWith("confirmed", currency);
      return [...accounting.records.values()].map((record) => settlementOf(accounting, record)?.id)[0];
    };
    expect(settled("EUR")).toBe(uuid(4));
    expect(settled("USD")).toBeUndefined();
  });

  it("[XDA-18] [XDA-16] has nothing to do with what its own domain owes another one, and its record neither", () => {
    const state = stateWith("confirmed");
    const { records, settlements } = state.accounting;
    const [settlement] = settlements.values();
    if (settlement !== undefined)
      settlements.set(settlement.id, { ...settlement, payee: "partner.example", payer: "ops.example" });
    for (const record of records.values()) records.set(record.jti, { ...record, payer: "ops.example" });
    expect(correctedAt(state)).toBe(1001);
    expect([...records.values()].map((record) => settlementOf(state.accounting, record))).toEqual([null]);
  });
});

describe("a task that went on over the end of a time", () => {
  const WID = uuid(900);
  const TASK = uuid(7);
  /** From when on it is charged; it ran from 1900 to 2100. */
  const chargedFrom = (state: State): number | undefined => {
    const task = { jti: TASK, agent: "spiffe://ops.example/agent/a", execAct: "chat", status: "done", at: 2100 };
    const tasks = new Map([[TASK, { ...task, ect: { iat: 2100, seq: 5 } }]]);
    // Only what metering looks at.
    state.workflows.set(WID, { wid: WID, run: "run", tasks, drill: null } as unknown as NonNullable<
      ReturnType<State["workflows"]["get"]>
    >);
    return dueTasks(state, "ops.example", [[TASK, WID]], new Map([[TASK, 1900]]))[0]?.task.startedAt;
  };

  it.each(["stated", "accepted", "confirmed"] as const)(
    "[XDA-50] [XDA-52] is charged in the next one where the first is %s: no statement would ever have it",
    (status) => {
      expect(chargedFrom(stateWith(status))).toBe(2000);
    },
  );

  it("[XDA-50] [XDA-52] is charged in the first where nothing is stated of it, or it is stated again", () => {
    for (const state of [stateWith("disputed"), stateWith("arbitration"), stateWith("confirmed", "USD")])
      expect(chargedFrom(state)).toBe(1900);
  });
});
