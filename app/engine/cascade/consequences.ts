import type { Json } from "../../base/json.ts";
import type { CircuitChange } from "../../protocol/cascade/breaker-state.ts";
import {
  type Cascade,
  type CascadeWorld,
  cascadeAlert,
  FAILING_MS,
  findCascades,
} from "../../protocol/cascade/cascade-graph.ts";
import { MAX_CIRCUIT_STATE_LIFETIME_S } from "../../protocol/cascade/cascade-token.ts";
import { circuitStateClaims } from "../../protocol/cascade/circuit-state.ts";
import { CASCADE_ACTIONS } from "../../protocol/cascade/claims.ts";
import { ECT_EXT } from "../../protocol/ect/claims.ts";
import type { Draft, Moment } from "../command.ts";
import type { LoggedFact } from "../fact.ts";
import { decideIntent } from "../gate/decide-intent.ts";
import { type HostIds, recordDraft } from "../records.ts";
import type { BreakerState, CascadeState, DomainState, State } from "../state.ts";
import { waitingIntents } from "./bulkheads.ts";
import type { CascadeRecord } from "./cascade-record.ts";
import { alertingDrafts } from "./domain-alerts.ts";
import { domainDrafts, isolationDrafts, leavesOf } from "./domains.ts";

/**
 * What has to be stated in the same frame because of what was just folded: every transition of a breaker (CAS-5), and a
 * cascade that a failure has made or enlarged (CAS-9), and of a failure domain. Asked again after its own drafts were folded, until nothing is left.
 */
export function consequences(state: State, logged: readonly LoggedFact[], ids: HostIds, moment: Moment): Draft[] {
  const stated = state.unstated.flatMap(({ breaker, change }) => {
    const found = state.breakers.get(breaker);
    return found === undefined ? [] : [circuitDraft(found, change, ids, moment)];
  });
  const failure = logged.findLast(
    ({ fact }) =>
      fact.typ === "failure-signal+jwt" ||
      (fact.typ === "exec+jwt" && fact.claims.ect_ext?.[ECT_EXT.outcome] === "failure"),
  );
  const alerts = failure === undefined ? [] : alertDrafts(state, failure, ids, moment);
  // Transitions first: a domain is judged by what its border is when all of them are stated.
  const domains = stated.length + alerts.length > 0 ? [] : domainDrafts(state, logged, ids, moment);
  const due = [...stated, ...alerts, ...domains, ...alertingDrafts(state, logged, ids, moment)];
  return due.length > 0 ? due : letIn(state, ids, moment);
}

/** The first that waits for room in its failure domain and may go now; what a breaker or a hold stops waits on (CAS-6). */
function letIn(state: State, ids: HostIds, moment: Moment): Draft[] {
  for (const intent of waitingIntents(state)) {
    const decided = decideIntent(state, null, intent, ids, moment);
    if (decided.ok) return decided.value;
  }
  return [];
}

/** The `circuit-state+jwt` of one transition, to its caller and to the log. */
export function circuitDraft(found: BreakerState, change: CircuitChange, ids: HostIds, moment: Moment): Draft {
  const claims = circuitStateClaims(change, {
    iss: ids.pepId,
    aud: [found.caller, ids.logId],
    jti: moment.uuid(),
    breakerId: found.id,
    callee: found.callee,
    nowS: moment.nowS,
    expS: moment.nowS + MAX_CIRCUIT_STATE_LIFETIME_S,
  });
  return { kind: "sign", as: "pep", fact: { typ: "circuit-state+jwt", claims } };
}

function alertDrafts(state: State, { fact, receivedAt }: LoggedFact, ids: HostIds, moment: Moment): Draft[] {
  const wid = fact.typ === "exec+jwt" || fact.typ === "failure-signal+jwt" ? fact.claims.wid : undefined;
  if (wid === undefined || fact.claims.jti === undefined) return [];
  const ofWorkflow = new Set(state.workflows.get(wid)?.agents);
  const nowMs = receivedAt * 1000;
  return findCascades(state.failing, cascadeWorld(state, wid), nowMs)
    .filter(({ agents }) => agents.every((agent) => ofWorkflow.has(agent)))
    .flatMap((cascade) => {
      const known = ongoing(state, wid, cascade, nowMs);
      if (known !== undefined && !hasGrown(known, cascade)) return [];
      const alert = cascadeAlert(cascade, known?.id ?? moment.uuid(), wid);
      const isolated = cascade.action === "isolate_domain" ? domainsOfAgents(state, wid, cascade.agents) : [];
      const record: CascadeRecord = {
        ...alert,
        front: [...cascade.front],
        breakers: frontierBreakers(state, cascade, isolated).map(({ id }) => id),
        domains: isolated.map(({ id }) => id),
        rule: cascade.rule,
      };
      // Its members are JSON all through.
      const data = record as unknown as { readonly [member: string]: Json }; // JSON throughout; its interface has no index.
      const cause = fact.claims.jti;
      return [
        recordDraft(ids, moment, "cascade_alert", wid, { jti: cause }, data),
        ...isolationDrafts(isolated, cause, ids, moment),
      ];
    });
}

/** The failure domains that these agents are in. */
function domainsOfAgents(state: State, wid: string, agents: readonly string[]): DomainState[] {
  const leaves = leavesOf(state, wid);
  return [...new Set(agents.flatMap((agent) => leaves.get(agent) ?? []))];
}

/** Who takes up what of whom, as far as the workflow has come: its calls so far. */
function cascadeWorld(state: State, wid: string): CascadeWorld {
  const leaves = leavesOf(state, wid);
  const dependencies = new Map<string, Set<string>>();
  const dependants = new Map<string, Set<string>>();
  const add = (to: Map<string, Set<string>>, key: string, other: string): void => {
    const held = to.get(key);
    if (held === undefined) to.set(key, new Set([other]));
    else held.add(other);
  };
  for (const { wid: of, caller, callee } of state.breakers.values()) {
    if (of !== wid) continue;
    add(dependencies, callee, caller);
    add(dependants, caller, callee);
  }
  return {
    dependenciesOf: (agent) => [...(dependencies.get(agent) ?? [])],
    dependantsOf: (agent) => [...(dependants.get(agent) ?? [])],
    domainOf: (agent) => leaves.get(agent)?.id ?? null,
  };
}

/**
 * The calls to cut. A healthy agent that depends on a failing one is handed its results: that edge is cut, from the failing
 * one to the healthy one [ours]. Where a whole domain is isolated its border is cut instead.
 */
function frontierBreakers(
  state: State,
  { frontier: all, action }: Cascade,
  isolated: readonly DomainState[],
): BreakerState[] {
  if (action !== "contain" && action !== "isolate_domain") return [];
  const frontier = all.filter(({ callee: failing }) => !isolated.some(({ members }) => members.includes(failing)));
  const cut = new Set(frontier.map(({ caller: dependant, callee: failing }) => `${failing} ${dependant}`));
  return [...state.breakers.values()].filter(({ caller, callee }) => cut.has(`${caller} ${callee}`));
}

/** The cascade this one goes on from: it shares an agent, and one of its agents still fails. */
function ongoing(state: State, wid: string, cascade: Cascade, nowMs: number): CascadeState | undefined {
  const agents = new Set(cascade.agents);
  return [...state.cascades.values()].findLast(
    (known) =>
      known.wid === wid && isOngoing(state, known, nowMs) && known.alert.agents.some((agent) => agents.has(agent)),
  );
}

/** Over when none of its agents has failed for as long as a failure counts (cascade.md C3, [ours] 300 s). */
export function isOngoing(state: State, known: CascadeState, nowMs: number): boolean {
  return nowMs - lastFailureMs(state, known) <= FAILING_MS;
}

export function lastFailureMs(state: State, { alert }: CascadeState): number {
  const times = alert.agents.map((agent) => state.failing.get(agent)?.times.at(-1) ?? 0);
  return Math.max(alert.last_at * 1000, ...times);
}

function hasGrown({ alert }: CascadeState, { agents, action }: Cascade): boolean {
  const before = new Set(alert.agents);
  return (
    agents.some((agent) => !before.has(agent)) ||
    CASCADE_ACTIONS.indexOf(action) > CASCADE_ACTIONS.indexOf(alert.action)
  );
}
