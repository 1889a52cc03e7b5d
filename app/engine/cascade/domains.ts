import type { Json } from "../../base/json.ts";
import { FAILING_MS } from "../../protocol/cascade/cascade-graph.ts";
import {
  type DomainChange,
  type DomainSeen,
  ISOLATION_MS,
  isolateDomain,
  judgeDomain,
  releaseDomain,
} from "../../protocol/cascade/failure-domain.ts";
import type { RecordClaims } from "../../protocol/ect/claims.ts";
import type { Draft, Moment } from "../command.ts";
import type { LoggedFact } from "../fact.ts";
import { type HostIds, recordDraft } from "../records.ts";
import type { BreakerState, DomainState, State } from "../state.ts";
import { REENACTED } from "./breakers.ts";
import { isBorder } from "./domain-border.ts";
import type { DomainRecord } from "./domain-record.ts";

export const domainKey = (wid: string, id: string): string => `${wid} ${id}`;

export const domainsOf = (state: State, wid: string): DomainState[] =>
  [...state.domains.values()].filter((domain) => domain.wid === wid);

/** The leaf domain of each agent of a workflow; agents in none are not in it. */
export function leavesOf(state: State, wid: string): ReadonlyMap<string, DomainState> {
  return new Map(
    domainsOf(state, wid)
      .filter(({ leaf }) => leaf)
      .flatMap((domain) => domain.members.map((member): [string, DomainState] => [member, domain])),
  );
}

/** When a domain is released by itself, epoch ms; null while it is not isolated. */
export const domainDueMs = ({ health }: DomainState): number | null =>
  health.state === "isolated" ? health.sinceMs + ISOLATION_MS : null;

/**
 * The members that fail now [ours]: as many failures within the last 300 s as trip a breaker in a row. One recorded failure
 * says nothing of an agent, and an agent that nobody calls has no breaker. What was before the last release is over.
 */
export function failingMembers(state: State, { members, clearedMs }: DomainState, nowMs: number): string[] {
  const fromMs = Math.max(clearedMs, nowMs - FAILING_MS);
  return members.filter(
    (member) =>
      (state.failing.get(member)?.times.filter((atMs) => atMs > fromMs) ?? []).length >= REENACTED.consecutive,
  );
}

export function bordersOf(state: State, domain: DomainState): { readonly open: number; readonly all: BreakerState[] } {
  const all = [...state.breakers.values()].filter((breaker) => isBorder(domain, breaker));
  return { open: all.filter(({ breaker }) => SHUT.has(breaker.state)).length, all };
}

const SHUT: ReadonlySet<string> = new Set(["open", "forced_open", "isolated"]);

export function seenOf(state: State, domain: DomainState, nowMs: number): DomainSeen {
  const { open, all } = bordersOf(state, domain);
  return {
    members: domain.members.length,
    failing: failingMembers(state, domain, nowMs).length,
    borderOpen: open,
    borderNotClosed: all.filter(({ breaker }) => breaker.state !== "closed").length,
  };
}

/** The record of one transition: folding it is what moves the domain, and its border with it. */
export function domainDraft(
  domain: DomainState,
  { from, to, reason }: DomainChange,
  cause: RecordClaims["cause"],
  ids: HostIds,
  moment: Moment,
  by: string | null = null,
): Draft {
  const record: DomainRecord = {
    domain: domain.id,
    from,
    to,
    reason,
    ...(by === null ? {} : { by }),
    seq: domain.seq + 1,
  };
  const data = record as unknown as { readonly [member: string]: Json }; // JSON throughout; its interface has no index.
  return recordDraft(ids, moment, "domain_state", domain.wid, cause, data);
}

/** What may have moved a domain: anything else is not looked at again. */
function bearsOn({ fact }: LoggedFact): boolean {
  if (fact.typ === "record+jwt") return fact.claims.kind === "domain_state" || fact.claims.kind === "cascade_alert";
  return fact.typ === "circuit-state+jwt" || fact.typ === "exec+jwt" || fact.typ === "failure-signal+jwt";
}

/** Every domain that what was just logged has moved (cascade.md section c, failure domain). */
export function domainDrafts(state: State, logged: readonly LoggedFact[], ids: HostIds, moment: Moment): Draft[] {
  if (state.domains.size === 0) return [];
  const cause = logged.findLast(bearsOn)?.fact.claims.jti;
  if (cause === undefined) return [];
  const nowMs = moment.nowS * 1000;
  return [...state.domains.values()].flatMap((domain) => {
    const { change } = judgeDomain(domain.health, seenOf(state, domain, nowMs), nowMs);
    return change === null ? [] : [domainDraft(domain, change, { jti: cause }, ids, moment)];
  });
}

/** The domains whose agents take part in a cascade, isolated (C3, `isolate_domain`). */
export function isolationDrafts(domains: readonly DomainState[], cause: string, ids: HostIds, moment: Moment): Draft[] {
  return domains.flatMap((domain) => {
    const { change } = isolateDomain(domain.health, "cascade", moment.nowS * 1000);
    return change === null ? [] : [domainDraft(domain, change, { jti: cause }, ids, moment)];
  });
}

/** What an operator's order does to a domain; refuses what is so already (`domain_state_invalid`). */
export function orderedChange(domain: DomainState, order: "trip" | "release", nowS: number): DomainChange | null {
  const atMs = nowS * 1000;
  return order === "trip"
    ? isolateDomain(domain.health, "operator", atMs).change
    : releaseDomain(domain.health, atMs).change;
}
