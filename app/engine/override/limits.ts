import type { AcpClaims } from "../../protocol/acp/claims.ts";
import { compilePolicy, type EffectiveConstraint } from "../../protocol/acp/compile-policy.ts";
import { matchesPattern } from "../../protocol/acp/match.ts";
import {
  both,
  type ConstraintName,
  type Constraints,
  type ConstraintValue,
  narrower,
} from "../../protocol/acp/narrow.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { OverrideClaims } from "../../protocol/override/claims.ts";
import { modifyParamsSchema } from "../../protocol/override/params.ts";
import type { OverrideState, PolicyState, State, WorkflowState } from "../state.ts";
import { reaches, scopeCovers } from "./scope.ts";

/** A change of limits in force, as signed (`modify`). */
interface Change {
  readonly jti: string;
  readonly set: Constraints;
  readonly onlyNarrow: boolean;
}

/** The changes in force for an agent, in the order of the log. */
export function changesFor(
  state: State,
  workflow: WorkflowState,
  agent: string,
  except: string | null = null,
): readonly Change[] {
  const changes: Change[] = [];
  for (const signal of state.overrides.values()) {
    if (!signal.inForce || signal.claims.action !== "modify" || signal.jti === except) continue;
    if (!reaches(signal, { agent, wid: workflow.wid })) continue;
    // To those an agent has delegated to it is forwarded (OVR-17), and never gives them more than they had.
    const forwarded = !scopeCovers(signal.claims.scope, { agent, wid: workflow.wid });
    const change = changeOf(signal, forwarded);
    if (change !== null) changes.push(change);
  }
  return changes;
}

function changeOf(signal: OverrideState, forwarded: boolean): Change | null {
  const params = modifyParamsSchema.safeParse(signal.claims.params);
  return params.success
    ? { jti: signal.jti, set: params.data.set, onlyNarrow: forwarded || params.data.only_narrow }
    : null;
}

/**
 * A policy with the limits an agent is under now: those of the token, and what operators have changed since (P2 step 2). Its
 * nodes, actions and rules are the token's (OVR-21). A change that may widen counts in the workflow's own policy only, and
 * there within what the node was delegated under.
 */
export function policyInLimits(
  state: State,
  workflow: WorkflowState,
  policy: Pick<PolicyState, "jti" | "claims">,
  agent: string,
  except: string | null = null,
): AcpClaims {
  return applied(policy.claims, agent, changesFor(state, workflow, agent, except), policy.jti === workflow.acp);
}

/** Policies with changes, by the policy and then by agent and changes: compiled once each. */
const known = new WeakMap<AcpClaims, Map<string, AcpClaims>>();
const MAX_KNOWN = 256;

function applied(claims: AcpClaims, agent: string, changes: readonly Change[], isOwn: boolean): AcpClaims {
  if (changes.length === 0) return claims;
  const made = known.get(claims) ?? new Map<string, AcpClaims>();
  known.set(claims, made);
  const key = `${agent} ${isOwn} ${changes.map(({ jti }) => jti).join(" ")}`;
  const before = made.get(key);
  if (before !== undefined) return before;
  if (made.size >= MAX_KNOWN) made.clear();
  const nodes = claims.dag.nodes.map((node) =>
    matchesPattern(node.agent, agent)
      ? {
          ...node,
          constraints: changes.reduce((limits, change) => changed(limits, change, isOwn), node.constraints ?? {}),
        }
      : node,
  );
  const changedClaims: AcpClaims = { ...claims, dag: { ...claims.dag, nodes } };
  made.set(key, changedClaims);
  return changedClaims;
}

function changed(limits: Constraints, { set, onlyNarrow }: Change, isOwn: boolean): Constraints {
  const next = valuesOf(set).map(([name, value]): [ConstraintName, ConstraintValue] => {
    const own = limits[name];
    return [name, own === undefined || (!onlyNarrow && isOwn) ? value : (both(name, own, value) ?? own)];
  });
  // Each value is one of its name, of a parsed set of limits.
  return { ...limits, ...Object.fromEntries(next) };
}

function valuesOf(set: Constraints): [ConstraintName, ConstraintValue][] {
  return Object.entries(set).filter(([, value]) => value !== undefined) as [ConstraintName, ConstraintValue][]; // The names are the schema's.
}

/** What an agent may be changed in: each limit in force at its nodes, and what it would be without changes. */
export interface NodeLimits {
  readonly node: string;
  readonly inForce: readonly EffectiveConstraint[];
  readonly policy: readonly EffectiveConstraint[];
  /** Limits it was delegated under: the furthest a change may widen. */
  readonly delegated: readonly EffectiveConstraint[];
}

export function limitsOf(
  state: State,
  workflow: WorkflowState,
  agent: string,
  except: string | null = null,
): readonly NodeLimits[] {
  const policy = state.policies.get(workflow.acp);
  if (policy === undefined) return [];
  const bare = withoutOwnLimits(policy.claims, agent);
  const now = compilePolicy(policyInLimits(state, workflow, policy, agent, except));
  const plain = compilePolicy(policy.claims);
  return now.nodesOf(agent).map(({ node, constraints }) => ({
    node: node.id,
    inForce: constraints,
    policy: plain.nodes.get(node.id)?.constraints ?? [],
    delegated: compilePolicy(bare).nodes.get(node.id)?.constraints ?? [],
  }));
}

const bared = new WeakMap<AcpClaims, Map<string, AcpClaims>>();

function withoutOwnLimits(claims: AcpClaims, agent: string): AcpClaims {
  const made = bared.get(claims) ?? new Map<string, AcpClaims>();
  bared.set(claims, made);
  const before = made.get(agent);
  if (before !== undefined) return before;
  if (made.size >= MAX_KNOWN) made.clear();
  const nodes = claims.dag.nodes.map((node) => {
    const { constraints: _own, ...rest } = node;
    return matchesPattern(node.agent, agent) ? rest : node;
  });
  const bare: AcpClaims = { ...claims, dag: { ...claims.dag, nodes } };
  made.set(agent, bare);
  return bare;
}

/** What is wrong with a change of limits, given what is in force for everybody it reaches; null when nothing is. */
export function modifyProblem(state: State, claims: OverrideClaims): Refusal | null {
  if (claims.action !== "modify") return null;
  const params = modifyParamsSchema.safeParse(claims.params);
  if (!params.success) return refusal("token_claim_invalid", "params of modify", { claim: "params" });
  const { scope } = claims;
  if (scope.kind !== "agent" && scope.kind !== "workflow")
    return refusal("override_scope_unknown", "limits are changed for one agent or one workflow", { claim: "scope" });
  let reached = false;
  for (const workflow of state.workflows.values()) {
    if (workflow.status === "finished") continue;
    for (const agent of workflow.agents) {
      if (!scopeCovers(scope, { agent, wid: workflow.wid })) continue;
      reached = true;
      const problem = changeProblem(state, workflow, agent, claims, params.data.set, params.data.only_narrow);
      if (problem !== null) return problem;
    }
  }
  return reached ? null : refusal("override_scope_unknown", "nobody is in this scope", { claim: "scope" });
}

function changeProblem(
  state: State,
  workflow: WorkflowState,
  agent: string,
  claims: OverrideClaims,
  set: Constraints,
  onlyNarrow: boolean,
): Refusal | null {
  const rules = state.policies.get(workflow.acp)?.claims.hitl.rules ?? [];
  for (const { inForce, delegated } of limitsOf(state, workflow, agent, claims.supersedes ?? null)) {
    for (const [name, value] of valuesOf(set)) {
      if (fits(inForce, name, value)) continue;
      const from = inForce.find((limit) => limit.name === name)?.value;
      const what = `${name} ${JSON.stringify(value)} is not within ${JSON.stringify(from)}`;
      if (onlyNarrow) return refusal("override_widening", what, { claim: "params.set" });
      const rule = rules.find(({ trigger }) => trigger.kind === "limit" && trigger.constraint === name);
      if (rule !== undefined)
        return refusal("override_weakens_hitl", `rule ${rule.id} asks a human by its share of ${name} (OVR-21)`, {
          claim: "params.set",
        });
      if (!fits(delegated, name, value))
        return refusal("override_beyond_authority", `${what}, nor within what was delegated`, { claim: "params.set" });
    }
  }
  return null;
}

/** Whether a value is within every limit of its name. */
function fits(limits: readonly EffectiveConstraint[], name: ConstraintName, value: ConstraintValue): boolean {
  return limits.every((limit) => limit.name !== name || narrower(name, limit.value, value));
}
