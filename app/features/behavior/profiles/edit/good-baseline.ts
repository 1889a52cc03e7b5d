import type { BehaviorWindow } from "../../../../api/contract/behavior.ts";
import type { Baseline } from "../../../../protocol/behavior/profile.ts";

/** Good windows a baseline is taken from: enough not to be the habit of one, few enough to be what holds now. */
const MOST = 5;

export interface GoodBaseline {
  readonly baseline: Baseline;
  /** Oldest first. */
  readonly windows: readonly BehaviorWindow[];
  readonly samples: number;
}

/** The shares of actions in an agent's last good windows, which sum to 1; null where it had none with anything in it. */
export function goodBaseline(windows: readonly BehaviorWindow[]): GoodBaseline | null {
  const good = windows.filter(({ verdict, samples }) => verdict === "conformant" && samples > 0).slice(-MOST);
  const counts = new Map<string, number>();
  for (const window of good)
    for (const [action, count] of Object.entries(window.counts)) counts.set(action, (counts.get(action) ?? 0) + count);
  const samples = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (samples === 0) return null;
  return { baseline: { action_freq: sharesOf(counts, samples) }, windows: good, samples };
}

/** Decimal places of a share: what is written is what is meant. */
const PLACES = 4;

/** Shares to four places; what rounding leaves goes to the largest, so that they sum to 1 exactly. */
function sharesOf(counts: ReadonlyMap<string, number>, samples: number): Record<string, number> {
  const unit = 10 ** PLACES;
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  const parts = sorted.map(([action, count]) => [action, Math.max(1, Math.round((count / samples) * unit))] as const);
  const rest = unit - parts.reduce((sum, [, part]) => sum + part, 0);
  return Object.fromEntries(parts.map(([action, part], at) => [action, (at === 0 ? part + rest : part) / unit]));
}
