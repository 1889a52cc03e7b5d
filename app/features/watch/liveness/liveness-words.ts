import type { AgentLivenessView } from "../../../api/contract/liveness.ts";
import { CLOCK_TOLERANCE_MS } from "../../../protocol/liveness/clock-offset.ts";
import { formatDuration } from "../../../ui/duration.ts";
import type { MarkShape, MarkTone } from "../../../ui/mark.tsx";
import type { LeaseStand } from "./lease-stand.ts";

type Plan = AgentLivenessView["plan"];

const ACTS: Readonly<Record<Plan["do"], string>> = {
  continue: "continue",
  hold: "hold",
  safe_stop: "safe stop",
  roll_back: "ask for rollback",
};

/** `45 s`, `5 min`: a whole span, without the zero that does not matter. */
export function spanWords(seconds: number): string {
  return seconds % 60 === 0 && seconds >= 60 && seconds < 3600 ? `${seconds / 60} min` : formatDuration(seconds * 1000);
}

/** How much room there is: a sentence, a node, a cell of a table. */
type Room = "full" | "short" | "row";

/** Where there is little room: on a node, in a row. */
const SHORT: Readonly<Record<Plan["do"], string>> = { ...ACTS, safe_stop: "stop", roll_back: "ask" };

/** What happens to an agent that is not heard of: `hold after 45 s`. */
export function planWords(plan: Plan, room: Room = "full"): string {
  const acts = room === "full" ? ACTS : SHORT;
  if (plan.do === "continue") return room === "full" ? "continue without link" : "goes on";
  return `${acts[plan.do]} ${room === "row" ? "" : "after "}${spanWords(plan.afterS)}`;
}

/** What an agent's clock says beside the host's, and whether its times can be put in order with those of others (L7). */
export function clockWords(offsetMs: number | null): { readonly text: string; readonly far: boolean } {
  if (offsetMs === null) return { text: "not known: nothing was heard of it yet", far: false };
  const far = Math.abs(offsetMs) > CLOCK_TOLERANCE_MS;
  if (!far) return { text: "agrees with the host's within half a second", far };
  return { text: `${(Math.abs(offsetMs) / 1000).toFixed(1)} s ${offsetMs > 0 ? "ahead" : "behind"}`, far };
}

export interface LivenessMark {
  readonly shape: MarkShape;
  readonly tone: MarkTone;
  readonly label: string;
}

/** What is left of a lease: `29 min`. */
export const leftWords = (leftMs: number): string =>
  leftMs < 60_000 ? `${Math.floor(leftMs / 1000)} s` : `${Math.floor(leftMs / 60_000)} min`;

export function leaseMark(stand: LeaseStand, leftMs: number): LivenessMark {
  const left = leftWords(leftMs);
  switch (stand) {
    case "running":
      return { shape: "half", tone: "neutral", label: `lease ${left}` };
    case "asked":
      return { shape: "diamond", tone: "notice", label: `renew: ${left}` };
    case "sounding":
      return { shape: "triangle", tone: "warning", label: `renew: ${left}` };
    case "due":
      return { shape: "triangle", tone: "warning", label: "renew: due now" };
    case "lapsed":
      return { shape: "bar", tone: "warning", label: "lease over: begins nothing new" };
  }
}

const DONE: Readonly<Record<Plan["do"], string>> = {
  continue: "link lost",
  hold: "link lost: held",
  safe_stop: "link lost: stopped",
  roll_back: "link lost: held, roll back?",
};

/** The plan as long as the link is there; what its loss has led to once it is not (O4). */
export function linkMark({ plan, link }: Pick<AgentLivenessView, "plan" | "link">, room: Room = "full"): LivenessMark {
  if (link === null) return { shape: "ring", tone: "neutral", label: planWords(plan, room) };
  if (link.stage === "planned") return { shape: "cross", tone: "critical", label: DONE[plan.do] };
  return { shape: "triangle", tone: "warning", label: link.stage === "degraded" ? "degraded" : "degraded: restricted" };
}

/** What it kept the agent from, once it is heard of again. */
export const STAGE_WAS: Readonly<Record<NonNullable<AgentLivenessView["link"]>["stage"], string>> = {
  degraded: "It did nothing that cannot be undone.",
  restricted: "It did nothing that has a consequence.",
  planned: "Its plan for this was carried out.",
};

/** What the stage of a lost link keeps the agent from. */
export const STAGE_WORDS: Readonly<Record<NonNullable<AgentLivenessView["link"]>["stage"], string>> = {
  degraded: "It does nothing that cannot be undone.",
  restricted: "It does nothing that has a consequence.",
  planned: "Its plan for this has been carried out.",
};
