import type { OverrideSignal } from "../../api/contract/override.ts";
import type { MarkShape, MarkTone } from "../../ui/mark.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { urgencyOf } from "./unseen.ts";

interface Standing {
  readonly shape: MarkShape;
  readonly tone: MarkTone;
  readonly label: string;
}

const ENDED = {
  released: "released",
  resumed: "resumed",
  superseded: "replaced",
  expired: "its time is over",
} as const;

/** How a signal stands: what is in force differs from what is over by shape and word, a drill from both (OVR-25). */
export function standingOf(signal: OverrideSignal): Standing {
  if (signal.drill) return { shape: "ring", tone: "notice", label: "drill" };
  if (signal.stopping) return { shape: "bar", tone: "critical", label: "stopping" };
  if (signal.latched) return { shape: "square", tone: "critical", label: "in force" };
  if (signal.inForce && signal.lapsed) return { shape: "bar", tone: "warning", label: "over, holds as a pause" };
  if (signal.inForce && signal.action === "takeover") return { shape: "diamond", tone: "warning", label: "in force" };
  if (signal.inForce && signal.action === "modify") return { shape: "half", tone: "notice", label: "in force" };
  if (signal.inForce) return { shape: "bar", tone: "notice", label: "in force" };
  return { shape: "ring", tone: "neutral", label: signal.released === null ? "recorded" : ENDED[signal.released.how] };
}

/** What a signal orders, in words. An action of a newer engine as it is. */
export function actionWords({ action, params }: Pick<OverrideSignal, "action" | "params">): string {
  switch (action) {
    case "pause":
      return params.mode === "after_task" ? "pause after the task under way" : "pause at once";
    case "stop":
      return params.mode === "orderly" ? "stop in order" : "stop";
    case "modify":
      return "change of limits";
    case "advise":
      return "advice";
    default:
      return visibleText(action);
  }
}

/** The limits that a change sets, one sentence each. */
export function limitWords({ params }: Pick<OverrideSignal, "params">): readonly string[] {
  const { set } = params;
  if (typeof set !== "object" || set === null || Array.isArray(set)) return [];
  return Object.entries(set).map(([name, value]) => visibleText(`${name} = ${valueWords(value)}`));
}

const valueWords = (value: unknown): string => (Array.isArray(value) ? value.map(String).join(", ") : String(value));

/** Which signals are listed; all of them when undefined. It is in the URL. */
export type SignalsFilter = "force" | "stop" | "pause" | "modify" | "takeover" | undefined;

export function passesFilter(signal: OverrideSignal, filter: SignalsFilter): boolean {
  if (filter === undefined) return true;
  return filter === "force" ? signal.inForce : signal.action === filter;
}

/** What is violated first, then what is in force, stops before the rest, then newest first. */
export function ordered(signals: readonly OverrideSignal[]): OverrideSignal[] {
  const rank = (signal: OverrideSignal): number =>
    urgencyOf(signal) === 2 ? 3 : signal.latched ? 2 : signal.inForce ? 1 : 0;
  return signals.toSorted((a, b) => rank(b) - rank(a) || b.at - a.at);
}

const HOLDING: ReadonlySet<string> = new Set(["stop", "pause", "takeover", "rollback"]);

/** Agents that a pause or takeover holds and that another signal in force holds too: they stay held when it ends (S13). */
export function heldElsewhere(signal: OverrideSignal, all: readonly OverrideSignal[]): readonly string[] {
  const holding = all.filter(
    (other) => other.jti !== signal.jti && other.inForce && !other.drill && HOLDING.has(other.action),
  );
  const held = new Set(
    holding.flatMap((other) => (other.scope.kind === "task" ? [] : other.targets.map(({ agent }) => agent))),
  );
  return signal.targets.filter(({ agent }) => held.has(agent)).map(({ name }) => visibleText(name));
}
