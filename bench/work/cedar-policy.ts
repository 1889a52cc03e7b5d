import type * as Cedar from "@cedar-policy/cedar-wasm/web";
import type { Trigger } from "../../app/protocol/acp/claims.ts";
import {
  actionOf,
  agentAt,
  benchQuestions,
  consequenceAt,
  LIMITS,
  leafCount,
  type PolicyEngine,
  type Question,
  rulesOfBench,
} from "./policy.ts";

/** What is used of Cedar: policies parsed once, requests decided one by one. Both builds have it. */
export type CedarModule = Pick<typeof Cedar, "preparsePolicySet" | "statefulIsAuthorized" | "getCedarVersion">;

const POLICY_SET = "bench";
const CONSEQUENCES = ["none", "reversible", "irreversible"];

/**
 * The bench's policy in Cedar: a `permit` for each node that an agent has, with the limits in force there as its condition,
 * and a `forbid` for each rule that waits for a human. A rule that matches is a reason of the denial, as it is with us.
 */
export function openCedar(cedar: CedarModule): PolicyEngine {
  const staticPolicies = Object.fromEntries([
    ...Array.from({ length: leafCount }, (_, leaf) => [`leaf${leaf}`, permitOf(leaf)] as const),
    ...rulesOfBench().map((rule) => [
      rule.id,
      `forbid(principal, action, resource) when { ${conditionOf(rule.trigger)} };`,
    ]),
  ]);
  const parsed = cedar.preparsePolicySet(POLICY_SET, { staticPolicies });
  if (parsed.type === "failure") throw new Error(`Cedar does not parse the policy: ${JSON.stringify(parsed.errors)}`);
  const calls = benchQuestions().map(callOf);
  return {
    name: `Cedar ${cedar.getCedarVersion()} in WebAssembly`,
    ask: (at) => {
      const call = calls[at];
      const answer = call === undefined ? null : cedar.statefulIsAuthorized(call);
      if (answer?.type !== "success" || answer.response.diagnostics.errors.length > 0)
        throw new Error(`Cedar did not decide: ${JSON.stringify(answer)}`);
      const { decision, diagnostics } = answer.response;
      return { allowed: decision === "allow", rules: diagnostics.reason };
    },
  };
}

const text = (words: string): string => JSON.stringify(words);
const list = (items: readonly string[]): string => `[${items.map(text).join(", ")}]`;
/** Fractions as whole numbers: Cedar's own have four digits and no arithmetic. */
const ppm = (share: number): number => Math.round(share * 1_000_000);

function permitOf(leaf: number): string {
  return `permit(principal == Agent::${text(agentAt(leaf))}, action, resource) when {
    (context.act == "read" || context.act like ${text(`${actionOf(leaf)}*`)}) &&
    context.calls <= principal.maxCalls && context.callsLastMinute <= ${LIMITS.ratePerMin} &&
    context.costCents <= principal.maxCostCents && context.currency == "EUR" &&
    context.tokens <= principal.maxTokens &&
    resource.first like "https://bench.local/*" && resource.second like "https://bench.local/*" &&
    ["mcp", "http"].contains(context.protocol) && context.level >= ${LIMITS.minLevel} };`;
}

function conditionOf(trigger: Trigger): string {
  switch (trigger.kind) {
    case "always":
      return "true";
    case "action":
      return trigger.patterns.map((pattern) => `context.act like ${text(pattern)}`).join(" || ");
    case "consequence":
      return `principal.consequence >= ${CONSEQUENCES.indexOf(trigger.at_least)}`;
    case "risk":
      return `context.risk >= ${ppm(trigger.min)}`;
    case "confidence":
      return `context.confidence < ${ppm(trigger.below)}`;
    case "limit":
      return trigger.constraint === "max_cost"
        ? `context.costCents * 1000000 >= principal.maxCostCents * ${ppm(trigger.ratio)}`
        : `context.tokens * 1000000 >= principal.maxTokens * ${ppm(trigger.ratio)}`;
    case "resource":
      return ["first", "second"]
        .flatMap((name) => trigger.patterns.map((pattern) => `resource.${name} like ${text(pattern)}`))
        .join(" || ");
    case "domain":
      return "!context.domains.isEmpty()";
    case "behavior":
      return `${list(trigger.verdict_in)}.contains(context.verdict)`;
    case "cascade":
      return `context.breakers.containsAny(${list(trigger.state_in)})`;
    case "consensus":
      return `${list(trigger.outcome_in)}.contains(context.consensus)`;
  }
}

const cents = (amount: string | undefined): number => Math.round(Number(amount ?? 0) * 100);

/** The request with the usage after the action, which Cedar does not add up itself; made before anything is timed. */
function callOf({ action, usage, context }: Question): Cedar.StatefulAuthorizationCall {
  const principal = { type: "Agent", id: action.agent };
  const resource = { type: "Target", id: action.resources?.[0] ?? "" };
  const [first = "", second = ""] = action.resources ?? [];
  const leaf = Number(/\d+$/.exec(action.agent)?.[0]);
  return {
    preparsedPolicySetId: POLICY_SET,
    principal,
    action: { type: "Action", id: "do" },
    resource,
    context: {
      act: action.execAct,
      calls: usage.calls + 1,
      callsLastMinute: usage.callsLastMinute + 1,
      costCents: cents(usage.cost.EUR) + cents(action.cost?.amount),
      currency: action.cost?.currency ?? "",
      tokens: usage.tokens + (action.tokens ?? 0),
      protocol: action.protocol ?? "",
      level: context.level ?? 0,
      risk: ppm(context.risk ?? 1),
      confidence: ppm(context.confidence ?? 0),
      verdict: context.verdict ?? "",
      breakers: [...(context.breakers ?? [])],
      consensus: context.consensus ?? "",
      domains: [...(action.domains ?? [])],
    },
    entities: [
      {
        uid: principal,
        attrs: {
          consequence: CONSEQUENCES.indexOf(consequenceAt(leaf)),
          maxCalls: LIMITS.maxCalls,
          maxCostCents: LIMITS.maxCostCents,
          maxTokens: LIMITS.maxTokens,
        },
        parents: [],
      },
      { uid: resource, attrs: { first, second }, parents: [] },
    ],
  };
}
