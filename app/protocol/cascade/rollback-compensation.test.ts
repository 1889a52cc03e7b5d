import { describe, expect, it } from "vitest";
import { claimsOf, createVerifier, identityOf, PLANNER, signEct, taskId, WID } from "../ect/ect.fixture.ts";
import { writeEct } from "../ect/write-ect.ts";
import { accepted, codeOf, HASH, RB_ID } from "./rollback.fixture.ts";
import {
  checkCompensation,
  compensationClaims,
  rollbackResultEct,
  type UndoEnvelope,
} from "./rollback-compensation.ts";

const IAT = 1_772_064_005;
const envelope = (number: number): UndoEnvelope => ({
  iss: PLANNER,
  aud: ["spiffe://ops.example/agent/executor"],
  wid: WID,
  jti: taskId(number),
  iat: IAT,
  lifetimeS: 300,
  rbId: RB_ID,
});

/** A log with two tasks, 1 and 2 after it, and the request for a rollback, 8. */
async function ledger() {
  const identity = await identityOf(PLANNER);
  const verifier = createVerifier([identity.key]);
  await verifier.accept(await signEct(identity, 1));
  await verifier.accept(await signEct(identity, 2, { pred: [taskId(1)] }));
  await verifier.accept(await signEct(identity, 8, { exec_act: "rollback_prepare" }));
  return { ...verifier, identity };
}

describe("a compensation", () => {
  it("[CAS-18] [ECT-44] is an ECT of its own after the task, with the reason, that every verifier takes", async () => {
    const { known, identity, accept } = await ledger();
    const before = known.get(taskId(2), WID);
    const claims = accepted(compensationClaims(envelope(3), taskId(2), "override", [taskId(8)], known));
    const ect = await accept(accepted(await writeEct(claims, identity.signer)));
    expect(ect.claims.exec_act).toBe("compensate");
    expect(ect.claims.pred).toEqual([taskId(2), taskId(8)]);
    expect(ect.claims.ect_ext).toEqual({
      rb_id: RB_ID,
      compensation_required: true,
      compensation_reason: "override",
      target_jti: taskId(2),
    });
    expect(known.get(taskId(2), WID)).toBe(before);
  });

  it("[CAS-18] [ECT-45] is the only one of its task, whoever asks for a second", async () => {
    const { known, identity, accept } = await ledger();
    const first = accepted(compensationClaims(envelope(3), taskId(2), "override", [], known));
    await accept(accepted(await writeEct(first, identity.signer)));
    const again = compensationClaims(envelope(4), taskId(2), "timeout", [taskId(8)], known);
    expect(again).toMatchObject({ ok: false, error: { code: "dag_double_compensation", tasks: [taskId(2)] } });
    // The request is named by both, and is not what is compensated.
    expect(codeOf(compensationClaims(envelope(5), taskId(1), "timeout", [taskId(8)], known))).toBe("ok");
  });

  it("[ECT-44] names the task, and that one only", async () => {
    const { known } = await ledger();
    const ext = { compensation_required: true, compensation_reason: "timeout" };
    const check = (change: object, task = taskId(2)): string => {
      const claims = claimsOf(6, { exec_act: "compensate", pred: [taskId(2)], ect_ext: ext, iat: IAT, ...change });
      // The fixture's claims are those of an ECT under whatever change a test makes.
      return codeOf(checkCompensation(claims as Parameters<typeof checkCompensation>[0], task, known));
    };
    expect(check({})).toBe("ok");
    expect(check({}, taskId(1))).toBe("compensation_of_other");
    expect(check({ pred: [taskId(1), taskId(2)] })).toBe("compensation_of_other");
    expect(check({ pred: [taskId(8)] })).toBe("compensation_of_other");
    expect(check({ pred: [taskId(99)] })).toBe("dag_pred_missing");
    expect(check({ pred: [] })).toBe("ect_claim_invalid");
    expect(check({ ect_ext: { compensation_required: true } })).toBe("ect_claim_invalid");
    expect(check({ ect_ext: { ...ext, compensation_required: false } })).toBe("ect_claim_invalid");
    expect(check({ exec_act: "work" })).toBe("ect_claim_invalid");
  });
});

describe("the ECT of a step's result", () => {
  it("[CAS-13] is added after the undone task and the request, and changes neither", async () => {
    const { known, identity, accept } = await ledger();
    const before = known.all().map((ect) => JSON.stringify(ect));
    const claims = rollbackResultEct(envelope(9), taskId(2), taskId(8), {
      status: "done",
      restoredHash: HASH,
      residue: [],
    });
    const ect = await accept(accepted(await writeEct(claims, identity.signer)));
    expect(ect.claims).toMatchObject({
      exec_act: "rollback_result",
      pred: [taskId(2), taskId(8)],
      ect_ext: { rb_id: RB_ID, target_jti: taskId(2), outcome: "done" },
    });
    const after = known.all().map((ect) => JSON.stringify(ect));
    expect(after.slice(0, before.length)).toEqual(before);
    expect(after).toHaveLength(before.length + 1);
  });
});
