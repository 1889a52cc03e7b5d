import type { CascadeAction, CascadeAlert } from "./claims.ts";

/**
 * The agents that fail now, and since when (C3). Plain data, never changed in place. Edges are worked out when asked for,
 * so that it does not matter in which order the failures became known.
 */
export type CascadeGraph = ReadonlyMap<string, FailingAgent>;

export interface FailingAgent {
  readonly agent: string;
  /** Begin of this failing: kept when later ones push it out of `times`. */
  readonly firstMs: number;
  /** Its latest failures in order. */
  readonly times: readonly number[];
  /** The worst of them. */
  readonly severity: number;
  /** The first failure signal, where there was one. */
  readonly jti: string | null;
  /** Agents its failures name as their cause. */
  readonly causes: readonly string[];
}

export interface Failure {
  readonly agent: string;
  readonly atMs: number;
  readonly severity: number;
  readonly jti: string | null;
  /** The subjects of the signals it names. */
  readonly causes: readonly string[];
}

/** What the receiver knows of the fleet. */
export interface CascadeWorld {
  /** Agents some task of `agent` has a predecessor by. */
  dependenciesOf(agent: string): readonly string[];
  /** Agents some task of which has a predecessor by `agent`. */
  dependantsOf(agent: string): readonly string[];
  domainOf(agent: string): string | null;
}

export interface CascadeEdge {
  readonly from: string;
  readonly to: string;
  /** The failure named its cause; else the edge is inferred from dependency and time. */
  readonly explicit: boolean;
}

export interface Cascade {
  readonly root: {
    readonly agent: string;
    readonly jti: string | null;
    /** CAS-9: why this one is suspected, in the order in which it counted. */
    readonly why: { readonly withoutCause: boolean; readonly failedAtMs: number; readonly descendants: number };
  };
  /** First out first. */
  readonly agents: readonly string[];
  readonly edges: readonly CascadeEdge[];
  readonly firstMs: number;
  readonly lastMs: number;
  /** Agents that joined per second, over the last 30 s. */
  readonly ratePerS: number;
  /** Hops on the longest way the failure has gone. */
  readonly depth: number;
  /** Share of the edges that a failure named itself. */
  readonly confidence: number;
  readonly leavesDomain: boolean;
  /** Failing agents that somebody still healthy depends on: where it spreads next. */
  readonly front: readonly string[];
  /** The calls to cut: a healthy caller and the failing agent it depends on. */
  readonly frontier: readonly { readonly caller: string; readonly callee: string }[];
  readonly action: CascadeAction;
  /** The HITL rule to raise. */
  readonly rule: "cascade" | null;
}

/** An agent whose last failure is older fails no more [ours]: the longest a failure signal holds. */
export const FAILING_MS = 300_000;
const FOLLOWS_MS = 60_000;
const GROWTH_MS = 30_000;
const KEPT_TIMES = 32;
const KEPT_CAUSES = 256;

export function noteFailure(graph: CascadeGraph, failure: Failure, nowMs: number): CascadeGraph {
  const next = new Map([...graph].filter(([, { times }]) => fails(times, nowMs)));
  const known = next.get(failure.agent);
  next.set(failure.agent, {
    agent: failure.agent,
    firstMs: Math.min(known?.firstMs ?? failure.atMs, failure.atMs),
    times: [...(known?.times ?? []), failure.atMs].sort((one, other) => one - other).slice(-KEPT_TIMES),
    severity: Math.max(known?.severity ?? 0, failure.severity),
    jti: known?.jti ?? failure.jti,
    causes: [...new Set([...(known?.causes ?? []), ...failure.causes])].slice(0, KEPT_CAUSES),
  });
  return next;
}

/** Every cascade there is at `nowMs`, the earliest first: at least three agents, and growing (C3). */
export function findCascades(graph: CascadeGraph, world: CascadeWorld, nowMs: number): readonly Cascade[] {
  const failing = [...graph.values()].filter(({ times }) => fails(times, nowMs)).sort(firstOut);
  const edges = edgesAmong(failing, world);
  return componentsOf(failing, edges)
    .filter((agents) => agents.length >= 3)
    .map((agents) => cascadeOf(agents, edges, failing, world, nowMs))
    .filter(({ ratePerS }) => ratePerS > 0);
}

/** The body of the ECT `cascade_alert`. */
export function cascadeAlert(cascade: Cascade, cascadeId: string, wid: string | null): CascadeAlert {
  const { agent, jti, why } = cascade.root;
  return {
    cascade_id: cascadeId,
    ...(wid === null ? {} : { wid }),
    root: {
      agent,
      ...(jti === null ? {} : { jti }),
      why: {
        without_cause: why.withoutCause,
        failed_at: Math.floor(why.failedAtMs / 1000),
        descendants: why.descendants,
      },
    },
    agents: [...cascade.agents],
    edges: cascade.edges.map(({ from, to }) => [from, to]),
    first_at: Math.floor(cascade.firstMs / 1000),
    last_at: Math.floor(cascade.lastMs / 1000),
    rate_per_s: cascade.ratePerS,
    depth: cascade.depth,
    confidence: cascade.confidence,
    action: cascade.action,
  };
}

/** C3's grades. Below three agents nothing is cut, it is only said. */
export function gradedAction(agents: number, leavesDomain: boolean, severity: number): CascadeAction {
  if (agents < 3) return "observe";
  if (agents > 10 || severity >= 5) return "halt_workflow";
  return agents >= 6 || leavesDomain ? "isolate_domain" : "contain";
}

const fails = (times: readonly number[], nowMs: number): boolean => nowMs - (times.at(-1) ?? -Infinity) <= FAILING_MS;

const byName = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
const firstOut = (one: FailingAgent, other: FailingAgent): number =>
  one.firstMs - other.firstMs || byName(one.agent, other.agent);

/** Edge u to v: v names u, or v depends on u and began to fail within 60 s after u failed. Explicit wins. */
function edgesAmong(failing: readonly FailingAgent[], world: CascadeWorld): CascadeEdge[] {
  const known = new Map(failing.map((agent) => [agent.agent, agent]));
  return failing.flatMap((agent) => {
    const named = new Set(agent.causes.filter((cause) => cause !== agent.agent && known.has(cause)));
    const followed = world.dependenciesOf(agent.agent).filter((dependency) => {
      const upstream = known.get(dependency);
      return upstream !== undefined && dependency !== agent.agent && follows(agent.firstMs, upstream);
    });
    return [...new Set([...named, ...followed])]
      .sort(byName)
      .map((from) => ({ from, to: agent.agent, explicit: named.has(from) }));
  });
}

const follows = (atMs: number, { firstMs, times }: FailingAgent): boolean =>
  [firstMs, ...times].some((earlier) => earlier <= atMs && atMs - earlier <= FOLLOWS_MS);

/** Connected whichever way the edges point; each, and all of them, first out first. */
function componentsOf(failing: readonly FailingAgent[], edges: readonly CascadeEdge[]): FailingAgent[][] {
  const beside = neighbours(edges.flatMap(({ from, to }) => [[from, to] as const, [to, from] as const]));
  const left = new Set(failing.map(({ agent }) => agent));
  return failing.flatMap((first) => {
    if (!left.has(first.agent)) return [];
    const members = reachedFrom(first.agent, beside);
    for (const member of members) left.delete(member);
    return [failing.filter(({ agent }) => members.has(agent))];
  });
}

function cascadeOf(
  agents: readonly FailingAgent[],
  allEdges: readonly CascadeEdge[],
  allFailing: readonly FailingAgent[],
  world: CascadeWorld,
  nowMs: number,
): Cascade {
  const names = new Set(agents.map(({ agent }) => agent));
  const edges = allEdges.filter(({ from }) => names.has(from));
  const downstream = neighbours(edges.map(({ from, to }) => [from, to] as const));
  const root = rootOf(agents, edges, downstream);
  const failingNow = new Set(allFailing.map(({ agent }) => agent));
  const frontier = agents.flatMap(({ agent }) =>
    [...new Set(world.dependantsOf(agent))]
      .filter((caller) => !failingNow.has(caller))
      .sort(byName)
      .map((caller) => ({ caller, callee: agent })),
  );
  const leavesDomain = new Set(agents.map(({ agent }) => world.domainOf(agent))).size > 1;
  const severity = Math.max(...agents.map((agent) => agent.severity));
  const action = gradedAction(agents.length, leavesDomain, severity);
  // The first to fail is where it began, not growth.
  const joined = agents.slice(1).filter(({ firstMs }) => nowMs - firstMs < GROWTH_MS).length;
  return {
    root,
    agents: agents.map(({ agent }) => agent),
    edges,
    firstMs: Math.min(...agents.map(({ firstMs }) => firstMs)),
    lastMs: Math.max(...agents.flatMap(({ times }) => times)),
    ratePerS: joined / (GROWTH_MS / 1000),
    depth: depthOf(agents, edges, downstream),
    confidence: edges.filter(({ explicit }) => explicit).length / edges.length,
    leavesDomain,
    front: [...new Set(frontier.map(({ callee }) => callee))],
    frontier,
    action,
    rule: action === "halt_workflow" ? "cascade" : null,
  };
}

/** Without incoming edges, then the earliest, then the most descendants. Where all go round the earliest is suspected. */
function rootOf(
  agents: readonly FailingAgent[],
  edges: readonly CascadeEdge[],
  downstream: ReadonlyMap<string, readonly string[]>,
): Cascade["root"] {
  const caused = new Set(edges.map(({ to }) => to));
  const sources = agents.filter(({ agent }) => !caused.has(agent));
  const candidates = sources.length > 0 ? sources : agents;
  const earliest = candidates.filter(({ firstMs }) => firstMs === candidates[0]?.firstMs);
  const [best] = earliest
    .map((candidate) => ({ candidate, descendants: reachedFrom(candidate.agent, downstream).size - 1 }))
    .sort((one, other) => other.descendants - one.descendants);
  if (best === undefined) throw new Error("Bug: a component has agents");
  const { candidate, descendants } = best;
  return {
    agent: candidate.agent,
    jti: candidate.jti,
    why: { withoutCause: !caused.has(candidate.agent), failedAtMs: candidate.firstMs, descendants },
  };
}

/** Longest way in hops. Where causes go round, the round is opened at the agent that failed first. */
function depthOf(
  agents: readonly FailingAgent[],
  edges: readonly CascadeEdge[],
  downstream: ReadonlyMap<string, readonly string[]>,
): number {
  const open = new Map(agents.map(({ agent }) => [agent, 0]));
  for (const { to } of edges) open.set(to, (open.get(to) ?? 0) + 1);
  const depths = new Map<string, number>();
  const ready = agents.filter(({ agent }) => open.get(agent) === 0).map(({ agent }) => agent);
  let stuck = 0;
  for (let done = 0; done < agents.length; ) {
    const agent = ready.pop() ?? agents[stuck++]?.agent;
    if (agent === undefined) throw new Error("Bug: every agent is reached");
    if (open.get(agent) === -1) continue;
    open.set(agent, -1);
    done += 1;
    const depth = depths.get(agent) ?? 0;
    depths.set(agent, depth);
    for (const next of downstream.get(agent) ?? []) {
      const left = open.get(next) ?? 0;
      if (left <= 0) continue;
      open.set(next, left - 1);
      depths.set(next, Math.max(depths.get(next) ?? 0, depth + 1));
      if (left === 1) ready.push(next);
    }
  }
  return Math.max(...depths.values());
}

function neighbours(pairs: readonly (readonly [string, string])[]): ReadonlyMap<string, readonly string[]> {
  const lists = new Map<string, string[]>();
  for (const [from, to] of pairs) {
    const list = lists.get(from);
    if (list === undefined) lists.set(from, [to]);
    else list.push(to);
  }
  return lists;
}

function reachedFrom(start: string, next: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const reached = new Set([start]);
  // A set is walked in the order of insertion, and what is put in meanwhile is walked too.
  for (const agent of reached) for (const other of next.get(agent) ?? []) reached.add(other);
  return reached;
}
