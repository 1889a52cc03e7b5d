import { beforeAll, describe, expect, it } from "vitest";
import { toBase64url } from "../../base/bytes.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { ReceiptClaims } from "../audit/claims.ts";
import { entryLeaf } from "../audit/entry.ts";
import { signToken, tokenDigest } from "../jose/sign-token.ts";
import {
  createVerifier,
  EXAMPLE_IAT,
  type Identity,
  identityOf,
  NOW,
  PLANNER,
  sha256,
  signEct,
  taskId,
} from "./ect.fixture.ts";
import type { EctContext } from "./ect-context.ts";
import { appendWithRetries, type LedgerAppend, type LedgerFailure, type LedgerUse } from "./ledger.ts";
import { settleLedger, verifyEct } from "./verify-ect.ts";

const LOG = "spiffe://ops.example/ledger";
const WITNESS = "spiffe://ops.example/ledger-b";
let planner: Identity;
let log: Identity;
let witness: Identity;

beforeAll(async () => {
  planner = await identityOf(PLANNER);
  log = await identityOf(LOG);
  witness = await identityOf(WITNESS);
});

/** The receipt of a log whose only entry is this token. */
function receiptOf(token: string, by = log, change: Partial<ReceiptClaims> = {}): Promise<string> {
  const entry = { seq: 0, token, received_at: NOW, submitter: PLANNER };
  const claims: ReceiptClaims = {
    iss: by.key.subject,
    iat: NOW,
    jti: taskId(0xb1),
    sub_hash: tokenDigest(token, sha256),
    seq: 0,
    received_at: NOW,
    submitter: PLANNER,
    tree_size: 1,
    root: toBase64url(entryLeaf(entry, sha256)),
    path: [],
    vds: 1,
    ...change,
  };
  return signToken("audit-receipt+jwt", claims, by.signer);
}

function ledgerUse(change: Partial<LedgerUse> = {}): LedgerUse {
  return {
    receiptContext: {
      resolveKey: (kid) => [log.key, witness.key, planner.key].find((key) => key.kid === kid),
      pinnedHeads: (id) => (id === LOG || id === WITNESS ? [] : undefined),
    },
    ...change,
  };
}

const down: Result<string, LedgerFailure> = err({ code: "ledger_unavailable", detail: "no answer in time" });
const three: Partial<EctContext> = { minimumLevel: () => 3 };

describe("level 3", () => {
  it("[ECT-26] counts only with a receipt: given along, or after the append", async () => {
    const { context, code } = createVerifier([planner.key]);
    const token = await signEct(planner, 1);
    const appended: string[] = [];
    const append: LedgerAppend = async (compact) => {
      appended.push(compact);
      return ok(await receiptOf(compact));
    };
    expect(await code(token, three)).toBe("ect_level_insufficient");
    expect(await code(token, { ...three, ledger: ledgerUse() })).toBe("ect_level_insufficient");
    for (const ledger of [ledgerUse({ append }), ledgerUse({ receipts: [await receiptOf(token)] })]) {
      const verified = await verifyEct(token, { ...context, ...three, ledger });
      expect(verified.ok && [verified.value.state, verified.value.level, verified.value.placement.pathLevel]).toEqual([
        "L3_ok",
        3,
        3,
      ]);
    }
    expect(appended).toEqual([token]);
  });

  it("[ECT-26] [ECT-37] nothing is appended that was refused, nor twice", async () => {
    const { code, accept } = createVerifier([planner.key]);
    const appended: string[] = [];
    const ledger = ledgerUse({
      append: async (compact) => {
        appended.push(compact);
        return ok(await receiptOf(compact));
      },
    });
    expect(await code(await signEct(planner, 1, { pred: [taskId(9)] }), { ledger })).toBe("dag_pred_missing");
    const token = await signEct(planner, 1);
    await accept(token, { ledger });
    expect(await code(token, { ledger })).toBe("ect_replayed");
    expect(await code(await signEct(planner, 1, { exec_act: "again" }), { ledger, seen: () => false })).toBe(
      "dag_duplicate_task",
    );
    expect(appended).toEqual([token]);
  });

  it("a receipt that does not verify refuses the token, whatever level is asked for", async () => {
    const { code } = createVerifier([planner.key]);
    const token = await signEct(planner, 1);
    const given = async (receipt: Promise<string>): Promise<string> =>
      code(token, { ledger: ledgerUse({ receipts: [await receipt] }) });
    expect(await given(receiptOf(await signEct(planner, 2)))).toBe("ect_receipt_invalid");
    expect(await given(receiptOf(token, log, { received_at: EXAMPLE_IAT - 31 }))).toBe("ect_receipt_invalid");
    expect(await given(receiptOf(token, planner))).toBe("ect_receipt_invalid");
    const append: LedgerAppend = async () => ok(await receiptOf(await signEct(planner, 2)));
    expect(await code(token, { ledger: ledgerUse({ append }) })).toBe("ect_receipt_invalid");
  });

  it("[XA-15] one accepted receipt suffices unless more logs are asked for; a refused one is told beside it", async () => {
    const { context, code } = createVerifier([planner.key]);
    const token = await signEct(planner, 1);
    const wrong = await receiptOf(await signEct(planner, 2), witness);
    const ledger = ledgerUse({ receipts: [wrong, await receiptOf(token)] });
    const verified = await verifyEct(token, { ...context, ledger });
    expect(
      verified.ok && [verified.value.state, verified.value.refusedReceipts.map((refused) => refused.code)],
    ).toEqual(["L3_ok", ["receipt_subject_mismatch"]]);
    const twice = ledgerUse({
      needed: 2,
      receipts: [await receiptOf(token), await receiptOf(token, log, { iat: NOW + 1 })],
    });
    expect(await code(token, { ledger: twice })).toBe("ect_receipt_invalid");
    const both = ledgerUse({ needed: 2, receipts: [await receiptOf(token), await receiptOf(token, witness)] });
    expect(await code(token, { ledger: both })).toBe("accepted");
  });

  it("[ECT-27] [ECT-28] a ledger that does not answer is level 2, and a refusal with 503 where 3 is asked for", async () => {
    const { context } = createVerifier([planner.key]);
    const ledger = ledgerUse({ append: async () => down });
    const token = await signEct(planner, 1);
    const degraded = await verifyEct(token, { ...context, ledger });
    expect(degraded.ok && [degraded.value.state, degraded.value.level]).toEqual(["L3_degraded", 2]);
    const refused = await verifyEct(token, { ...context, ...three, ledger });
    expect(refused.ok ? "accepted" : [refused.error.code, refused.error.status]).toEqual([
      "ect_ledger_unavailable",
      503,
    ]);
  });

  it("[ECT-28] a silent ledger is asked again after 1, 2 and 4 seconds, and no more", async () => {
    const waits: number[] = [];
    const clock = {
      after: (delayMs: number, callback: () => void) => {
        waits.push(delayMs);
        queueMicrotask(callback);
        return () => {};
      },
    };
    const answers = [down, down, ok("receipt")];
    expect(await appendWithRetries(async () => answers.shift() ?? down, clock)("t")).toEqual(ok("receipt"));
    expect(waits.splice(0)).toEqual([1000, 2000]);
    let asked = 0;
    const silent: LedgerAppend = async () => {
      asked += 1;
      return down;
    };
    expect([await appendWithRetries(silent, clock)("t"), asked, waits]).toEqual([down, 4, [1000, 2000, 4000]]);
  });

  it("[ECT-27] an asynchronous append is level 2 until its receipt, then 3 or degraded, and names who is to be told", async () => {
    const { context, accept, code } = createVerifier([planner.key]);
    const token = await signEct(planner, 1);
    let answer: Result<string, LedgerFailure> = ok(await receiptOf(token));
    const ledger = ledgerUse({ mode: "asynchronous", append: async () => answer });
    expect(await code(token, { ...three, ledger })).toBe("ect_level_insufficient");
    const pending = await accept(token, { ledger });
    expect([pending.state, pending.level, pending.placement.pathLevel]).toEqual(["L3_pending", 2, 2]);
    await accept(await signEct(planner, 2, { pred: [taskId(1)] }));
    const arrived = (await pending.receipt) ?? down;
    const settled = await settleLedger(pending, arrived, { ...context, ledger });
    expect([
      settled.ect.state,
      settled.ect.level,
      settled.ect.placement.pathLevel,
      settled.notify,
      settled.problem,
    ]).toEqual(["L3_ok", 3, 3, [taskId(2)], null]);
    answer = down;
    const lost = await settleLedger(pending, down, { ...context, ledger });
    expect([lost.ect.state, lost.ect.level, lost.notify, lost.problem?.code]).toEqual([
      "L3_degraded",
      2,
      [taskId(2)],
      "ect_ledger_unavailable",
    ]);
    const late = await settleLedger(lost.ect, arrived, { ...context, ledger });
    expect([late.ect.state, late.ect.receipts.length]).toEqual(["L3_ok", 1]);
    const wrong = await settleLedger(pending, ok(await receiptOf(await signEct(planner, 3))), { ...context, ledger });
    expect([wrong.ect.state, wrong.problem?.code]).toEqual(["L3_degraded", "ect_receipt_invalid"]);
  });

  it("[ECT-29] [ECT-30] on record itself, it is as weak as the weakest task it rests on", async () => {
    const { accept, known } = createVerifier([planner.key]);
    const root = await accept(await signEct(planner, 1));
    const token = await signEct(planner, 2, { pred: [taskId(1)] });
    const child = await accept(token, { ledger: ledgerUse({ receipts: [await receiptOf(token)] }) });
    expect([root.level, child.level, child.placement.pathLevel, child.placement.weakLinks]).toEqual([
      2,
      3,
      2,
      [taskId(1)],
    ]);
    expect(known.byJti(taskId(2))[0]?.level).toBe(3);
  });
});
