import type * as z from "zod";
import { agentUri, type RunPlan } from "../../engine/workflow/plan.ts";
import type { AcpClaims } from "../../protocol/acp/claims.ts";
import { compilePolicy } from "../../protocol/acp/compile-policy.ts";
import type { blastSchema, reachSchema } from "../contract/gate-context.ts";

/** Names and agents shown at most. */
const MAX_NAMES = 20;
const MAX_AGENTS = 50;
const MAX_NAME = 256;

export type Blast = z.infer<typeof blastSchema>;
type Reach = z.infer<typeof reachSchema>;

/** Where a task stands: its plan, the policy it runs under, the names of its agents. */
export interface TaskPlace {
  readonly plan: RunPlan;
  readonly index: number;
  readonly policy: AcpClaims;
  readonly domain: string;
  readonly wid: string;
}

/** Plans and policies do not change, and a queue asks for the same ones with every change of the log. */
const irreversibles = new WeakMap<AcpClaims, WeakMap<RunPlan, Uint8Array>>();
const blasts = new WeakMap<AcpClaims, WeakMap<RunPlan, Map<number, Blast>>>();

export function blastOf(place: TaskPlace): Blast {
  const known = memo(
    memo(blasts, place.policy, () => new WeakMap<RunPlan, Map<number, Blast>>()),
    place.plan,
    () => new Map(),
  );
  const kept = known.get(place.index);
  if (kept !== undefined) return kept;
  const after = reachable(place.plan.successors, place.index);
  const lasting = irreversibleTasks(place);
  const blast = {
    tasks: after.length,
    irreversible: after.filter((at) => lasting[at] === 1).length,
    agents: new Set(after.map((at) => place.plan.agentIndex[at])).size,
  };
  known.set(place.index, blast);
  return blast;
}

/** Agents and irreversible tasks after a task, and what the policy lets its agent touch. */
export function reachOf(place: TaskPlace, agent: string, action: string): Reach {
  const { plan, domain, wid } = place;
  const after = reachable(plan.successors, place.index);
  const lasting = irreversibleTasks(place);
  const agents = new Map<number, { tasks: number; irreversible: number }>();
  for (const at of after) {
    const of = agents.get(plan.agentIndex[at] ?? 0) ?? { tasks: 0, irreversible: 0 };
    of.tasks += 1;
    of.irreversible += lasting[at] ?? 0;
    agents.set(plan.agentIndex[at] ?? 0, of);
  }
  return {
    agents: [...agents]
      .sort(([, a], [, b]) => b.tasks - a.tasks)
      .slice(0, MAX_AGENTS)
      .map(([index, counts]) => ({ agent: agentUri(domain, wid, plan.run.agents[index]?.id ?? ""), ...counts })),
    irreversible: after
      .filter((at) => lasting[at] === 1)
      .slice(0, MAX_NAMES)
      .map((at) => (plan.tasks[at]?.name ?? "").slice(0, MAX_NAME)),
    limits: limitsOf(place.policy, agent, action),
  };
}

const LIMITS = ["resources", "domains", "data_classes", "protocols"] as const;

function limitsOf(policy: AcpClaims, agent: string, action: string): Reach["limits"] {
  const constraints = compilePolicy(policy).nodeFor(agent, action)?.constraints ?? [];
  return LIMITS.map((name) => {
    const value = constraints.find((constraint) => constraint.name === name)?.value;
    return { name, values: Array.isArray(value) ? value.map(String) : null };
  });
}

/** By index of the plan, 1 where the policy calls the task's action irreversible. */
function irreversibleTasks({ plan, policy, domain, wid }: TaskPlace): Uint8Array {
  return memo(
    memo(irreversibles, policy, () => new WeakMap<RunPlan, Uint8Array>()),
    plan,
    () => {
      const compiled = compilePolicy(policy);
      return Uint8Array.from(plan.tasks, (task) => {
        const node = compiled.nodeFor(agentUri(domain, wid, task.agent), task.action)?.node;
        return node?.consequence === "irreversible" ? 1 : 0;
      });
    },
  );
}

function memo<K extends WeakKey, V>(map: WeakMap<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

/** Everything that can only run after a task. */
export function reachable(successors: readonly (readonly number[])[], from: number): number[] {
  const seen = new Set<number>();
  const queue = [...(successors[from] ?? [])];
  for (let at = 0; at < queue.length; at += 1) {
    const index = queue[at];
    if (index === undefined || seen.has(index)) continue;
    seen.add(index);
    queue.push(...(successors[index] ?? []));
  }
  return [...seen];
}
