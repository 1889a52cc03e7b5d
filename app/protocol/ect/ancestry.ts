import { findPred, type KnownEct, type KnownEcts, type Level, taskKey } from "./known-ects.ts";

/** D4 check 4: where the walk over ancestors ends. */
export const MAX_ANCESTORS = 10_000;

/** What a task rests on: everything reachable over `pred`. */
export interface Ancestry {
  /** A closed path, first and last the same task; null without one. */
  readonly cycle: readonly string[] | null;
  /** More than `MAX_ANCESTORS` are reachable: nothing is said about the rest. */
  readonly limited: boolean;
  /** The lowest level among the ancestors that are held; 3 without any (ECT-29). */
  readonly ancestorLevel: Level;
  /** Named somewhere behind the task, and not held. */
  readonly missing: readonly string[];
  /** An ancestor was rejected after it had been accepted: what rests on it is tainted (ECT-S6). */
  readonly tainted: boolean;
}

interface Frame {
  readonly ect: KnownEct;
  readonly key: string;
  next: number;
}

/**
 * Walks `pred` depth first with three colours: white not seen, grey on the way, black done. A grey one met again closes a
 * cycle. Without recursion, so that a long chain is only long.
 */
export function walkAncestry(start: KnownEct, known: KnownEcts): Ancestry {
  const startKey = taskKey(start.jti, start.wid);
  const grey = new Set([startKey]);
  const black = new Set<string>();
  const path: Frame[] = [{ ect: start, key: startKey, next: 0 }];
  const missing = new Set<string>();
  let ancestorLevel: Level = 3;
  let tainted = known.isRejected(start.jti, start.wid);
  let visited = 0;
  const answer = (found: { cycle?: string[]; limited?: boolean } = {}): Ancestry => ({
    cycle: found.cycle ?? null,
    limited: found.limited ?? false,
    ancestorLevel,
    missing: [...missing],
    tainted,
  });

  for (let frame = path.at(-1); frame !== undefined; frame = path.at(-1)) {
    const jti = frame.ect.pred[frame.next];
    if (jti === undefined) {
      black.add(frame.key);
      grey.delete(frame.key);
      path.pop();
      continue;
    }
    frame.next += 1;
    const ect = predOf(start, frame.ect, jti, known);
    if (ect === undefined) {
      missing.add(jti);
      tainted ||= known.isRejected(jti, frame.ect.wid);
      continue;
    }
    const key = taskKey(ect.jti, ect.wid);
    if (grey.has(key)) return answer({ cycle: closedPath(path, key) });
    if (black.has(key)) continue;
    visited += 1;
    if (visited > MAX_ANCESTORS) return answer({ limited: true });
    if (ect.level < ancestorLevel) ancestorLevel = ect.level;
    tainted ||= known.isRejected(ect.jti, ect.wid);
    grey.add(key);
    path.push({ ect, key, next: 0 });
  }
  return answer();
}

/** The task itself is not held yet when it is being checked, and may still be what an ancestor names. */
function predOf(start: KnownEct, of: KnownEct, jti: string, known: KnownEcts): KnownEct | undefined {
  if (jti === start.jti && of.wid === start.wid) return start;
  const found = findPred(known, jti, of.wid);
  return found.same ?? (found.elsewhere.length === 1 ? found.elsewhere[0] : undefined);
}

/** From the grey task along the path to where it was met again: each names the next as predecessor. */
function closedPath(path: readonly Frame[], key: string): string[] {
  const from = path.findIndex((frame) => frame.key === key);
  const tasks = path.slice(from).map((frame) => frame.ect.jti);
  return [...tasks, ...tasks.slice(0, 1)];
}
