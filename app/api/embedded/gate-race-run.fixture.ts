import type { AcpClaimsInput } from "../../protocol/acp/claims.ts";
import type { RecordedRun, RunTask } from "../../protocol/run/recorded-run.ts";

/** What is re-enacted while two tabs race: gated actions, all at once, after one that needs nobody. */

/** Approvals each action takes: of one person, of two besides whoever started it, of one who may change it. */
export const APPROVALS: Readonly<Record<string, number>> = { deploy_one: 1, deploy_two: 2, deploy_size: 1 };

/** The gated tasks by name; each does the action it is named for. */
export const GATED = ["one-a", "one-b", "two-a", "two-b", "two-c", "size-a"] as const;
export type Gated = (typeof GATED)[number];
const actionOf = (name: string): string => `deploy_${name.split("-")[0]}`;

/** What `deploy_size` asks for in its arguments; an approval may make it less. */
export const ASKED_SIZE = 10;

export function raceRun(): RecordedRun {
  const task = (id: string, action: string, parents: readonly string[], startMs: number): RunTask => ({
    id,
    name: id,
    action,
    agent: parents.length === 0 ? "builder" : "deployer",
    parents: parents.map((parent) => ({ id: parent, inferred: false })),
    caller: null,
    startMs,
    durationMs: 1000,
    outcome: "success",
    error: null,
    attempt: 0,
    inputs: [],
    outputs: [`${id}.out`],
    args: action === "deploy_size" ? { size: ASKED_SIZE } : { step: id },
    narrative: `I will do ${id}`,
    usage: null,
    attributes: {},
  });
  return {
    version: 1,
    format: "wfformat",
    formatVersion: "1.5",
    name: "Raced run",
    source: { file: "raced.json", origin: null },
    callers: "edges",
    schedule: "recorded",
    observedOnly: false,
    startedAtMs: null,
    makespanMs: 2000,
    agents: [
      { id: "builder", name: "Builder", kind: "program" },
      { id: "deployer", name: "Deployer", kind: "program" },
    ],
    tasks: [task("build", "build_site", [], 0), ...GATED.map((name) => task(name, actionOf(name), ["build"], 1000))],
    counts: {},
    warnings: [],
  };
}

/** Each gated action has its rule, named like it. */
export function racePolicy(policy: AcpClaimsInput): AcpClaimsInput {
  return {
    ...policy,
    dag: {
      ...policy.dag,
      nodes: policy.dag.nodes.map((node) =>
        node.id !== "op" && node.actions.includes("deploy_one") ? { ...node, consequence: "irreversible" } : node,
      ),
    },
    hitl: {
      default_on_timeout: "deny",
      rules: Object.entries(APPROVALS).map(([action, approvals]) => ({
        id: action,
        trigger: { kind: "action", patterns: [action] },
        role: "operator",
        action: "approve",
        approvals,
        timeout_s: 900,
      })),
    },
  };
}
