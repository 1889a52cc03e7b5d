import { useEffect, useState } from "react";
import type { OverrideSignal } from "../../api/contract/override.ts";
import { countFacts } from "./stop-facts.ts";

/** 2: a target violates it. 1: a stop that holds, which nobody has to like to have to know of. 0: nothing abnormal. */
export function urgencyOf(signal: Pick<OverrideSignal, "targets" | "latched" | "inForce" | "drill">): 0 | 1 | 2 {
  if (signal.drill || !(signal.latched || signal.inForce)) return 0;
  if (countFacts(signal.targets).violated > 0) return 2;
  return signal.latched ? 1 : 0;
}

export interface Unseen {
  readonly signal: OverrideSignal;
  /** It was here before, and has become worse since somebody looked at it. */
  readonly isWorse: boolean;
}

/**
 * Signals that became abnormal since this pane was opened or they were last looked at, worst first, then newest. They do not
 * take the place of what is being read: they are told beside it until somebody opens them (A6, A7, S7).
 */
export function useUnseen(signals: readonly OverrideSignal[], selected: OverrideSignal | undefined): readonly Unseen[] {
  const [seen, setSeen] = useState<ReadonlyMap<string, number>>(
    () => new Map(signals.map((signal) => [signal.jti, urgencyOf(signal)])),
  );
  const jti = selected?.jti;
  const urgency = selected === undefined ? 0 : urgencyOf(selected);
  useEffect(() => {
    if (jti === undefined) return;
    setSeen((before) => ((before.get(jti) ?? -1) >= urgency ? before : new Map(before).set(jti, urgency)));
  }, [jti, urgency]);
  return signals
    .filter((signal) => signal.jti !== jti && urgencyOf(signal) > (seen.get(signal.jti) ?? 0))
    .toSorted((a, b) => urgencyOf(b) - urgencyOf(a) || b.at - a.at)
    .map((signal) => ({ signal, isWorse: seen.has(signal.jti) }));
}
