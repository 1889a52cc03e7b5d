import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import type { AcpClaims, HitlRule } from "./claims.ts";
import { type AcpNode, compilePolicy, type EffectiveConstraint } from "./compile-policy.ts";
import { commonPattern, consequenceOf, coversPattern } from "./match.ts";
import { narrower } from "./narrow.ts";

/** The token a policy was derived from, as this verifier knows it. */
export interface KnownParent {
  readonly claims: AcpClaims;
  /** Token digest of its compact form. */
  readonly digest: string;
}

/**
 * P1 step 9: a derived token against the token it names; both passed `acceptAcp`. The digest is compared, so that a part of
 * another token cannot be spliced in (ACP-S2); everything may only get narrower (ACP-7) and every human rule stays, as
 * strong or stronger (ACP-8). Whether one without a parent may be issued by its issuer is the caller's to know.
 */
export function checkDerivation(child: AcpClaims, parent: KnownParent | undefined): Result<void, Refusal> {
  if (child.parent === undefined) return ok(undefined);
  if (parent === undefined)
    return err(refusal("acp_parent_missing", `the parent ${child.parent.jti} is not known here`, { claim: "parent" }));
  const problem =
    checkIdentity(child, child.parent, parent) ??
    checkNodes(child, parent.claims) ??
    checkOrder(child, parent.claims) ??
    checkEdges(child, parent.claims) ??
    checkRules(child, parent.claims) ??
    checkPaths(child, parent.claims);
  return problem === null ? ok(undefined) : err(problem);
}

function checkIdentity(
  child: AcpClaims,
  named: NonNullable<AcpClaims["parent"]>,
  { claims: parent, digest }: KnownParent,
): Refusal | null {
  if (named.jti !== parent.jti || named.hash !== digest)
    return refusal("acp_parent_mismatch", "the parent's digest is another one", { claim: "parent" });
  if (child.iss !== parent.sub)
    return refusal("acp_parent_mismatch", "only the holder of the parent may derive from it", { claim: "iss" });
  if (child.wid !== parent.wid) return refusal("acp_parent_mismatch", "another workflow", { claim: "wid" });
  const delegators = [child.iss, ...actors(parent.act)];
  const listed = actors(child.act);
  if (listed.length !== delegators.length || listed.some((actor, at) => actor !== delegators[at]))
    return refusal("acp_parent_mismatch", "act is not the parent's delegators with this one before them", {
      claim: "act",
    });
  if (child.exp > parent.exp) return refusal("acp_widening", "it lasts longer than its parent", { claim: "exp" });
  if ((child.nbf ?? child.iat) < (parent.nbf ?? parent.iat))
    return refusal("acp_widening", "it begins before its parent", { claim: "nbf" });
  const delegated = parent.dag.edges.some(
    (edge) => edge.kind === "delegates" && edge.from === parent.dag.self && edge.to === child.dag.self,
  );
  return delegated
    ? null
    : refusal("acp_parent_mismatch", "the parent does not delegate to this node", { claim: "dag.self" });
}

/** The actor chain, newest first (RFC 8693); a member that is no actor ends it with a name that nobody has. */
function actors(act: unknown): string[] {
  const chain: string[] = [];
  for (let at = act; at !== undefined; ) {
    if (typeof at !== "object" || at === null || !("sub" in at) || typeof at.sub !== "string") return [...chain, ""];
    chain.push(at.sub);
    at = "act" in at ? at.act : undefined;
  }
  return chain;
}

/** Nodes of the parent only, each with no more than it has there; what it inherits there must hold here too. */
function checkNodes(child: AcpClaims, parent: AcpClaims): Refusal | null {
  const [outers, inners] = [compilePolicy(parent).nodes, compilePolicy(child).nodes];
  for (const node of child.dag.nodes) {
    const widened = (what: string, claim = node.id): Refusal =>
      refusal("acp_widening", `node "${node.id}" ${what}`, { claim });
    const outer = outers.get(node.id);
    if (outer === undefined) return widened("is not in the parent");
    if (!coversPattern(outer.node.agent, node.agent)) return widened("is for another agent in the parent");
    const action = node.actions.find(
      (candidate) => !outer.node.actions.some((pattern) => coversPattern(pattern, candidate)),
    );
    if (action !== undefined) return widened(`may do "${action}", which the parent does not let it`);
    const wider = outer.constraints.find((limit) => !keeps(inners.get(node.id)?.constraints ?? [], limit));
    if (wider !== undefined) return widened(`has the constraint ${wider.name} wider or not at all`, wider.name);
    if (node.delegable === true && outer.node.delegable !== true) return widened("may not delegate in the parent");
    if (consequenceOf(node) !== consequenceOf(outer.node)) return widened("has another consequence in the parent");
  }
  return null;
}

const keeps = (constraints: readonly EffectiveConstraint[], limit: EffectiveConstraint): boolean =>
  constraints.some(({ name, value }) => name === limit.name && narrower(name, limit.value, value));

/**
 * The first node that fits decides (P2 step 1), so leaving one out or moving it back would hand its actions to a laxer one
 * behind it: what an earlier node of the parent decides must be decided by that node here as well, or be allowed to nobody.
 */
function checkOrder(child: AcpClaims, parent: AcpClaims): Refusal | null {
  for (const [at, node] of child.dag.nodes.entries()) {
    const earlierHere = child.dag.nodes.slice(0, at);
    for (const first of parent.dag.nodes) {
      if (first.id === node.id) break;
      const agent = commonPattern(first.agent, node.agent);
      if (agent === null) continue;
      const here = earlierHere.find((candidate) => candidate.id === first.id && coversPattern(candidate.agent, agent));
      const action = commonActions(first, node).find(
        (common) => here?.actions.some((pattern) => coversPattern(pattern, common)) !== true,
      );
      if (action !== undefined)
        return refusal("acp_widening", `"${action}" would be decided at "${node.id}" in place of "${first.id}"`, {
          claim: node.id,
        });
    }
  }
  return null;
}

const commonActions = (a: AcpNode, b: AcpNode): string[] =>
  a.actions.flatMap((one) => b.actions.flatMap((other) => commonPattern(one, other) ?? []));

function checkEdges(child: AcpClaims, parent: AcpClaims): Refusal | null {
  const same = (a: Edge) => (b: Edge) => a.kind === b.kind && a.from === b.from && a.to === b.to;
  for (const edge of child.dag.edges) {
    const outers = parent.dag.edges.filter(same(edge));
    if (outers.length === 0)
      return refusal("acp_widening", `the parent has no edge from "${edge.from}" to "${edge.to}"`, {
        claim: "dag.edges",
      });
    const passed = edge.actions ?? ["*"];
    const wider = outers.some(
      ({ actions }) =>
        actions !== undefined && !passed.every((one) => actions.some((pattern) => coversPattern(pattern, one))),
    );
    if (wider)
      return refusal("acp_widening", `the edge to "${edge.to}" passes on more than the parent's`, {
        claim: "dag.edges",
      });
  }
  const ids = new Set(child.dag.nodes.map((node) => node.id));
  const dropped = parent.dag.edges.find(
    (edge) => edge.kind === "precedes" && ids.has(edge.from) && ids.has(edge.to) && !child.dag.edges.some(same(edge)),
  );
  if (dropped !== undefined)
    return refusal("acp_widening", `"${dropped.from}" no longer precedes "${dropped.to}"`, { claim: "dag.edges" });
  if (child.dag.max_depth > parent.dag.max_depth || child.dag.max_fanout > parent.dag.max_fanout)
    return refusal("acp_widening", "depth or fan-out is larger than the parent's", { claim: "dag.max_depth" });
  return null;
}

type Edge = AcpClaims["dag"]["edges"][number];

/** ACP-8: rules by id, unchanged or stronger; more rules are fine. */
function checkRules(child: AcpClaims, parent: AcpClaims): Refusal | null {
  for (const rule of parent.hitl.rules) {
    const kept = child.hitl.rules.find((candidate) => candidate.id === rule.id);
    const weaker = kept === undefined ? "is missing" : weakerPart(rule, kept, parent, child);
    if (weaker !== null) return refusal("acp_hitl_weakened", `rule "${rule.id}" ${weaker}`, { claim: rule.id });
  }
  return null;
}

const STRENGTH: readonly HitlRule["action"][] = ["notify", "approve", "escalate", "pause", "abort"];
/** Silence: from consent to the end of the work. */
const SILENCE: readonly NonNullable<HitlRule["on_timeout"]>[] = ["allow", "escalate", "deny", "abort"];

function weakerPart(from: HitlRule, to: HitlRule, parent: AcpClaims, child: AcpClaims): string | null {
  if (JSON.stringify(from.trigger) !== JSON.stringify(to.trigger)) return "has another trigger";
  if (from.role !== to.role) return "asks another role";
  if (STRENGTH.indexOf(to.action) < STRENGTH.indexOf(from.action))
    return `is weakened from ${from.action} to ${to.action}`;
  if (to.approvals < from.approvals) return "needs fewer approvals";
  if (from.distinct_from_requester && !to.distinct_from_requester) return "lets the requester approve";
  if (from.reason_required && !to.reason_required) return "needs no reason";
  if (from.explain && !to.explain) return "needs no explanation";
  if (to.break_glass && !from.break_glass) return "lets one person approve in an emergency";
  if (from.commit_first && !to.commit_first) return "asks for no verdict before the agent's words";
  const before = SILENCE.indexOf(from.on_timeout ?? parent.hitl.default_on_timeout);
  const silence = to.on_timeout ?? child.hitl.default_on_timeout;
  if (SILENCE.indexOf(silence) < before) return "is more lenient when nobody answers";
  if (silence === "allow" ? to.timeout_s < from.timeout_s : to.timeout_s > from.timeout_s)
    return silence === "allow" ? "leaves less time to object" : "stays open longer";
  return null;
}

/** Who is asked when nobody answers is part of the policy: nobody new, nobody sooner; and nobody is told less. */
function checkPaths(child: AcpClaims, parent: AcpClaims): Refusal | null {
  const steps = parent.hitl.escalation ?? [];
  const added = child.hitl.escalation?.find(
    (step) => !steps.some(({ role, after_s }) => role === step.role && after_s <= step.after_s),
  );
  if (added !== undefined)
    return refusal("acp_hitl_weakened", `"${added.role}" is not asked, or not so soon, in the parent`, {
      claim: "hitl.escalation",
    });
  const told = new Set(child.hitl.contact);
  const dropped = parent.hitl.contact?.find((inbox) => !told.has(inbox));
  return dropped === undefined
    ? null
    : refusal("acp_hitl_weakened", `${dropped} is told no longer`, { claim: "hitl.contact" });
}

/**
 * Whether a token or one it derives from is revoked (P1 step 10, ACP-19). `parentOf` gives the parent's jti, or null at the
 * root. Returns the revoked ancestor's jti, or null.
 */
export function revokedAncestor(
  jti: string,
  parentOf: (jti: string) => string | null,
  isRevoked: (jti: string) => boolean,
): string | null {
  const walked = new Set<string>();
  for (let at: string | null = jti; at !== null && !walked.has(at); at = parentOf(at)) {
    if (isRevoked(at)) return at;
    walked.add(at);
  }
  return null;
}
