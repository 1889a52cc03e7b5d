import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import type { FailureDomainConfig } from "./claims.ts";

export const DOMAIN_STATES = ["normal", "degraded", "isolated", "recovering"] as const;
export const DOMAIN_REASONS = [
  "border",
  "members_failing",
  "cascade",
  "bulkhead",
  "operator",
  "override",
  "timer",
] as const;

/**
 * One failure domain (cascade.md section c):
 *
 *     normal <-> degraded --> isolated --operator or 300 s--> recovering --> normal
 *
 * Containment does not wait for `degraded`: it isolates a domain in any state [ours]. Plain data.
 */
export interface FailureDomain {
  readonly state: (typeof DOMAIN_STATES)[number];
  readonly sinceMs: number;
}

export interface DomainChange {
  readonly from: FailureDomain["state"];
  readonly to: FailureDomain["state"];
  readonly atMs: number;
  readonly reason: (typeof DOMAIN_REASONS)[number];
  /** What has to be done with the domain's border breakers. */
  readonly border: "isolate" | "release" | null;
}

/** What is seen of a domain. */
export interface DomainSeen {
  readonly members: number;
  /** Members that fail now; what failed before `sinceMs` of a recovering domain is over and not counted. */
  readonly failing: number;
  /** Border breakers that are open, forced or not. */
  readonly borderOpen: number;
  /** Border breakers in any other state than closed. */
  readonly borderNotClosed: number;
}

export interface DomainMoved {
  readonly domain: FailureDomain;
  readonly change: DomainChange | null;
}

export const ISOLATION_MS = 300_000;

export const createDomain = (atMs: number): FailureDomain => ({ state: "normal", sinceMs: atMs });

/** The domain after a look at it; at most one change a look. */
export function judgeDomain(domain: FailureDomain, seen: DomainSeen, atMs: number): DomainMoved {
  if (domain.state === "isolated")
    return atMs - domain.sinceMs >= ISOLATION_MS ? move(domain, "recovering", "timer", atMs) : { domain, change: null };
  if (2 * seen.failing > seen.members) return move(domain, "isolated", "members_failing", atMs);
  if (domain.state === "recovering")
    return seen.borderNotClosed === 0 ? move(domain, "normal", "border", atMs) : { domain, change: null };
  const next = seen.borderOpen > 0 ? "degraded" : "normal";
  return next === domain.state ? { domain, change: null } : move(domain, next, "border", atMs);
}

export function isolateDomain(
  domain: FailureDomain,
  reason: "cascade" | "bulkhead" | "operator" | "override",
  atMs: number,
): DomainMoved {
  return domain.state === "isolated" ? { domain, change: null } : move(domain, "isolated", reason, atMs);
}

/** By an operator, before the timer (CAS-19). */
export function releaseDomain(domain: FailureDomain, atMs: number): DomainMoved {
  return domain.state === "isolated" ? move(domain, "recovering", "operator", atMs) : { domain, change: null };
}

function move(
  { state: from }: FailureDomain,
  to: FailureDomain["state"],
  reason: DomainChange["reason"],
  atMs: number,
): DomainMoved {
  const border = to === "isolated" ? "isolate" : to === "recovering" ? "release" : null;
  return { domain: { state: to, sinceMs: atMs }, change: { from, to, atMs, reason, border } };
}

/**
 * The one leaf domain of each agent. Refuses (`domain_config_invalid`) domains with the same name, parents that are not
 * there or go round, and agents in two domains or in one that has domains inside.
 */
export function leafDomains(
  domains: readonly Pick<FailureDomainConfig, "domain_id" | "members" | "parent">[],
): Result<ReadonlyMap<string, string>, Refusal> {
  const invalid = (detail: string) => err(refusal("domain_config_invalid", detail));
  const parents = new Map(domains.map(({ domain_id, parent }) => [domain_id, parent]));
  if (parents.size < domains.length) return invalid("two domains have the same name");
  const withChildren = new Set(parents.values());
  const leafOf = new Map<string, string>();
  for (const { domain_id, members } of domains) {
    const above = new Set<string>();
    for (let at: string | undefined = domain_id; at !== undefined; at = parents.get(at)) {
      if (!parents.has(at)) return invalid(`the parent ${at} is not there`);
      if (above.has(at)) return invalid(`${domain_id} lies within itself`);
      above.add(at);
    }
    if (members.length > 0 && withChildren.has(domain_id))
      return invalid(`${domain_id} has members and domains inside`);
    for (const member of members) {
      if (leafOf.has(member)) return invalid(`${member} is in ${leafOf.get(member)} and in ${domain_id}`);
      leafOf.set(member, domain_id);
    }
  }
  return ok(leafOf);
}
