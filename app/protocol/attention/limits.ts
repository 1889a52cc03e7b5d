/** Least first, so that numbers of a higher priority are greater (A2). */
export const PRIORITIES = ["low", "medium", "high"] as const;
export type Priority = (typeof PRIORITIES)[number];

/** Limits of A1: demands on one operator. */
export const LIMITS = {
  hour: { aim: 6, warn: 12 },
  tenMinutes: { aim: 1, manageable: 2, flood: 10 },
  /** Share of the time in a flood. */
  floodShare: 0.01,
} as const;
/** The ten minutes of a flood, seconds. */
export const FLOOD_WINDOW_S = 600;
/** A2: shares that priorities are near over 30 days, and how near that is [ours]. */
export const PRIORITY_AIM: Readonly<Record<Priority, number>> = { low: 0.8, medium: 0.15, high: 0.05 };
export const NEAR = 0.05;

/** A5: what stands longer is stale, and fewer than so many do. */
export const STALE = { afterS: 86_400, fewerThan: 5 } as const;
/** R2: a class that is approved more often than that, and faster than that, is the policy's to answer. */
export const PROPOSE = { approvals: 0.95, medianS: 3 } as const;

/** A4: so many of the same within a minute. */
export const CHATTER = { count: 3, withinS: 60 } as const;

/** Of ascending times of the same thing, first and last place of each run in which three came within a minute. */
export function chatterRuns(times: readonly number[]): [number, number][] {
  const runs: [number, number][] = [];
  for (let end = CHATTER.count - 1; end < times.length; end += 1) {
    const begin = end - CHATTER.count + 1;
    if ((times[end] ?? 0) - (times[begin] ?? 0) > CHATTER.withinS) continue;
    const run = runs.at(-1);
    if (run !== undefined && begin <= run[1]) run[1] = end;
    else runs.push([begin, end]);
  }
  return runs;
}
