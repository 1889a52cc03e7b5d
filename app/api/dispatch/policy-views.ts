import { usageOf } from "../../engine/gate/usage.ts";
import type { PolicyState, State, WorkflowState } from "../../engine/state.ts";
import { agentUri, type RunPlan } from "../../engine/workflow/plan.ts";
import type { Host } from "../../host/open-host.ts";
import { parseAmount } from "../../protocol/acp/amounts.ts";
import type { AcpClaims } from "../../protocol/acp/claims.ts";
import { compilePolicy, type EffectiveConstraint } from "../../protocol/acp/compile-policy.ts";
import type { NodeUsage } from "../../protocol/acp/decide-action.ts";
import { MAX_KNOWN_ACTIONS, type PolicyNode, type PolicyRow } from "../contract/policy.ts";

/** Characters of a run's name in a list. */
const MAX_NAME = 256;

export function policyRow(
  host: Host,
  runs: ReadonlyMap<string, string>,
  { jti, hash, seq, claims }: PolicyState,
  state: State,
): PolicyRow {
  const { iss, sub, iat, exp, wid, parent, dag, hitl } = claims;
  const workflow = state.workflows.get(wid);
  return {
    ...{ jti, hash, wid, seq, iss, sub, iat, exp },
    parent: parent?.jti ?? null,
    inForce: workflow?.acp === jti,
    workflow:
      workflow === undefined
        ? null
        : {
            status: workflow.status,
            runName: (host.runs.known(runs.get(wid) ?? "")?.run.name ?? "").slice(0, MAX_NAME),
          },
    nodes: dag.nodes.length,
    rules: hitl.rules.length,
  };
}

/** Every node in the token's order with the limits in force there; usage only where a workflow is run under the policy. */
export function policyNodes(claims: AcpClaims, workflow: WorkflowState | null, nowS: number): PolicyNode[] {
  const compiled = compilePolicy(claims);
  return claims.dag.nodes.map(({ id }) => {
    const usage = workflow === null ? null : usageOf(workflow, id, nowS);
    const constraints = compiled.nodes.get(id)?.constraints ?? [];
    return {
      id,
      constraints: constraints.map((constraint) => ({
        name: constraint.name,
        value: Array.isArray(constraint.value) ? [...constraint.value] : (constraint.value as number),
        setBy: constraint.setBy,
        ...shareOf(constraint, constraints, usage),
      })),
      usage: usage === null ? null : { ...usage, cost: { ...usage.cost } },
    };
  });
}

interface Share {
  readonly used: string | null;
  readonly share: number | null;
}

const NO_QUANTITY: Share = { used: null, share: null };

function shareOf({ name, value }: EffectiveConstraint, all: readonly EffectiveConstraint[], usage: NodeUsage | null) {
  if (usage === null) return NO_QUANTITY;
  const of = (used: number): Share => ({
    used: String(used),
    // Of nothing everything is used up.
    share: Number(value) === 0 ? 1 : used / Number(value),
  });
  switch (name) {
    case "max_calls":
      return of(usage.calls);
    case "rate_per_min":
      return of(usage.callsLastMinute);
    case "max_tokens":
      return of(usage.tokens);
    case "max_duration_s":
      return of(usage.durationS);
    case "max_cost": {
      const currency = all.find((constraint) => constraint.name === "currency")?.value;
      const used = parseAmount(usage.cost[String(currency)] ?? "0");
      const allowed = parseAmount(String(value));
      if (used === null || allowed === null) return NO_QUANTITY;
      return { used: used.toFixed(), share: allowed.isZero() ? 1 : used.div(allowed).toNumber() };
    }
    default:
      return NO_QUANTITY;
  }
}

/** Which agent does what in a run, in the order of the recording. */
export function actionsOfRun(
  host: Host,
  wid: string,
  plan: RunPlan,
): { agent: string; execAct: string; tasks: number }[] {
  const found = new Map<string, { agent: string; execAct: string; tasks: number }>();
  for (const task of plan.tasks) {
    const key = `${task.agent}\n${task.action}`;
    const known = found.get(key);
    if (known !== undefined) known.tasks += 1;
    else if (found.size < MAX_KNOWN_ACTIONS)
      found.set(key, {
        agent: agentUri(host.engine.ids.domain, wid, task.agent),
        execAct: task.action,
        tasks: 1,
      });
  }
  return [...found.values()];
}
