import { err, ok, type Result } from "../../base/result.ts";
import { judgeDomain } from "../../protocol/cascade/failure-domain.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Draft, Moment } from "../command.ts";
import type { HostIds } from "../records.ts";
import type { DomainState, State } from "../state.ts";
import { queueDueMs, timeoutDrafts } from "./bulkheads.ts";
import { domainDraft, domainDueMs, seenOf } from "./domains.ts";

/** When something of a domain is due by time alone, epoch ms: the end of its isolation, or of the longest wait. */
export function nextDomainDueMs(domain: DomainState): number | null {
  const due = [domainDueMs(domain), queueDueMs(domain)].filter((atMs) => atMs !== null);
  return due.length === 0 ? null : Math.min(...due);
}

/** The host's timer: an isolation that has lasted 300 s is over, and who has waited too long is refused. */
export function decideDomainDue(
  state: State,
  { domain }: { readonly domain: string },
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const found = state.domains.get(domain);
  if (found === undefined) return err(refusal("domain_unknown", "no such failure domain"));
  const nowMs = moment.nowS * 1000;
  const { change } = judgeDomain(found.health, seenOf(state, found, nowMs), nowMs);
  const late = timeoutDrafts(state, found, ids, moment);
  if (change?.reason !== "timer")
    return late.length > 0 ? ok(late) : err(refusal("domain_state_invalid", "nothing of it is due yet"));
  return ok([domainDraft(found, change, { timer: "domain_isolation", of: found.wid }, ids, moment), ...late]);
}
