import { isolate, releaseIsolated } from "../../protocol/cascade/breaker.ts";
import { ATTEMPTS, BUDGET_WINDOW_MS } from "../../protocol/cascade/bulkhead.ts";
import { createHealth } from "../../protocol/cascade/domain-health.ts";
import type { DomainSetup } from "../../protocol/cascade/domain-setup.ts";
import { createDomain, ISOLATION_MS } from "../../protocol/cascade/failure-domain.ts";
import { emptySliding } from "../../protocol/cascade/sliding-window.ts";
import type { FactOf, LoggedFact } from "../fact.ts";
import type { BreakerState, DomainState, State } from "../state.ts";
import { REENACTED } from "./breakers.ts";
import { isolationEndMs } from "./domain-border.ts";
import { domainRecordSchema } from "./domain-record.ts";
import { bordersOf, domainKey } from "./domains.ts";
import { step } from "./step.ts";

/** The failure domains of a workflow are those of the policy it is started with, and stay while it lasts [ours]. */
export function setUpDomains(state: State, logged: LoggedFact, { claims }: FactOf<"exec+jwt">): void {
  const workflow = claims.wid === undefined ? undefined : state.workflows.get(claims.wid);
  if (workflow === undefined || workflow.startSeq !== logged.seq) return;
  const setups = state.policies.get(workflow.acp)?.claims.failure_domains ?? [];
  for (const setup of setups) {
    const domain: DomainState = {
      wid: workflow.wid,
      id: setup.domain_id,
      parent: setup.parent ?? null,
      members: membersOf(setups, setup.domain_id),
      leaf: !setups.some(({ parent }) => parent === setup.domain_id),
      health: createDomain(logged.receivedAt * 1000),
      seq: 0,
      reason: null,
      by: null,
      bulkhead: setup.bulkhead ?? null,
      running: new Set(),
      queue: [],
      attempts: emptySliding(ATTEMPTS, BUDGET_WINDOW_MS, logged.receivedAt * 1000),
      calls: createHealth(logged.receivedAt * 1000),
      alert: null,
      clearedMs: 0,
      entry: null,
    };
    state.domains.set(domainKey(domain.wid, domain.id), domain);
  }
}

/** Its own, and those of the domains inside. The start refuses domains that lie within themselves. */
function membersOf(setups: readonly DomainSetup[], id: string): string[] {
  const own = setups.find(({ domain_id }) => domain_id === id)?.members ?? [];
  return [
    ...own,
    ...setups.filter(({ parent }) => parent === id).flatMap(({ domain_id }) => membersOf(setups, domain_id)),
  ];
}

/** A transition of a failure domain: its border breakers are isolated, or given back, with it. */
export function evolveDomainState(state: State, logged: LoggedFact, { claims }: FactOf<"record+jwt">): void {
  const read = domainRecordSchema.safeParse(claims.data);
  const domain = read.success ? state.domains.get(domainKey(claims.wid ?? "", read.data.domain)) : undefined;
  if (!read.success || domain === undefined || read.data.seq <= domain.seq) return;
  const { to, reason, by = null, seq } = read.data;
  const atMs = logged.receivedAt * 1000;
  Object.assign(domain, { health: { state: to, sinceMs: atMs }, reason, by, seq, entry: logged.seq });
  const how = reason === "operator" || reason === "override" ? reason : "cascade";
  if (to === "isolated")
    for (const found of bordersOf(state, domain).all) {
      step(state, found, logged, (breaker, now) => isolate(REENACTED, breaker, how, now), by);
      found.isolatedUntilMs = Math.max(found.isolatedUntilMs ?? 0, atMs + ISOLATION_MS);
    }
  if (to === "recovering") {
    domain.clearedMs = atMs;
    for (const found of bordersOf(state, domain).all) {
      // What a cascade, or the domain on its other side, isolates stays isolated until that is over (S13).
      const other = otherEndMs(state, found, atMs);
      if (other === null)
        step(
          state,
          found,
          logged,
          (breaker, now) => releaseIsolated(REENACTED, breaker, reason === "operator" ? "operator" : "timer", now),
          by,
        );
      else if (found.breaker.isolated) found.isolatedUntilMs = other;
    }
  }
}

function otherEndMs(state: State, found: BreakerState, nowMs: number): number | null {
  const border = isolationEndMs(state, found);
  const { cutUntilMs } = found;
  return cutUntilMs === null || cutUntilMs <= nowMs ? border : Math.max(border ?? 0, cutUntilMs);
}
