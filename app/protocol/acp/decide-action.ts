import { parseAmount } from "./amounts.ts";
import { isCanonicalResource } from "./canonical-resource.ts";
import { type AcpClaims, type HitlRule, VERDICTS } from "./claims.ts";
import { type AcpNode, type CompiledPolicy, compilePolicy, type EffectiveConstraint } from "./compile-policy.ts";
import { atLeast, consequenceOf, matchesAny, matchesPattern } from "./match.ts";
import type { ConstraintName } from "./narrow.ts";

/**
 * What an agent intends (ACP P2). Members an agent did not state are null: a limit that needs one is then violated, and a
 * trigger that needs one matches, because what is not known is never taken as harmless [ours].
 */
export interface IntendedAction {
  readonly agent: string;
  readonly execAct: string;
  /** URIs it will touch. */
  readonly resources: readonly string[] | null;
  readonly dataClasses: readonly string[] | null;
  readonly protocol: "a2a" | "mcp" | "http" | null;
  /** Trust domains it reaches besides its own. */
  readonly domains: readonly string[] | null;
  /** What it will cost, use and last at most; zero is a statement, too. */
  readonly cost: { readonly amount: string; readonly currency: string } | null;
  readonly tokens: number | null;
  readonly durationS: number | null;
  /** Whether a checkpoint covers the state it changes. */
  readonly checkpoint: boolean | null;
}

/** What a node has used up before this action. */
export interface NodeUsage {
  readonly calls: number;
  /** In the 60 s before now. */
  readonly callsLastMinute: number;
  /** Decimal strings by currency. */
  readonly cost: Readonly<Record<string, string>>;
  readonly tokens: number;
  readonly durationS: number;
}

export const NO_USAGE: NodeUsage = { calls: 0, callsLastMinute: 0, cost: {}, tokens: 0, durationS: 0 };

/** What else is known at the moment of deciding; null is not known. */
export interface DecisionContext {
  /** Epoch seconds. */
  readonly nowS: number;
  /** 0..1, of the risk model. */
  readonly risk: number | null;
  /** 0..1, as the agent states it. */
  readonly confidence: number | null;
  /** 0..1 */
  readonly trust: number | null;
  /** Assurance level of the agent's tokens, 1..3. */
  readonly level: number | null;
  /** Newest behavioural verdict about the agent (behavior.md). */
  readonly verdict: string | null;
  /** States of the breakers on its path (cascade.md); empty when there are none. */
  readonly breakers: readonly string[] | null;
  /** Outcome of the consensus it depends on (consensus.md); `none` when it depends on none. */
  readonly consensus: string | null;
}

/** One line of the explanation, in the order of evaluation. Text is ours; names in it come from the token. */
export interface Reason {
  readonly step: "action" | "constraint" | "rule";
  /** Node id, constraint name, rule id. */
  readonly subject: string;
  readonly result: "passed" | "failed" | "matched" | "not_matched";
  readonly detail: string;
  /** Share of a limit after this action, where it is a quantity. */
  readonly ratio?: number;
}

export interface RoleApprovals {
  readonly role: string;
  readonly approvals: number;
}

/** The decision, with every reason (ACP-20: the same input gives the same list). */
export interface ActionDecision {
  readonly effect: "allow" | "gate" | "abort" | "refuse";
  /** Refusal code; null unless refused or aborted. */
  readonly code: "acp_action_denied" | "acp_constraint_violated" | "hitl_abort" | null;
  /** The violated constraint. */
  readonly constraint: ConstraintName | null;
  readonly node: string | null;
  /** Matching rules, notifications included, in order. */
  readonly ruleIds: readonly string[];
  /** The strongest action among them (abort > pause > escalate > approve > notify). */
  readonly strongest: HitlRule["action"] | null;
  /** Each role needs its own approvals. */
  readonly roles: readonly RoleApprovals[];
  readonly timeoutS: number | null;
  readonly reasons: readonly Reason[];
}

/** Strongest first (acp-dag-hitl.md, rule `action`). */
const STRENGTH: readonly HitlRule["action"][] = ["abort", "pause", "escalate", "approve", "notify"];

/** Decides about an intended action under an accepted policy: P2 steps 1 to 3. Pure; `usageOf` is asked once, for the node that decides. */
export function decideAction(
  policy: AcpClaims,
  action: IntendedAction,
  usageOf: (nodeId: string) => NodeUsage,
  context: DecisionContext,
): ActionDecision {
  const prepared = compilePolicy(policy);
  const found = prepared.nodeFor(action.agent, action.execAct);
  if (found === undefined) return denied(prepared, action);
  const { node } = found;
  const reasons: Reason[] = [
    { step: "action", subject: node.id, result: "passed", detail: `node ${node.id} lets the agent do this` },
  ];
  const usage = usageOf(node.id);
  const asked = weigh(action, context);
  for (const constraint of found.constraints) {
    const checked = check(constraint, asked, usage, found.constraints);
    reasons.push({
      step: "constraint",
      subject: constraint.name,
      result: checked.holds ? "passed" : "failed",
      detail: constraint.setBy === node.id ? checked.detail : `${checked.detail} (set at node ${constraint.setBy})`,
      ...(checked.ratio === undefined ? {} : { ratio: checked.ratio }),
    });
    if (!checked.holds)
      return {
        ...NOTHING,
        effect: "refuse",
        code: "acp_constraint_violated",
        constraint: constraint.name,
        node: node.id,
        reasons,
      };
    if (checked.ratio !== undefined) asked.shares.set(constraint.name, checked.ratio);
  }
  const matching: HitlRule[] = [];
  for (const rule of prepared.rules) {
    const outcome = matches(rule, node, asked);
    reasons.push({
      step: "rule",
      subject: rule.id,
      result: outcome.matches ? "matched" : "not_matched",
      detail: outcome.detail,
    });
    if (outcome.matches) matching.push(rule);
  }
  return combine(node, matching, reasons);
}

/** What is asked, with what several rules need worked out once. */
interface Asked {
  readonly action: IntendedAction;
  readonly context: DecisionContext;
  /** The first resource that is not in normal form. */
  readonly obscure: string | undefined;
  /** The first trust domain other than the agent's own. */
  readonly external: string | undefined;
  /** Shares of limits after this action. */
  readonly shares: Map<string, number>;
}

function weigh(action: IntendedAction, context: DecisionContext): Asked {
  const own = trustDomainOf(action.agent).toLowerCase();
  return {
    action,
    context,
    obscure: action.resources?.find((resource) => !isCanonicalResource(resource)),
    external: action.domains?.find((domain) => domain.toLowerCase() !== own),
    shares: new Map(),
  };
}

const NOTHING = { constraint: null, ruleIds: [], strongest: null, roles: [], timeoutS: null } as const;

function denied(policy: CompiledPolicy, action: IntendedAction): ActionDecision {
  const own = policy.nodesOf(action.agent);
  const detail =
    own.length === 0
      ? "the policy has no node for this agent"
      : `no node of this agent allows it: ${own.map(({ node }) => `${node.id} allows ${node.actions.join(", ")}`).join("; ")}`;
  const reason: Reason = { step: "action", subject: action.execAct, result: "failed", detail };
  return { ...NOTHING, effect: "refuse", code: "acp_action_denied", node: null, reasons: [reason] };
}

function combine(node: AcpNode, matching: readonly HitlRule[], reasons: readonly Reason[]): ActionDecision {
  const strongest = STRENGTH.find((candidate) => matching.some((rule) => rule.action === candidate)) ?? null;
  const waiting = matching.filter((rule) => rule.action !== "notify");
  const effect = strongest === "abort" ? "abort" : waiting.length > 0 ? "gate" : "allow";
  const roles = new Map<string, number>();
  for (const rule of waiting) roles.set(rule.role, Math.max(roles.get(rule.role) ?? 0, rule.approvals));
  return {
    effect,
    code: effect === "abort" ? "hitl_abort" : null,
    constraint: null,
    node: node.id,
    ruleIds: matching.map((rule) => rule.id),
    strongest,
    roles: effect === "gate" ? [...roles].map(([role, approvals]) => ({ role, approvals })) : [],
    timeoutS: effect === "gate" ? Math.min(...waiting.map((rule) => rule.timeout_s)) : null,
    reasons,
  };
}

interface Checked {
  readonly holds: boolean;
  readonly detail: string;
  readonly ratio?: number;
}

/** What was used before and what this action adds; no quantity is negative, or it would give back what was used. */
function quantity(before: number, added: number | null, allowed: number, unit: string): Checked {
  if (added === null) return { holds: false, detail: `the action does not state its ${unit}; the limit is ${allowed}` };
  if (!(before >= 0 && added >= 0))
    return { holds: false, detail: `${before} and ${added} are no quantities of ${unit}; the limit is ${allowed}` };
  const used = before + added;
  return { holds: used <= allowed, detail: `${used} of ${allowed} ${unit}`, ratio: share(used, allowed) };
}

/** Of nothing everything is used up. */
const share = (used: number, allowed: number): number => (allowed === 0 ? 1 : used / allowed);

/** A number that lies where its meaning is defined; anything else is not known. */
const known = (value: number | null, least: number, most: number): number | null =>
  value !== null && value >= least && value <= most ? value : null;

const among = (stated: readonly string[] | null, what: string, allows: (value: string) => boolean): Checked => {
  if (stated === null) return { holds: false, detail: `the agent did not state its ${what}` };
  const outside = stated.find((value) => !allows(value));
  return outside === undefined
    ? { holds: true, detail: stated.length === 0 ? `no ${what}` : `every ${what} is allowed` }
    : { holds: false, detail: `"${outside}" is not among the allowed ${what}` };
};

const atLeastNumber = (known: number | null, least: number, what: string): Checked =>
  known === null
    ? { holds: false, detail: `the ${what} is not known; ${least} is needed` }
    : { holds: known >= least, detail: `${what} ${known}; ${least} is needed` };

/** Each constraint against what this action would bring it to. */
function check(
  constraint: EffectiveConstraint,
  { action, context, obscure }: Asked,
  usage: NodeUsage,
  all: readonly EffectiveConstraint[],
): Checked {
  // The value has the type of its name: the schema checked it.
  const number = Number(constraint.value);
  const list = Array.isArray(constraint.value) ? (constraint.value as readonly string[]) : [];
  switch (constraint.name) {
    case "not_before":
      return { holds: context.nowS >= number, detail: `allowed from ${number}, now ${context.nowS}` };
    case "not_after":
      return { holds: context.nowS <= number, detail: `allowed until ${number}, now ${context.nowS}` };
    case "max_calls":
      return quantity(usage.calls, 1, number, "calls");
    case "rate_per_min":
      return quantity(usage.callsLastMinute, 1, number, "calls in a minute");
    case "max_cost":
      return checkCost(String(constraint.value), currenciesOf(all), action, usage);
    case "currency":
      return { holds: true, detail: `amounts are in ${String(constraint.value)}` };
    case "max_tokens":
      return quantity(usage.tokens, action.tokens, number, "tokens");
    case "max_duration_s":
      return quantity(usage.durationS, action.durationS, number, "seconds");
    case "resources":
      return obscure === undefined
        ? among(action.resources, "resource", (resource) => matchesAny(list, resource))
        : { holds: false, detail: `"${obscure}" is not in normal form` };
    case "data_classes":
      return among(action.dataClasses, "data class", (name) => list.includes(name));
    case "protocols":
      return among(action.protocol === null ? null : [action.protocol], "protocol", (name) => list.includes(name));
    case "min_level":
      return atLeastNumber(known(context.level, 1, 3), number, "assurance level");
    case "min_trust":
      return atLeastNumber(known(context.trust, 0, 1), number, "trust score");
    case "domains": {
      const allowed = new Set(list.map((domain) => domain.toLowerCase()));
      const reached = action.domains === null ? null : [trustDomainOf(action.agent), ...action.domains];
      return among(reached, "domain", (domain) => allowed.has(domain.toLowerCase()));
    }
    case "require_checkpoint":
      return constraint.value === true
        ? {
            holds: action.checkpoint === true,
            detail: action.checkpoint === true ? "a checkpoint covers it" : "no checkpoint covers it",
          }
        : { holds: true, detail: "no checkpoint is needed" };
  }
}

const currenciesOf = (all: readonly EffectiveConstraint[]): readonly string[] =>
  all.filter((constraint) => constraint.name === "currency").map((constraint) => String(constraint.value));

function checkCost(
  limit: string,
  [currency, ...others]: readonly string[],
  action: IntendedAction,
  usage: NodeUsage,
): Checked {
  const violated = (detail: string): Checked => ({ holds: false, detail });
  if (currency === undefined) return violated("the limit names no currency");
  if (others.length > 0) return violated(`limits in ${[currency, ...others].join(" and ")} hold at once`);
  if (action.cost === null) return violated(`the action does not state its cost; the limit is ${limit} ${currency}`);
  if (action.cost.currency !== currency)
    return violated(`the action costs ${action.cost.currency}, the limit is in ${currency}`);
  const foreign = Object.keys(usage.cost).find((name) => name !== currency);
  if (foreign !== undefined) return violated(`costs in ${foreign} were incurred, the limit is in ${currency}`);
  const before = parseAmount(usage.cost[currency] ?? "0");
  const added = parseAmount(action.cost.amount);
  const allowed = parseAmount(limit);
  if (before === null || added === null || allowed === null) return violated("an amount is no amount of money");
  const total = before.plus(added);
  return {
    holds: total.lte(allowed),
    detail: `${total.toFixed()} of ${limit} ${currency}`,
    ratio: share(total.toNumber(), allowed.toNumber()),
  };
}

interface Matched {
  readonly matches: boolean;
  readonly detail: string;
}

const notKnown = (what: string): Matched => ({
  matches: true,
  detail: `the ${what} is not known, which counts as a match`,
});

/** Outcomes that say the same of every action. */
const ALWAYS: Matched = { matches: true, detail: "matches every action" };
const NO_PATTERN: Matched = { matches: false, detail: "no pattern matches the action" };
const NO_RESOURCE: Matched = { matches: false, detail: "no touched resource matches" };
const NO_DOMAIN: Matched = { matches: false, detail: "no other trust domain is reached" };
const NO_BREAKER: Matched = { matches: false, detail: "no breaker on the path is in such a state" };

/** Whether a rule's trigger matches; limits read the share the constraint check has just found. */
function matches({ trigger }: HitlRule, node: AcpNode, { action, context, obscure, external, shares }: Asked): Matched {
  switch (trigger.kind) {
    case "always":
      return ALWAYS;
    case "action": {
      const pattern = trigger.patterns.find((candidate) => matchesPattern(candidate, action.execAct));
      return pattern === undefined ? NO_PATTERN : { matches: true, detail: `"${pattern}" matches the action` };
    }
    case "consequence": {
      const consequence = consequenceOf(node);
      return {
        matches: atLeast(consequence, trigger.at_least),
        detail: `the consequence is ${consequence}; the rule is for ${trigger.at_least} or graver`,
      };
    }
    case "risk": {
      const risk = known(context.risk, 0, 1);
      if (risk === null) return notKnown("risk");
      return { matches: risk >= trigger.min, detail: `risk ${risk}; the rule is for ${trigger.min} or more` };
    }
    case "confidence": {
      const confidence = known(context.confidence, 0, 1);
      if (confidence === null) return notKnown("agent's confidence");
      return {
        matches: confidence < trigger.below,
        detail: `confidence ${confidence}; the rule is for less than ${trigger.below}`,
      };
    }
    case "limit": {
      const used = shares.get(trigger.constraint);
      if (used === undefined) return { matches: false, detail: `no limit ${trigger.constraint} is set here` };
      return {
        matches: used >= trigger.ratio,
        detail: `${percent(used)} of ${trigger.constraint}; the rule is for ${percent(trigger.ratio)} or more`,
      };
    }
    case "resource": {
      if (action.resources === null) return notKnown("resource");
      if (obscure !== undefined)
        return { matches: true, detail: `"${obscure}" is not in normal form, which counts as a match` };
      const touched = action.resources.find((resource) => matchesAny(trigger.patterns, resource));
      return touched === undefined ? NO_RESOURCE : { matches: true, detail: `"${touched}" is touched` };
    }
    case "domain": {
      if (action.domains === null) return notKnown("trust domain it reaches");
      return external === undefined
        ? NO_DOMAIN
        : { matches: true, detail: `the trust domain "${external}" is reached` };
    }
    case "behavior":
      return isOneOf(VERDICTS, context.verdict)
        ? { matches: isOneOf(trigger.verdict_in, context.verdict), detail: `the verdict is ${context.verdict}` }
        : notKnown("behavioural verdict");
    case "cascade": {
      if (context.breakers === null) return notKnown("state of the breakers");
      const shut = context.breakers.find(
        (state) => isOneOf(trigger.state_in, state) || !isOneOf(PASSING_BREAKERS, state),
      );
      return shut === undefined ? NO_BREAKER : { matches: true, detail: `a breaker on the path is ${shut}` };
    }
    case "consensus": {
      if (context.consensus === null) return notKnown("outcome of the consensus");
      const nameable = isOneOf(NAMEABLE_OUTCOMES, context.consensus);
      return {
        matches: !nameable || isOneOf(trigger.outcome_in, context.consensus),
        detail: `the consensus is ${context.consensus}`,
      };
    }
  }
}

/** States in which a trigger that does not name them has nothing to say; forced open and isolated stop more than open. */
const PASSING_BREAKERS = ["closed", "half_open", "open"] as const;
/** Outcomes a trigger can name, and those under which there is nothing to ask; vetoed, withdrawn, escalated always match. */
const NAMEABLE_OUTCOMES = ["accepted", "none", "no_quorum", "rejected", "deadlock"] as const;

const isOneOf = (names: readonly string[], name: string | null): boolean => name !== null && names.includes(name);

const percent = (ratio: number): string =>
  // Rounded down, so that a share below a rule's does not read like it.
  `${Math.floor(ratio * 100_000 + 1e-6) / 1000} %`;

/** Authority component of an agent id (spec README section 4). */
export function trustDomainOf(agent: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/([^/]+)/i.exec(agent)?.[1] ?? "";
}
