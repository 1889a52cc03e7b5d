import { must } from "../../base/assert.ts";
import { current, dueMs, momentOf, REENACTED } from "../../engine/cascade/breakers.ts";
import { isOngoing, lastFailureMs } from "../../engine/cascade/consequences.ts";
import { isAlerting } from "../../engine/cascade/domain-alerts.ts";
import { bordersOf, domainDueMs, domainsOf, failingMembers } from "../../engine/cascade/domains.ts";
import { signalOutcome } from "../../engine/cascade/failure-signal.ts";
import type { BreakerState, CascadeState, DomainState, State } from "../../engine/state.ts";
import type { Host } from "../../host/open-host.ts";
import { statsAt } from "../../protocol/cascade/breaker-state.ts";
import { refusal } from "../../protocol/jose/refusal.ts";
import type { BreakerView, CascadeView, DomainView } from "../contract/cascade.ts";
import { asOf } from "./as-of.ts";
import { api, errorFor, positionOf, valueOr } from "./base.ts";

export const cascadeOperations = {
  breakers: api.cascade.breakers.use(asOf).handler(async ({ context: { host }, input: { wid } }) => {
    const found = await host.engine.read((state) => {
      const agents = new Set(state.workflows.get(wid)?.agents);
      return {
        breakers: [...state.breakers.values()]
          .filter((breaker) => breaker.wid === wid)
          .map((one) => viewOf(host, state, one)),
        heldEdges: [...state.edgeHolds].flatMap(([edge, by]) => {
          const [caller = "", callee = ""] = edge.split(" ");
          return agents.has(callee) ? [{ caller, callee, by }] : [];
        }),
        domains: domainsOf(state, wid).map((domain) => domainView(host, state, domain)),
      };
    });
    const waiting = host.asOf === null ? [...host.conductor.shut(wid)] : null;
    return { position: await positionOf(host), ...found, waiting };
  }),

  order: api.cascade.order.handler(async ({ context: { host }, input, errors }) => {
    const { fact, verified } = valueOr(await host.engine.receive(input.token), errors);
    if (fact.typ !== "breaker-order+jwt")
      throw errorFor(refusal("token_wrong_type", "a breaker-order+jwt is expected here"), errors);
    const { logged } = valueOr(await host.engine.submit({ kind: "token", verified, fact }), errors);
    return {
      seq: must(logged[0], "an accepted order is logged").seq,
      moved: logged.filter((entry) => entry.fact.typ === "circuit-state+jwt").length,
    };
  }),

  signal: api.cascade.signal.handler(async ({ context: { host }, input, errors }) => {
    const { fact, verified } = valueOr(await host.engine.receive(input.token), errors);
    if (fact.typ !== "failure-signal+jwt")
      throw errorFor(refusal("token_wrong_type", "a failure-signal+jwt is expected here"), errors);
    const { logged } = valueOr(await host.engine.submit({ kind: "token", verified, fact }), errors);
    const outcome = await host.engine.read((state) => signalOutcome(state, fact.claims));
    return {
      seq: must(logged[0], "an accepted signal is logged").seq,
      outcome,
      code: outcome === "unconfirmed" ? ("failure_unconfirmed" as const) : null,
      opened: logged.filter((entry) => entry.fact.typ === "circuit-state+jwt").length,
    };
  }),

  alerts: api.cascade.alerts.use(asOf).handler(async ({ context: { host }, input: { wid } }) => {
    const nowMs = host.ports.clock.nowMs();
    const alerts = await host.engine.read((state) =>
      [...state.cascades.values()]
        .filter((cascade) => cascade.wid === wid)
        .map((cascade) => cascadeOf(host, state, cascade, nowMs))
        .reverse(),
    );
    return { position: await positionOf(host), alerts };
  }),
};

/** As it is now: what a timer has done to it since is said, also before the log states it. */
function viewOf(host: Host, state: State, found: BreakerState): BreakerView {
  const nowMs = host.ports.clock.nowMs();
  const { breaker } = current(found, momentOf(Math.floor(nowMs / 1000), state.size, found.id));
  const untilMs = dueMs({ ...found, breaker });
  const { calls, failures } = statsAt(REENACTED, breaker, nowMs);
  return {
    ...{ id: found.id, wid: found.wid, caller: found.caller, callee: found.callee, group: found.group },
    state: breaker.state,
    forced: breaker.forced,
    isolated: breaker.isolated,
    sinceMs: breaker.sinceMs,
    untilMs,
    remainingMs: untilMs === null ? null : (host.breakerTimers.remainingMs(found.id) ?? Math.max(0, untilMs - nowMs)),
    reason: found.reason,
    by: found.by,
    stats: found.stats === null ? null : { ...found.stats },
    window: { calls, failures },
    probes: {
      out: breaker.probesOut.length,
      succeeded: breaker.probeSuccesses,
      needed: REENACTED.probeSuccess,
    },
    seq: breaker.seq,
    entry: found.entry,
  };
}

function domainView(host: Host, state: State, domain: DomainState): DomainView {
  const nowMs = host.ports.clock.nowMs();
  const { id, wid, parent, leaf, health, reason, by, bulkhead, seq, entry } = domain;
  const untilMs = domainDueMs(domain);
  const { open, all } = bordersOf(state, domain);
  return {
    ...{ id, wid, parent, leaf, reason, by, seq, entry, untilMs },
    members: [...domain.members],
    failing: failingMembers(state, domain, nowMs),
    state: health.state,
    sinceMs: health.sinceMs,
    remainingMs: untilMs === null ? null : Math.max(0, untilMs - nowMs),
    border: { all: all.length, shut: open },
    alert:
      domain.alert !== null && isAlerting(domain, nowMs)
        ? {
            kind: domain.alert.kind,
            value: domain.alert.value,
            mean: domain.alert.mean,
            entry: domain.alert.entry,
          }
        : null,
    bulkhead:
      bulkhead === null
        ? null
        : {
            most: bulkhead.max_concurrency,
            running: domain.running.size,
            queued: domain.queue.length,
            queueMost: bulkhead.on_breach === "queue" ? bulkhead.queue_max : 0,
            onBreach: bulkhead.on_breach,
          },
  };
}

function cascadeOf(host: Host, state: State, cascade: CascadeState, nowMs: number): CascadeView {
  const { alert } = cascade;
  return {
    id: cascade.id,
    wid: cascade.wid,
    root: {
      agent: alert.root.agent,
      task: alert.root.jti ?? null,
      index: indexOf(host, state, cascade),
      why: {
        withoutCause: alert.root.why.without_cause,
        failedAt: alert.root.why.failed_at,
        descendants: alert.root.why.descendants,
      },
    },
    agents: [...alert.agents],
    edges: alert.edges.map(([from, to]) => [from, to]),
    front: [...cascade.front],
    action: alert.action,
    confidence: alert.confidence,
    depth: alert.depth,
    since: alert.first_at,
    lastFailureMs: lastFailureMs(state, cascade),
    active: isOngoing(state, cascade, nowMs),
    entries: [...cascade.entries],
  };
}

function indexOf(host: Host, state: State, { wid, alert }: CascadeState): number | null {
  const plan = host.runs.known(state.workflows.get(wid)?.run ?? "");
  return plan === undefined ? null : (host.runs.jtis(wid, plan).indexOf.get(alert.root.jti ?? "") ?? null);
}
