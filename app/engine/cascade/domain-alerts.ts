import * as z from "zod";
import type { Json } from "../../base/json.ts";
import { healthAlerts, noteCall } from "../../protocol/cascade/domain-health.ts";
import type { Draft, Moment } from "../command.ts";
import type { FactOf, LoggedFact } from "../fact.ts";
import { type HostIds, recordDraft } from "../records.ts";
import type { DomainState, State, TaskState } from "../state.ts";
import { domainKey, domainsOf } from "./domains.ts";

/** `data` of the record `domain_alert`: what is out of proportion in a failure domain (C3, CAS-8) [ours]. */
const domainAlertSchema = z.object({
  domain: z.string(),
  kind: z.enum(["error_rate", "latency"]),
  /** What was measured last, and the hour's mean it is compared with: a share, or milliseconds. */
  value: z.number().nonnegative(),
  mean: z.number().nonnegative(),
});

/** What goes on is stated again after this long, ms: as long as a failure counts. */
export const ALERT_MS = 300_000;

export const isAlerting = ({ alert }: DomainState, nowMs: number): boolean =>
  alert !== null && nowMs - alert.atMs < ALERT_MS;

/**
 * A task of an agent of a domain has ended. How long it took here is the playback's doing and says nothing: what counts is
 * what its intent states, of a re-enactment what the recording says. Without that, and where a recording has no times and
 * so says 0, it is not known.
 */
export function noteEnded(state: State, logged: LoggedFact, wid: string, task: TaskState, failed: boolean): void {
  const statedS = task.intent?.needs?.duration_s ?? 0;
  const ended = { failed, durationMs: statedS === 0 ? null : statedS * 1000 };
  for (const domain of domainsOf(state, wid))
    if (domain.members.includes(task.agent)) domain.calls = noteCall(domain.calls, ended, logged.receivedAt * 1000);
}

/** What has come out of proportion, looked at when a task has ended. */
export function alertingDrafts(state: State, logged: readonly LoggedFact[], ids: HostIds, moment: Moment): Draft[] {
  if (state.domains.size === 0) return [];
  const ended = logged.findLast(({ fact }) => fact.typ === "exec+jwt")?.fact.claims.jti;
  if (ended === undefined) return [];
  const nowMs = moment.nowS * 1000;
  return [...state.domains.values()].flatMap((domain) => {
    const [alert] = healthAlerts(domain.calls, nowMs);
    if (alert === undefined) return [];
    // How long something takes is what an agent states: that hides no error rate, which the log has seen itself.
    if (isAlerting(domain, nowMs) && (domain.alert?.kind === alert.kind || alert.kind === "latency")) return [];
    const data: { readonly [member: string]: Json } = { domain: domain.id, ...alert };
    return [recordDraft(ids, moment, "domain_alert", domain.wid, { jti: ended }, data)];
  });
}

export function evolveDomainAlert(state: State, logged: LoggedFact, { claims }: FactOf<"record+jwt">): void {
  const read = domainAlertSchema.safeParse(claims.data);
  const domain = read.success ? state.domains.get(domainKey(claims.wid ?? "", read.data.domain)) : undefined;
  if (!read.success || domain === undefined) return;
  const { kind, value, mean } = read.data;
  domain.alert = { kind, value, mean, atMs: logged.receivedAt * 1000, entry: logged.seq };
}
