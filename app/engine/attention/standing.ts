import { STALE } from "../../protocol/attention/limits.ts";
import { holds } from "../gate/handling.ts";
import type { State } from "../state.ts";
import { workflowOfAgent } from "../workflow/evolve.ts";

/** Something that somebody was asked about and nobody has settled. */
export interface StandingItem {
  readonly kind: "request" | "finding" | "review" | "stop";
  /** Request or order, or what a finding is about. */
  readonly id: string;
  readonly about: string;
  readonly agent: string | null;
  /** Since when, epoch seconds; and the entry that says so. */
  readonly at: number;
  readonly seq: number;
}

export interface ShelvedItem {
  readonly request: string;
  readonly action: string;
  readonly agent: string;
  readonly by: string;
  readonly reason: string;
  readonly at: number;
  /** It comes back by itself then (A3). */
  readonly until: number;
  readonly seq: number;
}

export interface Standing {
  /** Longest first. */
  readonly items: readonly StandingItem[];
  readonly stale: readonly StandingItem[];
  readonly shelf: readonly ShelvedItem[];
  readonly deferred: number;
  /** Requests that wait, the age of the oldest, and seconds until the nearest deadline (R7). */
  readonly waiting: number;
  readonly oldestS: number | null;
  readonly nextDeadlineS: number | null;
}

/** What stands open (A5) and what is put away for now (A3), of a state. */
export function standingItems(state: State, nowS: number): Standing {
  const items: StandingItem[] = [];
  const shelf: ShelvedItem[] = [];
  let deferred = 0;
  let nextDeadlineS: number | null = null;
  for (const gate of state.gates.values()) {
    // What a rehearsal asks is asked of nobody (S12, N21).
    if (state.workflows.get(gate.wid)?.drill != null) continue;
    const { request, agent, seq } = gate;
    const about = gate.claims.task.exec_act;
    if (gate.breakGlass !== null && gate.breakGlass.review === null)
      items.push({ kind: "review", id: request, about, agent, at: gate.breakGlass.at, seq });
    if (gate.status !== "pending") continue;
    items.push({ kind: "request", id: request, about, agent, at: gate.openedAt, seq });
    const leftS = Math.max(0, gate.openedAt + gate.timeoutS - nowS);
    nextDeadlineS = nextDeadlineS === null ? leftS : Math.min(nextDeadlineS, leftS);
    if (gate.deferrals.some((hold) => holds(hold, nowS))) deferred += 1;
    const put = gate.shelf;
    if (put === null || !holds(put, nowS)) continue;
    shelf.push({
      request,
      action: about,
      agent,
      ...{ by: put.by, reason: put.reason, at: put.at, until: put.until, seq: put.seq },
    });
  }
  for (const [id, { flagged, resolved }] of state.findings)
    if (flagged !== null && resolved?.code !== flagged.code)
      items.push({ kind: "finding", id, about: flagged.code, agent: null, at: flagged.at, seq: flagged.seq });
  for (const order of state.overrides.values())
    if (order.inForce && !isOfDrill(state, order.claims.scope.id))
      for (const { agent, verdict, verdictAt } of order.targets.values())
        if (verdict === "violated")
          items.push({
            kind: "stop",
            id: order.jti,
            about: "violated",
            agent,
            at: verdictAt ?? order.at,
            seq: order.seq,
          });
  items.sort((a, b) => a.at - b.at || a.seq - b.seq);
  const waiting = items.filter(({ kind }) => kind === "request");
  return {
    items,
    stale: items.filter(({ at }) => nowS - at > STALE.afterS),
    shelf: shelf.toSorted((a, b) => a.until - b.until),
    deferred,
    waiting: waiting.length,
    oldestS: waiting[0] === undefined ? null : nowS - waiting[0].at,
    nextDeadlineS,
  };
}

/** An order to a workflow that rehearses, or to one of its agents. */
function isOfDrill(state: State, scope: string): boolean {
  const wid = workflowOfAgent(scope) ?? scope;
  return state.workflows.get(wid)?.drill != null;
}
