import { useMemo } from "react";
import { alignedLog, differencesOf, type TaskDifference } from "./compare.ts";
import type { LaneLog } from "./lane-log.ts";
import type { KnownRun } from "./use-runs.ts";

export interface Compared {
  /** Both runs as logs of their own, A first, each with its time from its own start. */
  readonly logs: readonly LaneLog[];
  readonly differences: readonly TaskDifference[];
  /** Whether an entry is of the run whose log it is looked at in. */
  isOf(log: LaneLog, seq: number): boolean;
  readonly a: KnownRun;
  readonly b: KnownRun;
}

/** Two workflows to be compared; null while one of them is not chosen or not in the log. */
export function useCompared(
  log: LaneLog | undefined,
  runs: readonly KnownRun[],
  wid: string | undefined,
  other: string | undefined,
): Compared | null {
  const a = runs.find((run) => run.wid === wid);
  const b = runs.find((run) => run.wid === other && other !== wid);
  return useMemo(() => {
    if (log === undefined || a === undefined || b === undefined) return null;
    const ofA = alignedLog(log, a.wid, "A");
    const ofB = alignedLog(log, b.wid, "B");
    if (ofA === null || ofB === null) return null;
    const places = { A: log.words.wid.indexOf(a.wid), B: log.words.wid.indexOf(b.wid) };
    return {
      logs: [ofA, ofB],
      differences: differencesOf(log, a.wid, b.wid, a.run === b.run),
      isOf: (own, seq) => own.word.wid[seq] === places[own.domain === "A" ? "A" : "B"],
      a,
      b,
    };
  }, [log, a, b]);
}
