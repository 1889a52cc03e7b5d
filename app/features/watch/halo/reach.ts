import { TASK_STATES } from "../../../api/contract/task-state.ts";
import type { RunGraph, WorkflowSummary } from "../../../api/contract/workflow.ts";
import type { AcpClaims } from "../../../protocol/acp/claims.ts";
import { consequenceOf, matchesAny, matchesPattern } from "../../../protocol/acp/match.ts";
import type { OverrideScope } from "../../../protocol/override/claims.ts";

type Dag = Pick<AcpClaims["dag"], "nodes" | "edges">;

/** A workflow as far as the reach of an override can be told from it. */
export interface ReachInput {
  readonly wid: string;
  readonly status: WorkflowSummary["status"];
  readonly run: RunGraph;
  /** State number of each task, by task index. */
  readonly states: ArrayLike<number>;
  /** Id of each agent, by its index in the run. */
  readonly agents: readonly string[];
  /** The policy it runs under; null while it is not known: then nobody knows what cannot be undone, or who delegates. */
  readonly policy: { readonly dag: Dag } | null;
  /** It could not be read; false while it is only on its way. */
  readonly policyFailed: boolean;
  /** The delegations of all its policies that nothing has replaced, its own and those derived from it. */
  readonly dags: readonly Dag[];
  /** False until all of those were read: somebody may delegate to more than `dags` says. */
  readonly dagsWhole: boolean;
  /** The index of a task by its id in the log, where that is known. */
  readonly taskOf: ReadonlyMap<string, number>;
}

/** What an override does to one task: nothing, or it touches it. Bits, so that a task can be several. */
export const TOUCHED = 1;
export const IN_FLIGHT = 2;
export const IRREVERSIBLE = 4;
/** And what a rollback does to it; `STAYS` are the last tasks that stay, where its consistent cut runs. */
export const UNDONE = 8;
export const COMPENSATED = 16;
export const BY_PERSON = 32;
export const SKIPPED = 64;
export const STAYS = 128;
/** What its step has left, whatever was meant. */
export const LEFT = 256;
/** Its step waits for others; it was asked for and has no result. */
export const TO_COME = 512;
export const ASKED = 1024;
/** Of a dry run: nothing of it has happened. */
export const PLANNED = 2048;

/** What an override would touch in one workflow, counted before it is pressed (S9, N2). */
export interface Reach {
  /** Indexes of agents, ascending: whom the enforcement point would ask to acknowledge. */
  readonly agents: readonly number[];
  /** Agents that those call or delegate to and that it does not reach. */
  readonly beyond: readonly number[];
  /** By task index. */
  readonly tasks: Uint8Array;
  readonly open: number;
  readonly inFlight: number;
  /** Open actions that cannot be undone once done; null while the policy is not known. */
  readonly irreversible: number | null;
  /** Why that is not known. */
  readonly policyFailed: boolean;
  /** Delegations are not all known, and the order follows them: it reaches these agents, tasks and calls at least. */
  readonly isLeast: boolean;
  /** `beyond` is all of them. */
  readonly beyondKnown: boolean;
}

/** States in which something of a task is still to come. */
const OPEN: ReadonlySet<number> = new Set(
  (["planned", "asked", "waiting", "running"] as const).map((state) => TASK_STATES.indexOf(state)),
);
const RUNNING = TASK_STATES.indexOf("running");

/** What is looked at: its scopes, and whether it goes on to those whom an agent has delegated to (OVR-17). */
export interface Order {
  readonly scopes: readonly OverrideScope[];
  readonly forwarded: boolean;
}

export function reachOf(input: ReachInput, { scopes, forwarded }: Order): Reach {
  const { run, states } = input;
  const tasks = new Uint8Array(run.ids.length);
  if (input.status === "finished")
    return {
      ...{ agents: [], beyond: [], tasks, open: 0, inFlight: 0, irreversible: input.policy === null ? null : 0 },
      ...{ policyFailed: input.policyFailed, isLeast: false, beyondKnown: true },
    };
  const forwardedTo = forwarded ? delegatesOf(input, scopes) : NOBODY;
  const whole = new Set(
    input.agents.flatMap((_, index) =>
      forwardedTo.has(input.agents[index] ?? "") || scopes.some((scope) => reaches(input, scope, index)) ? [index] : [],
    ),
  );
  const single = new Set(scopes.flatMap(({ kind, id }) => (kind === "task" ? (input.taskOf.get(id) ?? []) : [])));
  const agents = new Set([...whole, ...[...single].map((task) => run.agent[task] ?? -1)]);
  const grave = graveActions(input);
  let [open, inFlight, irreversible] = [0, 0, 0];
  for (let task = 0; task < tasks.length; task += 1) {
    const agent = run.agent[task] ?? -1;
    if (!OPEN.has(states[task] ?? 0) || !(whole.has(agent) || single.has(task))) continue;
    const flies = states[task] === RUNNING;
    const lasts = grave?.(agent, run.actions[task] ?? "") ?? false;
    tasks[task] = TOUCHED | (flies ? IN_FLIGHT : 0) | (lasts ? IRREVERSIBLE : 0);
    open += 1;
    if (flies) inFlight += 1;
    if (lasts) irreversible += 1;
  }
  const below = closure(belowOf(input), agents);
  return {
    agents: [...agents].sort((a, b) => a - b),
    // Of one task alone nothing hangs on who else there is.
    beyond: whole.size === 0 ? [] : [...below].filter((agent) => !agents.has(agent)).sort((a, b) => a - b),
    tasks,
    open,
    inFlight,
    irreversible: grave === null ? null : irreversible,
    policyFailed: input.policyFailed,
    // Only an agent's delegations are followed: a workflow, a group or a domain reaches whom it reaches.
    isLeast: !input.dagsWhole && forwarded && scopes.some(({ kind }) => kind === "agent"),
    beyondKnown: input.dagsWhole || whole.size === 0 || whole.size === input.agents.length,
  };
}

const NOBODY: ReadonlySet<string> = new Set();

/** Ids of all that act by delegation of the agents that are named, at any depth, those with them: as the engine follows it. */
function delegatesOf({ dags }: ReachInput, scopes: readonly OverrideScope[]): ReadonlySet<string> {
  const reached = new Set(scopes.flatMap(({ kind, id }) => (kind === "agent" ? [id] : [])));
  const heirs = new Map<string, string[]>();
  for (const { nodes, edges } of dags) {
    const agentOf = new Map(nodes.map((node) => [node.id, node.agent]));
    for (const { from, to, kind } of edges) {
      const [parent, child] = [agentOf.get(from), agentOf.get(to)];
      if (kind !== "delegates" || parent === undefined || child === undefined) continue;
      heirs.set(parent, [...(heirs.get(parent) ?? []), child]);
    }
  }
  const open = [...reached];
  for (let agent = open.pop(); agent !== undefined; agent = open.pop())
    for (const heir of heirs.get(agent) ?? [])
      if (!reached.has(heir)) {
        reached.add(heir);
        open.push(heir);
      }
  return reached;
}

/** The engine's rule (override.md): a scope reaches an agent by its id, its workflow, its name or its trust domain. */
function reaches({ wid, agents }: ReachInput, { kind, id }: OverrideScope, index: number): boolean {
  const agent = agents[index] ?? "";
  if (kind === "agent") return id === agent;
  if (kind === "workflow") return id === wid;
  if (kind === "group") return agent.split("/").at(-1) === id;
  return kind === "domain" && id.toLowerCase() === domainOf(agent);
}

const domainOf = (id: string): string => /^[a-z][a-z0-9+.-]*:\/\/([^/?#]+)/i.exec(id)?.[1]?.toLowerCase() ?? "";

/** Whether an action of an agent is irreversible by the first node of the policy that lets it; null without a policy. */
function graveActions({ policy, agents }: ReachInput): ((agent: number, action: string) => boolean) | null {
  if (policy === null) return null;
  const known = new Map<string, boolean>();
  return (agent, action) => {
    const key = `${agent} ${action}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const node = policy.dag.nodes.find(
      (one) => matchesPattern(one.agent, agents[agent] ?? "") && matchesAny(one.actions, action),
    );
    const grave = node !== undefined && consequenceOf(node) === "irreversible";
    known.set(key, grave);
    return grave;
  };
}

/** Whom each agent calls in the recording or delegates to by the policy, by index. */
export function belowOf({
  run,
  dags,
  agents,
}: Pick<ReachInput, "run" | "dags" | "agents">): readonly ReadonlySet<number>[] {
  const below = agents.map(() => new Set<number>());
  run.caller.forEach((caller, task) => {
    const [from, to] = [run.agent[caller], run.agent[task]];
    if (caller >= 0 && from !== undefined && to !== undefined && from !== to) below[from]?.add(to);
  });
  const matching = (pattern: string): number[] =>
    agents.flatMap((agent, index) => (matchesPattern(pattern, agent) ? [index] : []));
  for (const { nodes, edges } of dags) {
    const agentOf = new Map(nodes.map((node) => [node.id, matching(node.agent)]));
    for (const { from, to, kind } of edges) {
      if (kind !== "delegates") continue;
      for (const agent of agentOf.get(from) ?? [])
        for (const heir of agentOf.get(to) ?? []) if (heir !== agent) below[agent]?.add(heir);
    }
  }
  return below;
}

/** Some agents and all below them, however far. */
export function closure(below: readonly ReadonlySet<number>[], from: Iterable<number>): Set<number> {
  const found = new Set(from);
  const open = [...found];
  for (let agent = open.pop(); agent !== undefined; agent = open.pop())
    for (const next of below[agent] ?? [])
      if (!found.has(next)) {
        found.add(next);
        open.push(next);
      }
  return found;
}
