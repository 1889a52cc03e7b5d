import type { ActionDecision } from "../../../api/contract/policy.ts";
import { consequenceOf } from "../../../protocol/acp/match.ts";
import type { PolicyAnswer } from "../use-policy.ts";
import { word } from "../words.ts";

type Asked = Pick<ActionDecision, "node" | "strongest" | "roles">;

/** Why no standing grant could answer for an action that waits for a human (ACP-40), in words; null where one could. */
export function whyNoGrant({ policy, claims, actions }: PolicyAnswer, asked: Asked, agent: string): string | null {
  if (!policy.inForce || policy.revoked !== null || policy.parent !== null || policy.workflow?.status === "finished")
    return "it is given under the policy that is in force over a workflow";
  if (!actions.some((one) => one.agent === agent)) return "this is no agent of the workflow";
  const node = claims.dag.nodes.find(({ id }) => id === asked.node);
  if (node === undefined || consequenceOf(node) === "irreversible")
    return "what cannot be undone is approved each time";
  if (asked.roles.length !== 1 || asked.roles.some(({ approvals }) => approvals > 1))
    return "several people must approve it";
  return asked.strongest === "approve"
    ? null
    : `a rule asks for “${word(asked.strongest ?? "")}”, which is more than an approval`;
}
