import { revokedAncestor } from "../../protocol/acp/derive-acp.ts";
import type { FactOf, LoggedFact } from "../fact.ts";
import type { State } from "../state.ts";
import { endGate, move, putInForce } from "../workflow/evolve.ts";

/** A policy: of a start, derived by delegation, or in the place of another. */
export function evolvePolicy(state: State, logged: LoggedFact, fact: FactOf<"acp+jwt">): void {
  state.policies.set(fact.claims.jti, {
    jti: fact.claims.jti,
    hash: logged.digest,
    seq: logged.seq,
    claims: fact.claims,
    replacedBy: null,
  });
  if (fact.claims.replaces !== undefined) evolveReplacement(state, logged, fact);
}

/** A policy took the place of another while its workflow ran. */
function evolveReplacement(state: State, logged: LoggedFact, { claims }: FactOf<"acp+jwt">): void {
  const workflow = state.workflows.get(claims.wid);
  const earlier = claims.replaces === undefined ? undefined : state.policies.get(claims.replaces.jti);
  if (workflow === undefined || earlier === undefined || earlier.jti !== workflow.acp) return;
  putInForce(state, workflow, claims.jti, logged);
}

/**
 * A policy is out of force, and with it all derived from it: what was asked for, waits or was permitted under one of them
 * and has not happened is refused, and its gates end (ACP-19).
 */
export function evolveRevocation(state: State, logged: LoggedFact, fact: FactOf<"acp-revocation+jwt">): void {
  const { acp, iss, reason } = fact.claims;
  state.revocations.set(acp.jti, { by: iss, at: logged.receivedAt, reason, seq: logged.seq });
  const ended = (jti: string): boolean =>
    revokedAncestor(
      jti,
      (child) => state.policies.get(child)?.claims.parent?.jti ?? null,
      (candidate) => candidate === acp.jti,
    ) !== null;
  for (const workflow of state.workflows.values()) {
    for (const task of workflow.tasks.values()) {
      const open = task.status === "asked" || task.status === "waiting" || task.status === "running";
      if (!open || task.intent === null || !ended(task.intent.acp.jti)) continue;
      move(task, "refused", logged, "acp_revoked");
      endGate(state, task.request, logged);
    }
  }
}
