import { err, ok, type Result } from "../../base/result.ts";
import { checkDraft } from "./check-draft.ts";
import type { AcpClaims, HitlRule } from "./claims.ts";
import { commonPattern, consequenceOf, matchesAny, matchesPattern } from "./match.ts";

type AcpNode = AcpClaims["dag"]["nodes"][number];

/** Requests of one agent and action that people answered the same way each time. */
export interface DecidedAlike {
  readonly agent: string;
  readonly execAct: string;
  /** Every rule that held one of them. */
  readonly ruleIds: readonly string[];
  readonly outcome: "approved" | "rejected";
}

/** A changed policy that would have answered as the people did, and what is different in it. */
export interface ProposedDraft {
  readonly claims: AcpClaims;
  readonly changes: readonly ProposedChange[];
  /** Other agents (or patterns of them) for which the same action is decided differently as well. */
  readonly alsoFor: readonly string[];
}

export type ProposedChange =
  | { readonly kind: "rule_removed"; readonly rule: string }
  | { readonly kind: "rule_narrowed"; readonly rule: string; readonly patterns: readonly string[] }
  | { readonly kind: "node_removed"; readonly node: string }
  | { readonly kind: "action_removed"; readonly node: string };

/**
 * Why no draft can be made of decisions; `subject` is the rule or node that it is about. `no_rule` and `rule_unknown`: what
 * held the requests does not hold the action under this policy.
 */
export interface NoDraft {
  readonly code:
    | "irreversible"
    | "no_rule"
    | "rule_unknown"
    | "rule_not_by_action"
    | "several_people"
    | "pattern_too_wide"
    | "action_not_named"
    | "not_a_policy";
  readonly subject: string | null;
}

/**
 * "Make this a policy" (N5, R2): the policy changed so that it answers as people did each time. What was approved is asked
 * about no more; what was rejected is allowed no more. Nothing else is decided differently, except for the agents in
 * `alsoFor`; where that cannot be written, and for what cannot be undone (ACP-15), there is no draft.
 */
export function draftFromDecisions(policy: AcpClaims, decided: DecidedAlike): Result<ProposedDraft, NoDraft> {
  const made = decided.outcome === "approved" ? withoutAsking(policy, decided) : withoutAction(policy, decided);
  if (!made.ok) return made;
  const checked = checkDraft(made.value.claims);
  if (!checked.ok) return err({ code: "not_a_policy", subject: checked.error[0]?.message ?? null });
  return ok({ ...made.value, claims: checked.value });
}

function withoutAsking(policy: AcpClaims, { agent, execAct, ruleIds }: DecidedAlike): Result<ProposedDraft, NoDraft> {
  const doers = policy.dag.nodes.filter((node) => isAsked(policy, node) && matchesAny(node.actions, execAct));
  const grave = doers.find((node) => consequenceOf(node) === "irreversible");
  if (grave !== undefined) return err({ code: "irreversible", subject: grave.id });
  if (ruleIds.length === 0) return err({ code: "no_rule", subject: null });
  const changes: ProposedChange[] = [];
  const rules: HitlRule[] = [];
  const missing = ruleIds.find((id) => !policy.hitl.rules.some((rule) => rule.id === id));
  if (missing !== undefined) return err({ code: "rule_unknown", subject: missing });
  for (const rule of policy.hitl.rules) {
    if (!ruleIds.includes(rule.id)) {
      rules.push(rule);
      continue;
    }
    const { trigger } = rule;
    if (trigger.kind !== "action") return err({ code: "rule_not_by_action", subject: rule.id });
    if (!matchesAny(trigger.patterns, execAct)) return err({ code: "no_rule", subject: rule.id });
    // D5: what needs several people goes on needing them.
    if (rule.approvals > 1) return err({ code: "several_people", subject: rule.id });
    const patterns = trigger.patterns.flatMap((pattern) => patternWithout(policy, pattern, execAct) ?? TOO_WIDE);
    if (patterns.includes(TOO_WIDE)) return err({ code: "pattern_too_wide", subject: rule.id });
    const left = [...new Set(patterns)];
    if (left.length === 0) {
      changes.push({ kind: "rule_removed", rule: rule.id });
      continue;
    }
    changes.push({ kind: "rule_narrowed", rule: rule.id, patterns: left });
    rules.push({ ...rule, trigger: { kind: "action", patterns: left } });
  }
  const alsoFor = doers.map((node) => node.agent).filter((other) => other !== agent);
  return ok({ claims: { ...policy, hitl: { ...policy.hitl, rules } }, changes, alsoFor: [...new Set(alsoFor)] });
}

/** Stands for a pattern that cannot be written without taking other actions along; no pattern is empty. */
const TOO_WIDE = "";

/**
 * The patterns for everything a pattern matches but one action, as far as the policy lets anybody ask for it; null where a
 * node names its actions so widely that this cannot be listed.
 */
function patternWithout(policy: AcpClaims, pattern: string, execAct: string): string[] | null {
  if (!matchesPattern(pattern, execAct)) return [pattern];
  if (pattern === execAct) return [];
  const others: string[] = [];
  for (const node of policy.dag.nodes) {
    if (!isAsked(policy, node)) continue;
    for (const named of node.actions) {
      const common = commonPattern(pattern, named);
      if (common === null || common === execAct) continue;
      if (matchesPattern(common, execAct)) return null;
      others.push(common);
    }
  }
  return others;
}

/** Whoever issued the policy delegates and does not ask: its node names what may be passed on. */
const isAsked = (policy: AcpClaims, node: AcpNode): boolean => node.agent !== policy.iss;

function withoutAction(policy: AcpClaims, { agent, execAct }: DecidedAlike): Result<ProposedDraft, NoDraft> {
  const { nodes, edges } = policy.dag;
  // A later node that fits would decide in the place of the first: none of them may allow it.
  const allowing = nodes.filter((node) => matchesPattern(node.agent, agent) && matchesAny(node.actions, execAct));
  if (allowing.length === 0) return err({ code: "action_not_named", subject: null });
  const wide = allowing.find(
    (node) => !node.actions.every((named) => named === execAct || !matchesAny([named], execAct)),
  );
  if (wide !== undefined) return err({ code: "pattern_too_wide", subject: wide.id });
  const ids = new Set(allowing.map((node) => node.id));
  const isLeaf = (id: string): boolean => !edges.some(({ from }) => from === id) && id !== policy.dag.self;
  const gone = new Set(
    allowing.filter((node) => isLeaf(node.id) && node.actions.every((named) => named === execAct)).map(({ id }) => id),
  );
  const changes = allowing.map(
    ({ id }): ProposedChange => ({
      kind: gone.has(id) ? "node_removed" : "action_removed",
      node: id,
    }),
  );
  const left = nodes
    .filter(({ id }) => !gone.has(id))
    .map((node) => (ids.has(node.id) ? { ...node, actions: node.actions.filter((named) => named !== execAct) } : node));
  const kept = edges.filter(({ from, to }) => !gone.has(from) && !gone.has(to));
  const alsoFor = allowing.map((node) => node.agent).filter((other) => other !== agent);
  return ok({
    claims: { ...policy, dag: { ...policy.dag, nodes: left, edges: kept } },
    changes,
    alsoFor: [...new Set(alsoFor)],
  });
}
