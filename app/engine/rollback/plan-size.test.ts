import { expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { planHash } from "../../protocol/cascade/rollback-claims.ts";
import { requestRollback } from "../../protocol/cascade/rollback-coordinator.ts";
import { MAX_TOKEN_BYTES } from "../../protocol/jose/compact.ts";
import { ids, sha256 } from "../engine.fixture.ts";
import { recordDraft } from "../records.ts";
import { rehearse } from "./order.ts";
import { planPieces, readPlanText } from "./plan-text.ts";
import { actedWorkflow, longChain, START_S, WID } from "./undo-state.fixture.ts";

const moment = { nowS: START_S, nowMs: START_S * 1000, uuid: () => crypto.randomUUID(), sha256 };

it("[J6] [COM-11] a plan of 500 steps is whole, and its pieces each fit a token and make it again", () => {
  const state = actedWorkflow(longChain(500));
  const aim = { wid: WID, target: { kind: "workflow" as const, id: WID }, keepTarget: false, bestEffort: false };
  const made = rehearse(state, aim, ids, moment);
  const { plan, problem } = must(made.ok ? made.value : null, JSON.stringify(made));
  expect([plan.steps.length, plan.report.undone.length, problem]).toEqual([500, 500, null]);
  const requested = requestRollback(
    {
      ...{ rbId: WID, wid: WID, plan, approvedHash: plan.planHash, bestEffort: false, reason: "wrong", atS: START_S },
      authority: { typ: "override+jwt", id: WID, hash: plan.planHash },
      deadlineS: START_S + 60,
    },
    sha256,
  );
  const pieces = planPieces(WID, must(requested.ok ? requested.value : null, "a request"));
  const parts = must(pieces.ok ? pieces.value : null, "pieces");
  for (const piece of parts) {
    const draft = recordDraft(ids, moment, "rollback_planned", WID, { jti: WID }, { ...piece });
    // Beside the claims a token has its header and a signature.
    expect((JSON.stringify(draft.fact.claims).length * 4) / 3 + 400).toBeLessThan(MAX_TOKEN_BYTES);
  }
  const again = must(readPlanText(parts.map(({ text }) => text).join("")), "the plan");
  expect(planHash(again.steps, sha256)).toEqual({ ok: true, value: plan.planHash });
  expect(again.writes).toEqual(plan.writes);
});
