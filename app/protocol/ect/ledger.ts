import type { Clock } from "../../base/ports.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { type LoggedToken, type ReceiptContext, type VerifiedReceipt, verifyReceipt } from "../audit/verify-receipt.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";

/** The ledger did not answer, or refused for a reason of its own. Whether the token was appended is not known. */
export interface LedgerFailure {
  readonly code: "ledger_unavailable";
  readonly detail: string;
}

/** Appends a verified ECT and answers with its receipt, never before the append (ECT-26, XA-14). */
export type LedgerAppend = (token: string) => Promise<Result<string, LedgerFailure>>;

/** How a verifier reaches level 3. */
export interface LedgerUse {
  /** Receipts that came with the token. */
  readonly receipts?: readonly string[];
  /** How many of them must verify, from as many logs; default 1 (XA-15). */
  readonly needed?: number;
  /** Asked when no receipt came along. */
  readonly append?: LedgerAppend;
  /** Waits for the receipt (default), or goes on as level 2 until it is there (ECT-27). */
  readonly mode?: "synchronous" | "asynchronous";
  /** `nowS` is given in historical mode: a receipt may be younger than the receipt of its token. */
  readonly receiptContext: Omit<ReceiptContext, "nowS" | "skewS" | "sha256" | "algorithms"> & {
    readonly nowS?: number;
  };
}

/** How far a signed record came: the states of ect.md section (c) past `L2_ok`. */
export type LedgerAnswer =
  | {
      readonly state: "L3_ok";
      readonly receipts: readonly VerifiedReceipt[];
      /** What is wrong with the others: a split view among them is an alarm, whatever the rest prove (ECT-S7). */
      readonly refused: readonly Refusal[];
    }
  | { readonly state: "L3_pending"; readonly receipt: Promise<Result<string, LedgerFailure>> }
  | { readonly state: "L3_degraded"; readonly detail: string }
  | { readonly state: "L2_ok" };

/** Waits before each further try, seconds: four tries in all (ECT-28). */
const WAITS_S: readonly number[] = [1, 2, 4];

/** The same append, tried again while the ledger does not answer. */
export function appendWithRetries(append: LedgerAppend, clock: Pick<Clock, "after">): LedgerAppend {
  return async (token) => {
    let answer = await append(token);
    for (const waitS of WAITS_S) {
      if (answer.ok) return answer;
      await new Promise<void>((resolve) => clock.after(waitS * 1000, resolve));
      answer = await append(token);
    }
    return answer;
  };
}

/** D2 step 17. Refusal: `ect_receipt_invalid`, with the inner code; a ledger that does not answer degrades (ECT-27, ECT-28). */
export async function reachLedger(
  logged: LoggedToken,
  use: LedgerUse,
  context: ReceiptContext,
): Promise<Result<LedgerAnswer, Refusal>> {
  const { receipts = [], append } = use;
  if (receipts.length > 0) return verifyReceipts(receipts, use.needed ?? 1, logged, context);
  if (append === undefined) return ok({ state: "L2_ok" });
  if (use.mode === "asynchronous") return ok({ state: "L3_pending", receipt: append(logged.token) });
  const answer = await append(logged.token);
  if (!answer.ok) return ok({ state: "L3_degraded", detail: answer.error.detail });
  return verifyReceipts([answer.value], 1, logged, context);
}

/** Receipts of one log count once: a second one of the same log is no second witness. */
export async function verifyReceipts(
  receipts: readonly string[],
  needed: number,
  logged: LoggedToken,
  context: ReceiptContext,
): Promise<Result<LedgerAnswer, Refusal>> {
  const accepted = new Map<string, VerifiedReceipt>();
  const refused: Refusal[] = [];
  for (const receipt of receipts) {
    const verified = await verifyReceipt(receipt, logged, context);
    if (verified.ok) accepted.set(verified.value.claims.iss, verified.value);
    else refused.push(verified.error);
  }
  if (accepted.size >= needed) return ok({ state: "L3_ok", receipts: [...accepted.values()], refused });
  const [first] = refused;
  const why = first === undefined ? "" : `; ${first.code}: ${first.detail}`;
  return err(refusal("ect_receipt_invalid", `${accepted.size} of ${needed} needed logs have it on record${why}`));
}
