import { revokedAncestor } from "../../protocol/acp/derive-acp.ts";
import type { FactOf, LoggedFact } from "../fact.ts";
import type { State } from "../state.ts";
import { move } from "../workflow/evolve.ts";

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
      const gate = task.request === null ? undefined : state.gates.get(task.request);
      if (gate === undefined || (gate.status !== "pending" && gate.status !== "approved")) continue;
      gate.status = "aborted";
      gate.closedAt = logged.receivedAt;
      gate.entries.push(logged.seq);
    }
  }
}
