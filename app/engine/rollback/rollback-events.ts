import type { RollbackRequestClaims, RollbackResultClaims } from "../../protocol/cascade/rollback-claims.ts";
import type { RollbackEvent, StepResult } from "../../protocol/cascade/rollback-state.ts";
import { isHuman } from "../identity/human.ts";

/** What a result means to the coordinator: an answer to `prepare`, the result of a step, or an acknowledgement. */
export function resultEvent(claims: RollbackResultClaims, atS: number): RollbackEvent {
  const { iss: agent, phase, n } = claims;
  if (phase === "prepare")
    return {
      kind: "answered",
      agent,
      planHash: claims.plan_hash,
      status: claims.status === "ready" ? "ready" : "refused",
      ...(claims.code === undefined ? {} : { code: claims.code }),
      atS,
    };
  if (phase !== "execute" || n === undefined)
    return { kind: "acknowledged", agent, phase: phase === "confirm" ? "confirm" : "abort", atS };
  const result = stepResult(claims);
  return isHuman(agent)
    ? { kind: "manual", operator: agent, n, atS, ...result }
    : { kind: "result", agent, n, atS, ...result };
}

export function stepResult(claims: RollbackResultClaims): StepResult {
  const { status, code, restored_hash: restoredHash, residue, compensation } = claims;
  return {
    // The form of the token lets a step's result have no other.
    status: status === "ready" || status === "refused" ? "failed" : status,
    residue,
    ...(code === undefined ? {} : { code }),
    ...(restoredHash === undefined ? {} : { restoredHash }),
    ...(compensation === undefined ? {} : { compensation }),
  };
}

/** What a person's request means: nothing more is begun, or what is left is confirmed; null for what only the coordinator asks. */
export function orderEvent(claims: RollbackRequestClaims, atS: number): RollbackEvent | null {
  if (claims.phase === "abort") return { kind: "abort", operator: claims.iss, atS };
  if (claims.phase !== "confirm") return null;
  const manual = { operator: claims.iss, reason: claims.reason, revision: claims.revision ?? -1 };
  return { kind: "confirm", manual, atS };
}
