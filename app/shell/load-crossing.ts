import { LIMITS } from "../protocol/attention/limits.ts";

/** Whether it is said that more is asked of each operator than they can take in (A1). */
export interface Crossing {
  readonly isOver: boolean;
  /** Put aside by whoever sits here, until it is crossed anew. */
  readonly isAside: boolean;
}

export const CALM: Crossing = { isOver: false, isAside: false };

/** Over from above the limit on; over no more from here down [ours], so that a load about the limit is said once. */
const CALM_AGAIN = LIMITS.hour.warn * 0.75;

/** After a reading of the demands on each operator in the last hour. The same one where nothing changes. */
export function crossed(before: Crossing, each: number): Crossing {
  if (!before.isOver) return each > LIMITS.hour.warn ? { isOver: true, isAside: false } : before;
  return each <= CALM_AGAIN ? CALM : before;
}
