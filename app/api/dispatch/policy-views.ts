import { usageOf } from "../../engine/gate/usage.ts";
import type { PolicyState, State, WorkflowState } from "../../engine/state.ts";
import { agentUri, type RunPlan } from "../../engine/workflow/plan.ts";
import type { Host } from "../../host/open-host.ts";
import { parseAmount } from "../../protocol/acp/amounts.ts";
import type { AcpClaims } from "../../protocol/acp/claims.ts";
import { compilePolicy, type EffectiveConstraint } from "../../protocol/acp/compile-policy.ts";
import type { NodeUsage } from "../../protocol/acp/decide-action.ts";
import { revokedAncestor } from "../../protocol/acp/derive-acp.ts";
import { MAX_KNOWN_ACTIONS, type PolicyNode, type PolicyRow } from "../contract/policy.ts";

/** Characters of a run's name in a list. */
const MAX_NAME = 256;

export function policyRow(
  host: Host,
  runs: ReadonlyMap<string, string>,
  { jti, hash, seq, claims, replacedBy }: PolicyState,
  state: State,
): PolicyRow {
  const { iss, sub, iat, exp, wid, parent, dag, hitl } = claims;
  const workflow = state.workflows.get(wid);
  const revoked = revocationOf(state, jti);
  return {
    ...{ jti, hash, wid, seq, iss, sub, iat, exp },
    parent: parent?.jti ?? null,
    inForce: workflow !== undefined && revoked === null && isUnder(state, jti, workflow.acp),
    revoked,
    replacedBy,
    replaces: claims.replaces?.jti ?? null,
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

const parentIn =
  (state: State) =>
  (jti: string): string | null =>
    state.policies.get(jti)?.claims.parent?.jti ?? null;

/** ACP-19: a policy goes out of force with the one it was derived from. */
function revocationOf(state: State, jti: string): PolicyRow["revoked"] {
  const from = revokedAncestor(jti, parentIn(state), (candidate) => state.revocations.has(candidate));
  const revocation = from === null ? undefined : state.revocations.get(from);
  return from === null || revocation === undefined ? null : { jti: from, ...revocation };
}

/** Whether a policy is the one named or derived from it. */
const isUnder = (state: State, jti: string, root: string): boolean =>
  revokedAncestor(jti, parentIn(state), (candidate) => candidate === root) !== null;

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

/** The limits that are used up by plain numbers. */
const COUNTED: Readonly<Record<string, (usage: NodeUsage) => number>> = {
  max_calls: (usage) => usage.calls,
  rate_per_min: (usage) => usage.callsLastMinute,
  max_tokens: (usage) => usage.tokens,
  max_duration_s: (usage) => usage.durationS,
};

/** Of nothing everything is used up. */
function shareOf(
  { name, value }: EffectiveConstraint,
  all: readonly EffectiveConstraint[],
  usage: NodeUsage | null,
): Share {
  if (usage === null) return NO_QUANTITY;
  const used = COUNTED[name]?.(usage);
  if (used !== undefined) return { used: String(used), share: Number(value) === 0 ? 1 : used / Number(value) };
  if (name !== "max_cost") return NO_QUANTITY;
  const currency = all.find((constraint) => constraint.name === "currency")?.value;
  const spent = parseAmount(usage.cost[String(currency)] ?? "0");
  const allowed = parseAmount(String(value));
  if (spent === null || allowed === null) return NO_QUANTITY;
  return { used: spent.toFixed(), share: allowed.isZero() ? 1 : spent.div(allowed).toNumber() };
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
