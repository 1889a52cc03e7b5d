import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import { isOverrideAct, overrideNodeJti } from "../../protocol/override/node.ts";
import type { Draft, Moment } from "../command.ts";
import type { FactOf } from "../fact.ts";
import { type HostIds, tokenDraft } from "../records.ts";
import type { State, WorkflowState } from "../state.ts";
import { placeEct } from "../workflow/decide.ts";

/** Whether an ECT is the enforcement point's node of an override event. */
export const isOverrideNode = ({ claims }: FactOf<"exec+jwt">, ids: HostIds): boolean =>
  claims.iss === ids.pepId && isOverrideAct(claims.exec_act);

/** OVR-5: the node of an override event, in its place in the DAG like any other ECT; once each. */
export function decideOverrideNode(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"exec+jwt">,
  moment: Moment,
): Result<Draft[], Refusal> {
  const { wid, jti, ect_ext: ext } = fact.claims;
  const workflow = wid === undefined ? undefined : state.workflows.get(wid);
  if (workflow === undefined) return err(refusal("workflow_unknown", "no such workflow in this log", { claim: "wid" }));
  if (typeof ext?.obj_id !== "string" || jti !== overrideNodeJti(ext.obj_id, workflow.wid))
    return err(refusal("ect_node_mismatch", "the node stands for another object", { claim: "ect_ext" }));
  const placed = placeEct(state, token, fact.claims, moment);
  return placed.ok ? ok([tokenDraft(token, fact)]) : placed;
}

/** The ECT by which an agent's last work, or request, is known; of an agent that has none, the start. */
export function lastEctOf(workflow: WorkflowState, agent: string): string | null {
  let last: string | null = null;
  for (const [jti, held] of workflow.ects) if (held.iss === agent || last === null) last = jti;
  return last;
}
