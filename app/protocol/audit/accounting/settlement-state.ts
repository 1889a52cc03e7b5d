import { err, ok, type Result } from "../../../base/result.ts";
import { type Refusal, refusal } from "../../jose/refusal.ts";
import { overlap } from "./check-record.ts";
import { DISPUTE_WINDOW_S, type Dispute, MAX_ROUNDS, type SettlementClaims } from "./settlement.ts";
import type { Period } from "./usage-record.ts";

/**
 * ```text
 * stated ─┬─ accepted ── confirmed
 *    ▲    ├─ disputed ─┬─ stated (corrected)        a second dispute: arbitration
 *    │    │            └─ accepted (upheld)
 *    └────┴─ arbitration, by a statement that says what the arbitrator found
 * ```
 * Nothing moves by time: a statement that nobody answers stays stated (XDA-21).
 */
export type SettlementStatus = "stated" | "accepted" | "disputed" | "arbitration" | "confirmed";

export interface SettlementStep {
  readonly phase: SettlementClaims["phase"];
  readonly jti: string;
  readonly hash: string;
  readonly by: string;
  /** The log's time, epoch seconds, and the entry. */
  readonly at: number;
  readonly seq: number;
  readonly reason: string;
}

export interface Settlement {
  readonly id: string;
  readonly payee: string;
  readonly payer: string;
  readonly period: Period;
  readonly status: SettlementStatus;
  /** Disputes so far that were about its statements. */
  readonly round: number;
  /** The newest statement. */
  readonly statement: SettlementClaims;
  readonly statedAt: number;
  /** What the newest dispute is about; empty once a statement was made again. */
  readonly disputes: readonly Dispute[];
  /** An arbitrator has spoken. */
  readonly arbitrated: boolean;
  readonly steps: readonly SettlementStep[];
}

export interface SettlementMessage {
  readonly claims: SettlementClaims;
  readonly hash: string;
  readonly at: number;
  readonly seq: number;
}

/** Who speaks in which phase. */
export const partyOf = ({ phase, payee, payer }: Pick<SettlementClaims, "phase" | "payee" | "payer">): string =>
  phase === "statement" || phase === "confirm" ? payee : payer;

const wrong = (code: string, detail: string, claim?: string) =>
  err(refusal(code, detail, claim === undefined ? {} : { claim }));

/** The state after a message, or why it is not taken. `others` are the settlements between the same two. */
export function stepSettlement(
  known: Settlement | undefined,
  message: SettlementMessage,
  others: readonly Pick<Settlement, "id" | "payee" | "payer" | "period" | "statement">[],
): Result<Settlement, Refusal> {
  const { claims } = message;
  if (known === undefined) return firstStatement(message, others);
  const { payee, payer, period } = claims;
  if (
    payee !== known.payee ||
    payer !== known.payer ||
    period.from !== known.period.from ||
    period.to !== known.period.to ||
    claims.currency !== known.statement.currency
  )
    return wrong("settlement_mismatch", "parties, period and currency are those of the settlement", "settlement_id");
  const last = known.steps.at(-1);
  if (claims.answers?.jti !== last?.jti || claims.answers?.hash !== last?.hash)
    return wrong("settlement_outdated", "it answers another message than the newest one", "answers");
  switch (claims.phase) {
    case "statement":
      return restated(known, message);
    case "accept":
      return known.status === "stated" || known.status === "disputed"
        ? (sameFigures(known, claims) ?? ok(moved(known, message, { status: "accepted" })))
        : wrongPhase(known, "accepted");
    case "dispute":
      return disputed(known, message);
    case "confirm":
      return known.status === "accepted"
        ? (sameFigures(known, claims) ?? ok(moved(known, message, { status: "confirmed" })))
        : wrongPhase(known, "confirmed");
  }
}

function firstStatement(
  message: SettlementMessage,
  others: readonly Pick<Settlement, "id" | "payee" | "payer" | "period" | "statement">[],
): Result<Settlement, Refusal> {
  const { claims, at } = message;
  if (claims.phase !== "statement")
    return wrong("settlement_unknown", "no statement of that settlement is here", "settlement_id");
  if (claims.prev_settlement !== undefined || claims.arbitration !== undefined)
    return wrong("settlement_wrong_phase", "a first statement follows nothing", "prev_settlement");
  const twice = others.find(
    ({ payee, payer, period, statement }) =>
      payee === claims.payee &&
      payer === claims.payer &&
      // A statement is of one currency: what is owed in another one is stated by itself.
      statement.currency === claims.currency &&
      overlap(period, claims.period),
  );
  if (twice !== undefined)
    return wrong("settlement_period_overlap", `settlement ${twice.id} is about this time already`, "period");
  const { settlement_id: id, payee, payer, period } = claims;
  return ok({
    ...{ id, payee, payer, period, status: "stated", round: 0, statement: claims, statedAt: at },
    ...{ disputes: [], arbitrated: false, steps: [stepOf(message)] },
  });
}

function restated(known: Settlement, message: SettlementMessage): Result<Settlement, Refusal> {
  const { claims } = message;
  if (known.status !== "disputed" && known.status !== "arbitration") return wrongPhase(known, "stated again");
  if (claims.prev_settlement !== known.statement.jti)
    return wrong("settlement_outdated", "it takes the place of another statement", "prev_settlement");
  const needsArbiter = known.status === "arbitration";
  if (needsArbiter !== (claims.arbitration !== undefined))
    return wrong(
      "settlement_arbitration",
      needsArbiter ? "after two rounds a statement says what the arbitrator found" : "nothing was arbitrated",
      "arbitration",
    );
  if (needsArbiter && claims.role === "finance")
    return wrong("settlement_arbitration", "an arbitrator is a duty manager or a safety officer", "role");
  return ok(
    moved(known, message, {
      status: "stated",
      statement: claims,
      statedAt: message.at,
      disputes: [],
      arbitrated: known.arbitrated || needsArbiter,
    }),
  );
}

function disputed(known: Settlement, message: SettlementMessage): Result<Settlement, Refusal> {
  if (known.status !== "stated") return wrongPhase(known, "disputed");
  if (message.at > known.statedAt + DISPUTE_WINDOW_S)
    return wrong("settlement_window_closed", "it can be disputed for 7 days after the statement", "phase");
  const round = known.round + 1;
  return ok(
    moved(known, message, {
      status: round >= MAX_ROUNDS ? "arbitration" : "disputed",
      round,
      disputes: message.claims.disputes ?? [],
    }),
  );
}

/** Who accepts or confirms says what: never other figures than the statement's. */
function sameFigures(known: Settlement, claims: SettlementClaims): Result<never, Refusal> | null {
  const { statement } = known;
  return claims.records_root === statement.records_root &&
    claims.records_count === statement.records_count &&
    claims.amount_total === statement.amount_total &&
    claims.currency === statement.currency
    ? null
    : wrong("settlement_mismatch", "the figures are not those of the statement", "amount_total");
}

function wrongPhase(known: Settlement, what: string): Result<never, Refusal> {
  return wrong("settlement_wrong_phase", `a settlement that is ${known.status} is not ${what}`, "phase");
}

function moved(known: Settlement, message: SettlementMessage, change: Partial<Settlement>): Settlement {
  return { ...known, ...change, steps: [...known.steps, stepOf(message)] };
}

function stepOf({ claims, hash, at, seq }: SettlementMessage): SettlementStep {
  return { phase: claims.phase, jti: claims.jti, hash, by: claims.iss, at, seq, reason: claims.reason ?? "" };
}
