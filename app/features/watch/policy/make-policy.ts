import { must } from "../../../base/assert.ts";
import { MAX_POLICY_BYTES, policyBytes } from "../../../protocol/acp/check-draft.ts";
import { type AcpClaimsInput, acpClaimsSchema, type Consequence } from "../../../protocol/acp/claims.ts";
import type { ActionFacts } from "./action-facts.ts";
import { setupOf } from "./domain-choice.ts";
import { consequenceOfAction, type PolicyChoice } from "./policy-choice.ts";

/** Who issues the policy, for what, and the agents by their index in the run. */
export interface PolicyContext {
  readonly operator: string;
  readonly pepId: string;
  readonly wid: string;
  readonly jti: string;
  /** Epoch seconds. */
  readonly nowS: number;
  readonly agents: readonly string[];
}

type AcpNode = AcpClaimsInput["dag"]["nodes"][number];
type Leaf = AcpNode & { readonly id: string };

/** A node delegates to at most this many (max_fanout is 64 at most); more get a tier between. */
const FANOUT = 60;
/** A policy has at most 256 nodes: the root, at most four tiers, and these. */
const MAX_LEAVES = 240;
/** The gravest first: the first node that fits an agent and an action decides. */
const CONSEQUENCES: readonly Consequence[] = ["irreversible", "reversible", "none"];

/**
 * The agent context policy of a run: the operator delegates to each agent the actions it took in the recording, one node per
 * agent and consequence, and what cannot be undone waits for an operator.
 */
export function makePolicy(
  choice: PolicyChoice,
  facts: readonly ActionFacts[],
  context: PolicyContext,
): AcpClaimsInput {
  const shapes = [leafNodes, jointNodes, broadNodes];
  const policies = shapes.map((shape) => policyOf(choice, context, shape(choice, facts, context.agents)));
  return policies.find(fits) ?? must(policies.at(-1), "three shapes");
}

/** What is signed has every default written out, which takes its bytes, too. */
const fits = (policy: AcpClaimsInput): boolean =>
  policyBytes(acpClaimsSchema.safeParse(policy).data ?? policy) <= MAX_POLICY_BYTES;

function policyOf(choice: PolicyChoice, context: PolicyContext, leaves: readonly Leaf[]): AcpClaimsInput {
  // What the root passes on is bounded by the nodes below it, which name the actions.
  const root: AcpNode = { id: "operator", agent: context.operator, actions: ["*"], delegable: true };
  return {
    iss: context.operator,
    sub: context.operator,
    aud: [context.pepId],
    iat: context.nowS,
    exp: context.nowS + choice.lifetimeS,
    jti: context.jti,
    wid: context.wid,
    acp_ver: 1,
    dag: { root: "operator", self: "operator", ...delegation(root, leaves) },
    hitl: { default_on_timeout: choice.onTimeout, rules: rulesOf(choice, leaves) },
    ...domainsOf(choice, context.agents),
  };
}

function domainsOf({ domains, ownDomains }: PolicyChoice, agents: readonly string[]) {
  if (domains === "agents") return { failure_domains: domainPerAgent(agents) };
  return domains === "own" ? { failure_domains: ownDomains.map((domain) => setupOf(domain, agents)) } : {};
}

/** Where the agents are more than a policy holds domains, the check of the policy says so, and nothing is started. */
const domainPerAgent = (agents: readonly string[]): AcpClaimsInput["failure_domains"] =>
  agents.map((agent, index) => ({ domain_id: `agent-${index + 1}`, members: [agent] }));

function rulesOf(choice: PolicyChoice, leaves: readonly Leaf[]): AcpClaimsInput["hitl"]["rules"] {
  if (!leaves.some((leaf) => leaf.consequence === "irreversible")) return [];
  return [
    {
      id: "approve-irreversible",
      trigger: { kind: "consequence", at_least: "irreversible" },
      role: "operator",
      action: "approve",
      approvals: choice.approvals,
      timeout_s: choice.timeoutS,
      on_timeout: choice.onTimeout,
      reason_required: choice.reasonRequired,
    },
  ];
}

type Shape = (choice: PolicyChoice, facts: readonly ActionFacts[], agents: readonly string[]) => Leaf[];

function leafOf(
  choice: PolicyChoice,
  id: string,
  agent: string,
  actions: readonly string[],
  consequence: Consequence,
): Leaf[] {
  const limits = choice.maxCalls === null ? {} : { constraints: { max_calls: choice.maxCalls } };
  return actions.length === 0 ? [] : [{ id, agent, actions: [...actions].sort(), consequence, ...limits }];
}

function actionsWith(
  choice: PolicyChoice,
  facts: readonly ActionFacts[],
  consequence: Consequence,
  agent: number | null,
) {
  return facts
    .filter((fact) => agent === null || fact.agents.includes(agent))
    .map((fact) => fact.action)
    .filter((action) => consequenceOfAction(choice, action) === consequence);
}

/** One node per agent and consequence. */
const leafNodes: Shape = (choice, facts, agents) => {
  const single = agents.flatMap((agent, index) =>
    CONSEQUENCES.flatMap((consequence) =>
      leafOf(choice, `a${index}-${consequence}`, agent, actionsWith(choice, facts, consequence, index), consequence),
    ),
  );
  return single.length <= MAX_LEAVES ? single : jointNodes(choice, facts, agents);
};

/** Where the agents are too many for a policy: one node per consequence for all of them. */
const jointNodes: Shape = (choice, facts, agents) =>
  CONSEQUENCES.flatMap((consequence) =>
    leafOf(
      choice,
      `all-${consequence}`,
      `${commonPrefix(agents)}*`,
      actionsWith(choice, facts, consequence, null),
      consequence,
    ),
  );

/** Where the actions are too many as well: only those that wait are named, everything else is one reversible node. */
const broadNodes: Shape = (choice, facts, agents) => {
  const anyAgent = `${commonPrefix(agents)}*`;
  const waiting = actionsWith(choice, facts, "irreversible", null);
  return [
    ...leafOf(choice, "all-irreversible", anyAgent, waiting, "irreversible"),
    ...leafOf(choice, "all-other", anyAgent, ["*"], "reversible"),
  ];
};

/** Up to and with the last slash that all have in common: `spiffe://…/agent/<wid>/`. */
function commonPrefix(agents: readonly string[]): string {
  const [first = ""] = agents;
  let length = first.length;
  for (const agent of agents) while (!agent.startsWith(first.slice(0, length))) length -= 1;
  return first.slice(0, first.lastIndexOf("/", length - 1) + 1);
}

/** The operator delegates to the agents, over tiers of its own when they are many. */
function delegation(root: AcpNode, leaves: readonly Leaf[]): Omit<AcpClaimsInput["dag"], "root" | "self"> {
  if (leaves.length <= FANOUT) {
    return {
      nodes: [root, ...leaves],
      edges: leaves.map((leaf) => ({ from: root.id, to: leaf.id, kind: "delegates" })),
      max_depth: 1,
      max_fanout: Math.max(1, leaves.length),
    };
  }
  const tiers = Array.from({ length: Math.ceil(leaves.length / FANOUT) }, (_, index) => {
    const below = leaves.slice(index * FANOUT, (index + 1) * FANOUT);
    return { node: { ...root, id: `tier-${index}` }, below };
  });
  return {
    nodes: [root, ...tiers.map((tier) => tier.node), ...leaves],
    edges: tiers.flatMap(({ node, below }) => [
      { from: root.id, to: node.id, kind: "delegates" as const },
      ...below.map((leaf) => ({ from: node.id, to: leaf.id, kind: "delegates" as const })),
    ]),
    max_depth: 2,
    max_fanout: FANOUT,
  };
}
