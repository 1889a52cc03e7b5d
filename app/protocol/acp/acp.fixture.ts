import { must } from "../../base/assert.ts";
import { type AcpClaims, type AcpClaimsInput, acpClaimsSchema } from "./claims.ts";
import { type DecisionContext, type IntendedAction, NO_USAGE, type NodeUsage } from "./decide-action.ts";

export const PLANNER = "spiffe://ops.example/agent/planner";
export const EXECUTOR = "spiffe://ops.example/agent/executor";

/** The example of acp-dag-hitl.md section (g), word for word. */
const EXAMPLE = `{"iss":"spiffe://ops.example/human/alice","sub":"spiffe://ops.example/agent/planner",
 "aud":["spiffe://ops.example/agent/planner","spiffe://ops.example/pep"],
 "iat":1772064000,"exp":1772085600,"jti":"0195400c-0000-7000-8000-0000000000b1",
 "wid":"0195400c-0000-7000-8000-00000000000a","acp_ver":1,
 "dag":{"root":"n1","self":"n1","max_depth":2,"nodes":[
   {"id":"n1","agent":"spiffe://ops.example/agent/planner","actions":["plan_*","apply_*"],"delegable":true,
    "constraints":{"max_cost":"50.00","currency":"EUR","domains":["ops.example"]}},
   {"id":"n2","agent":"spiffe://ops.example/agent/executor","actions":["apply_change"],
    "consequence":"irreversible","constraints":{"max_calls":3,"require_checkpoint":true}}],
  "edges":[{"from":"n1","to":"n2","kind":"delegates","actions":["apply_change"]}]},
 "hitl":{"default_on_timeout":"deny","rules":[
   {"id":"r1","trigger":{"kind":"consequence","at_least":"irreversible"},"role":"operator","action":"approve",
    "approvals":2,"timeout_s":600},
   {"id":"r2","trigger":{"kind":"limit","constraint":"max_cost","ratio":0.9},"role":"finance","action":"pause"}],
  "escalation":[{"role":"duty_manager","after_s":300}]}}`;

/** The example, changed before it is parsed. */
export function examplePolicy(change: (policy: AcpClaimsInput) => void = () => undefined): AcpClaims {
  const policy = JSON.parse(EXAMPLE) as AcpClaimsInput;
  change(policy);
  return acpClaimsSchema.parse(policy);
}

export type NodeInput = AcpClaimsInput["dag"]["nodes"][number];
export type RuleInput = AcpClaimsInput["hitl"]["rules"][number];

/** A policy with these nodes, the first of which delegates to all others unless edges are given. */
export function policyOf(
  nodes: readonly NodeInput[],
  rules: readonly RuleInput[] = [],
  edges: readonly (readonly [string, string])[] = nodes.slice(1).map(({ id }) => [nodes[0]?.id ?? "", id]),
): AcpClaims {
  const [root] = nodes;
  return examplePolicy((policy) => {
    policy.sub = must(root, "a policy has nodes").agent;
    policy.dag = {
      root: root?.id ?? "",
      self: root?.id ?? "",
      max_depth: 16,
      max_fanout: 64,
      nodes: [...nodes],
      edges: edges.map(([from, to]) => ({ from, to, kind: "delegates" })),
    };
    policy.hitl = { default_on_timeout: "deny", rules: [...rules] };
  });
}

/** The executor's change, with everything stated. */
export const CHANGE: IntendedAction = {
  agent: EXECUTOR,
  execAct: "apply_change",
  resources: ["https://ops.example/site/index"],
  dataClasses: ["internal"],
  protocol: "mcp",
  domains: [],
  cost: { amount: "1.00", currency: "EUR" },
  tokens: 100,
  durationS: 10,
  checkpoint: true,
};

/** Everything is known and nothing is wrong. */
export const CALM: DecisionContext = {
  nowS: 1_772_065_000,
  risk: 0,
  confidence: 1,
  trust: 1,
  level: 3,
  verdict: "conformant",
  breakers: [],
  consensus: "none",
};

export const noUsage = (): NodeUsage => NO_USAGE;
