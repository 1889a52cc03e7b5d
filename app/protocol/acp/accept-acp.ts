import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import type { AcpClaims } from "./claims.ts";
import { type CompiledNode, effectiveNodes } from "./compile-policy.ts";
import { type DelegationGraph, delegationGraph } from "./delegation-graph.ts";
import { consequenceOf, coversPattern, matchesPattern } from "./match.ts";
import { narrower } from "./narrow.ts";

type AcpNode = AcpClaims["dag"]["nodes"][number];

/** What is wrong, and exactly where in the claims, e.g. `dag.nodes.2.actions`: the claim of a refusal says it only roughly. */
export interface AcpProblem extends Refusal {
  readonly at: string;
}

/** One step of P1 that needs nothing but the token; null where a requirement has no step of its own and is judged last. */
export interface AcceptanceCheck {
  readonly step: number | null;
  readonly check: string;
  /** Everything that is wrong at this step, found as it is asked for. It relies on the steps before it. */
  problems(claims: AcpClaims, graph: () => DelegationGraph): Iterable<AcpProblem>;
}

/** P1 steps 2 to 8 and ACP-15, in the order in which they are made. */
export const ACCEPTANCE_CHECKS: readonly AcceptanceCheck[] = [
  { step: 2, check: "members are well formed and agree with one another", problems: memberProblems },
  { step: 3, check: "every node has a name of its own, and root, holder and edges name nodes", problems: nodeProblems },
  { step: 4, check: "delegation has no circle and every node is reached from the root", problems: reachProblems },
  { step: 5, check: "delegation is not too deep and not too wide", problems: sizeProblems },
  { step: 6, check: "each node passes on only what it may", problems: actionProblems },
  { step: 7, check: "limits only get narrower, and costs have one currency", problems: constraintProblems },
  { step: 8, check: "the holder is the agent of its own node", problems: subjectProblems },
  { step: null, check: "every irreversible action waits for a human (ACP-15)", problems: ungatedProblems },
];

/**
 * P1 steps 2 to 8 for a token that passed common verification, and ACP-15: the first that fails. Step 2's shape is the
 * schema's; derivation (step 9), revocation (10) and proof of possession (11) need more than the token and are the engine's.
 */
export function acceptAcp(claims: AcpClaims): Result<void, Refusal> {
  const graph = graphOf(claims);
  for (const { problems } of ACCEPTANCE_CHECKS)
    for (const { at: _place, ...problem } of problems(claims, graph)) return err(problem);
  return ok(undefined);
}

/** Problems that are named at once; a policy with more is not corrected by reading them. */
const MAX_PROBLEMS = 20;

/** All that is wrong at the first step that fails; later steps rely on it. Empty for a policy that `acceptAcp` takes. */
export function acceptanceProblems(claims: AcpClaims): readonly AcpProblem[] {
  const graph = graphOf(claims);
  for (const { problems } of ACCEPTANCE_CHECKS) {
    const found: AcpProblem[] = [];
    for (const problem of problems(claims, graph)) if (found.push(problem) === MAX_PROBLEMS) break;
    if (found.length > 0) return found;
  }
  return [];
}

/** The delegation graph, walked when it is first needed. */
export function graphOf(claims: AcpClaims): () => DelegationGraph {
  let walked: DelegationGraph | undefined;
  return () => (walked ??= delegationGraph(claims));
}

function problem(code: string, detail: string, claim: string | undefined, at: string): AcpProblem {
  return { ...refusal(code, detail, claim === undefined ? {} : { claim }), at };
}

/** Step 2, what one member says about another. */
function* memberProblems(claims: AcpClaims): Generator<AcpProblem> {
  if (claims.act !== undefined && claims.parent === undefined)
    yield problem("acp_claim_invalid", "only a derived policy names its delegators", "act", "act");
  const ids = claims.hitl.rules.map((rule) => rule.id);
  for (const [at, id] of ids.entries())
    if (ids.indexOf(id) !== at)
      yield problem("acp_claim_invalid", `two rules are called "${id}"`, "hitl.rules", `hitl.rules.${at}.id`);
  yield* timeoutProblems(claims);
}

/** ACP-10: silence is consent only where an action has no consequence. */
function* timeoutProblems({ dag, hitl }: AcpClaims): Generator<AcpProblem> {
  if (!dag.nodes.some((node) => consequenceOf(node) !== "none")) return;
  const allowing = (at: string): AcpProblem =>
    problem(
      "acp_claim_invalid",
      "a time-out may allow only where no action has a consequence",
      "hitl.default_on_timeout",
      at,
    );
  if (hitl.default_on_timeout === "allow") yield allowing("hitl.default_on_timeout");
  for (const [at, rule] of hitl.rules.entries())
    if (rule.on_timeout === "allow") yield allowing(`hitl.rules.${at}.on_timeout`);
}

/** Step 3. */
function* nodeProblems({ dag }: AcpClaims): Generator<AcpProblem> {
  const ids = new Set(dag.nodes.map(({ id }) => id));
  if (ids.size < dag.nodes.length)
    for (const [at, { id }] of dag.nodes.entries())
      if (dag.nodes.some((other, place) => other.id === id && place !== at))
        yield problem("acp_dag_dangling", "two nodes have the same id", undefined, `dag.nodes.${at}.id`);
  const named: readonly (readonly [string, string])[] = [
    ["dag.root", dag.root],
    ["dag.self", dag.self],
    ...dag.edges.flatMap(({ from, to }, at): [string, string][] => [
      [`dag.edges.${at}.from`, from],
      [`dag.edges.${at}.to`, to],
    ]),
  ];
  for (const [at, id] of named)
    if (!ids.has(id)) yield problem("acp_dag_dangling", `no node is called "${id}"`, "dag", at);
}

/** Step 4. */
function* reachProblems({ dag }: AcpClaims, graph: () => DelegationGraph): Generator<AcpProblem> {
  const { order, depths } = graph();
  if (order.length < dag.nodes.length) {
    const at = edgeOfCircle(dag, new Set(order.map((node) => node.id)));
    yield problem("acp_dag_cycle", "delegation runs in a circle", "dag.edges", `dag.edges.${at}.to`);
    return;
  }
  for (const [at, { id }] of dag.nodes.entries())
    if (!depths.has(id))
      yield problem(
        "acp_dag_unreachable",
        `node "${id}" is not reachable from the root`,
        "dag.nodes",
        `dag.nodes.${at}`,
      );
}

/**
 * The last edge that is on a circle, or leads from one to another. What is missing from the order is on a circle or below one;
 * what leads nowhere among that is left out until nothing changes.
 */
function edgeOfCircle({ nodes, edges }: AcpClaims["dag"], ordered: ReadonlySet<string>): number {
  const left = new Set(nodes.flatMap(({ id }) => (ordered.has(id) ? [] : [id])));
  const isLeft = ({ kind, from, to }: AcpClaims["dag"]["edges"][number]): boolean =>
    kind === "delegates" && left.has(from) && left.has(to);
  for (let before = -1; before !== left.size; ) {
    before = left.size;
    const leading = new Set(edges.filter(isLeft).map(({ from }) => from));
    for (const id of left) if (!leading.has(id)) left.delete(id);
  }
  return edges.findLastIndex(isLeft);
}

/** Step 5. */
function* sizeProblems({ dag }: AcpClaims, graph: () => DelegationGraph): Generator<AcpProblem> {
  const { depths, fanoutOf } = graph();
  const deepest = Math.max(...depths.values());
  if (deepest > dag.max_depth)
    yield problem(
      "acp_dag_too_deep",
      `delegation is ${deepest} deep; ${dag.max_depth} is allowed`,
      "dag.max_depth",
      "dag.max_depth",
    );
  for (const { id } of dag.nodes)
    if (fanoutOf(id) > dag.max_fanout)
      yield problem(
        "acp_dag_fanout",
        `node "${id}" delegates to ${fanoutOf(id)}; ${dag.max_fanout} is allowed`,
        "dag.max_fanout",
        "dag.max_fanout",
      );
}

/** Step 6: only what may be passed on is passed on (ACP-7). */
function* actionProblems({ dag }: AcpClaims): Generator<AcpProblem> {
  const nodes = new Map(dag.nodes.map((node, at) => [node.id, { node, at }]));
  for (const [edgeAt, edge] of dag.edges.entries()) {
    const [from, to] = [nodes.get(edge.from), nodes.get(edge.to)];
    if (edge.kind !== "delegates" || from === undefined || to === undefined) continue;
    if (from.node.delegable !== true) {
      const detail = `node "${edge.from}" may not delegate`;
      yield problem("acp_not_delegable", detail, edge.from, `dag.nodes.${from.at}.delegable`);
      continue;
    }
    const passedOn = edge.actions ?? from.node.actions;
    const widened = (action: string, at: string): AcpProblem =>
      problem("acp_widening", `"${action}" at "${edge.to}" is more than "${edge.from}" may pass on`, edge.to, at);
    const tooMuch = passedOn.find((action) => !covered(action, from.node.actions));
    if (tooMuch !== undefined) yield widened(tooMuch, `dag.edges.${edgeAt}.actions`);
    const taken = to.node.actions.find((action) => !covered(action, passedOn));
    if (taken !== undefined) yield widened(taken, `dag.nodes.${to.at}.actions`);
  }
}

const covered = (action: string, by: readonly string[]): boolean => by.some((outer) => coversPattern(outer, action));

/**
 * Step 7: against what is in force above, not only what the node above writes down: a limit that it inherits cannot be
 * widened below it either. And an amount is nothing without its currency.
 */
function* constraintProblems(claims: AcpClaims): Generator<AcpProblem> {
  const { dag } = claims;
  const nodes = effectiveNodes(claims);
  const places = new Map(dag.nodes.map(({ id }, at) => [id, `dag.nodes.${at}.constraints`]));
  for (const edge of dag.edges) {
    const [from, to] = [nodes.get(edge.from), nodes.get(edge.to)];
    if (edge.kind !== "delegates" || from === undefined || to === undefined) continue;
    const own = to.node.constraints ?? {};
    for (const { name, value, setBy } of from.constraints) {
      const set = own[name];
      if (set === undefined || narrower(name, value, set)) continue;
      const detail = `the constraint ${name} of "${edge.to}" is wider than that set at "${setBy}"`;
      yield problem("acp_widening", detail, name, `${places.get(edge.to)}.${name}`);
    }
  }
  for (const { id } of dag.nodes)
    if (!hasOneCurrency(nodes.get(id))) {
      const detail = `the cost of node "${id}" is limited in no currency or in several`;
      yield problem("acp_claim_invalid", detail, "currency", `${places.get(id)}.currency`);
    }
}

function hasOneCurrency(compiled: CompiledNode | undefined): boolean {
  const constraints = compiled?.constraints ?? [];
  return (
    !constraints.some(({ name }) => name === "max_cost") ||
    constraints.filter(({ name }) => name === "currency").length === 1
  );
}

/** Step 8; a token whose `self` is another's node is a confused deputy (ACP-S1). */
function* subjectProblems({ dag, sub }: AcpClaims): Generator<AcpProblem> {
  const self = dag.nodes.find((node) => node.id === dag.self);
  if (self === undefined || !matchesPattern(self.agent, sub))
    yield problem("acp_subject_mismatch", "sub does not match the agent of its own node", "sub", "sub");
}

/** ACP-15, judged rule by rule: every irreversible action must meet a rule that waits for a human. */
function* ungatedProblems(claims: AcpClaims): Generator<AcpProblem> {
  for (const [at, node] of claims.dag.nodes.entries()) {
    if (consequenceOf(node) !== "irreversible") continue;
    const open = node.actions.find((action) => !gated(claims, node, action));
    if (open === undefined) continue;
    const detail = `"${open}" of node "${node.id}" is irreversible and no rule holds it for a human`;
    yield problem("acp_irreversible_ungated", detail, node.id, `dag.nodes.${at}.consequence`);
  }
}

function gated(claims: AcpClaims, node: AcpNode, action: string): boolean {
  return claims.hitl.rules.some((rule) => {
    if (rule.action === "notify") return false;
    const { trigger } = rule;
    if (trigger.kind === "always") return true;
    if (trigger.kind === "consequence") return consequenceOf(node) === "irreversible";
    return trigger.kind === "action" && trigger.patterns.some((pattern) => coversPattern(pattern, action));
  });
}
