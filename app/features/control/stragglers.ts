import type { OverrideSignal } from "../../api/contract/override.ts";
import { uuidSchema } from "../../protocol/jose/formats.ts";
import { statusOf, type TargetFacts } from "./stop-facts.ts";

/** What is wrong with a target that should be where it was ordered by now. */
export interface Straggler {
  readonly target: TargetFacts;
  readonly why: string;
}

/** What comes next on the ladder for those left over (override.md section c): each rung does something more, none undoes one. */
export type Rung = "stop" | "revoke";

/** Compliance deadlines by level, ms (OVR-13). */
const DEADLINE_MS: Readonly<Record<string, number>> = { emergency: 1000, mandatory: 10_000 };

/**
 * Targets that went on, or are neither verified nor have acknowledged, or that no evidence confirms, once their time for it is over. Who still ends a
 * task under a pause that lets it end is none.
 */
export function stragglersOf(signal: OverrideSignal, nowMs: number): readonly Straggler[] {
  const deadline = DEADLINE_MS[signal.level];
  if (deadline === undefined || signal.drill || !(signal.inForce || signal.latched)) return [];
  const sinceMs = nowMs - signal.at * 1000 - graceOf(signal);
  if (sinceMs < deadline) return [];
  return signal.targets.flatMap((target) => {
    const why = whyOf(signal, target, sinceMs >= 2 * deadline);
    return why === null ? [] : [{ target, why }];
  });
}

/** Once an orderly stop is immediate its time to obey has begun anew, ms. */
function graceOf({ action, stopping, params }: OverrideSignal): number {
  const waited = action === "stop" && !stopping && params.mode === "orderly";
  return waited && typeof params.grace_ms === "number" ? params.grace_ms : 0;
}

function whyOf(signal: OverrideSignal, target: TargetFacts, isLate: boolean): string | null {
  const status = statusOf(target);
  // What is proven does not need its word: a worker that was ended never acknowledges.
  if (status === "verified") return null;
  if (status === "violated") return "went on against the order";
  const ended = target.terminatedAtMs === null ? "" : "; its worker was ended";
  if (status === "unconfirmed") return `not confirmed by anything but its word${ended}`;
  if (target.acknowledgedAtMs === null) return `has not acknowledged${ended}`;
  return signal.action === "stop" && !signal.stopping && isLate ? `not verified as stopped${ended}` : null;
}

/** After an order that holds: a stop of those left over. After a stop: the policies they act under. */
export const rungAfter = ({ action }: Pick<OverrideSignal, "action">): Rung => (action === "stop" ? "revoke" : "stop");

/** Workflows of some agents, whose ids name them. */
export function workflowsOf(stragglers: readonly Straggler[]): readonly string[] {
  const named = stragglers.map(({ target }) => /\/agent\/([^/]+)\//.exec(target.agent)?.[1] ?? "");
  return [...new Set(named.filter((wid) => uuidSchema.safeParse(wid).success))];
}
