import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import type { Draft, Moment, TokenNode } from "../command.ts";
import type { FactOf } from "../fact.ts";
import { policyInForce } from "../policy/in-force.ts";
import { tokenDraft } from "../records.ts";
import type { State } from "../state.ts";
import { nodeDraft } from "./node.ts";
import { gateTerms } from "./terms.ts";

/** A request for a human is opened exactly as the enforcement point determined it; the agent chooses nothing (ACP-S7). */
export function decideRequest(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"hitl-request+jwt">,
  node: TokenNode | undefined,
  moment: Moment,
  named?: Readonly<Record<string, string>>,
): Result<Draft[], Refusal> {
  const { claims } = fact;
  const workflow = state.workflows.get(claims.wid);
  const task = workflow?.tasks.get(claims.task.jti);
  if (workflow === undefined || task === undefined || task.intent === null)
    return err(refusal("hitl_unknown_task", "no intent was recorded for this task"));
  if (task.agent !== claims.iss) return err(refusal("acp_subject_mismatch", "another agent asked for this task"));
  if (state.gates.has(claims.jti) || task.request !== null)
    return err(refusal("token_replayed", "this task has its request already", { jti: claims.jti }));
  if (task.status !== "asked" || task.ruleIds.length === 0)
    return err(refusal("hitl_not_required", `the task is ${task.status} and needs no human`));
  const { acp } = task.intent;
  if (claims.acp.jti !== acp.jti || claims.acp.hash !== acp.hash)
    return err(refusal("acp_parent_mismatch", "the request names another policy than its intent", { claim: "acp" }));
  const policy = policyInForce(state, workflow, claims.acp, claims.iss, moment.nowS);
  if (!policy.ok) return policy;
  const same =
    claims.task.exec_act === task.execAct &&
    claims.task.inp_hash === task.intent.inpHash &&
    claims.task.args_hash === task.intent.argsHash &&
    // What a person is shown is what the policy decided on (F5).
    (claims.task.target ?? null) === task.intent.target &&
    claims.rule_ids.length === task.ruleIds.length &&
    claims.rule_ids.every((id) => task.ruleIds.includes(id));
  if (!same) return err(refusal("hitl_bind_mismatch", "the request differs from the intent it belongs to"));
  // What a person is shown is what its rules of order are held against (BEH-63).
  const said = Object.entries(task.intent.needs?.named ?? {});
  const other = named === undefined ? undefined : said.find(([pointer, name]) => named[pointer] !== name);
  if (other !== undefined)
    return err(
      refusal("hitl_bind_mismatch", `its arguments hold something else at "${other[0]}" than the intent says`, {
        claim: "task.args",
      }),
    );
  const terms = gateTerms(policy.value.claims, task.ruleIds, task.agent, task.execAct);
  const roles = claims.roles ?? [{ role: claims.role, approvals: claims.approvals }];
  const sameTerms =
    claims.role === terms.role &&
    claims.approvals === terms.approvals &&
    claims.consequence === terms.consequence &&
    roles.length === terms.roles.length &&
    terms.roles.every(({ role, approvals }, at) => roles[at]?.role === role && roles[at]?.approvals === approvals);
  if (!sameTerms) return err(refusal("hitl_bind_mismatch", "role, approvals or consequence differ from the policy"));
  const placed = nodeDraft(
    state,
    node,
    { typ: fact.typ, jti: claims.jti, hash: token.digest, iss: claims.iss, wid: claims.wid },
    { execAct: "hitl_request", pred: task.intent.pred },
    moment,
  );
  if (!placed.ok) return placed;
  return ok([tokenDraft(token, fact), placed.value]);
}
