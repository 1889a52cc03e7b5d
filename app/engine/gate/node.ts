import { err, ok, type Result } from "../../base/result.ts";
import { type NodeObject, objectNodeProblem } from "../../protocol/ect/object-node.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Draft, Moment, TokenNode } from "../command.ts";
import { tokenDraft } from "../records.ts";
import type { State } from "../state.ts";
import { placeEct } from "../workflow/decide.ts";

/**
 * The ECT of a request or a decision, as it goes into the log with it (ACP-14): by the same issuer, about exactly that
 * token, after exactly these predecessors.
 */
export function nodeDraft(
  state: State,
  node: TokenNode | undefined,
  object: NodeObject,
  due: { readonly execAct: string; readonly outcome?: string; readonly pred: readonly string[] },
  moment: Moment,
): Result<Draft, Refusal> {
  if (node === undefined)
    return err(refusal("ect_node_missing", "requests and decisions come with their ECT (ACP-14)"));
  const { verified, fact } = node;
  const problem = objectNodeProblem(fact.claims, object, due);
  if (problem !== null) return err(problem);
  const { pred, jti } = fact.claims;
  // A task by that id would be taken for over when the node arrives.
  if (state.workflows.get(object.wid)?.tasks.has(jti) === true)
    return err(refusal("dag_duplicate_task", "a task was asked for under the id of this node", { jti }));
  if (pred.length !== due.pred.length || !due.pred.every((jti) => pred.includes(jti)))
    return err(refusal("ect_pred_mismatch", "the node names other predecessors than its object", { claim: "pred" }));
  const placed = placeEct(state, verified, fact.claims, moment);
  if (!placed.ok) return placed;
  return ok(tokenDraft(verified, fact));
}
