/** What an agent has earned (behavior.md section b), by its standing id. Its history is the log. */
export interface Trust {
  /** 0 to 1, in millionths, so that whoever works it out again has the same. As of `updatedAtS`. */
  readonly score: number;
  readonly floor: number;
  /** Epoch seconds of the newest change: idle time runs from here. */
  readonly updatedAtS: number;
}

const START = 0.5;
const FLOOR = 0.2;
const DAY_S = 86_400;
const IDLE_DAYS = 30;
const IDLE_STEP = 0.01;

export const startTrust = (atS: number): Trust => ({ score: START, floor: FLOOR, updatedAtS: atS });

/** As of a time: after 30 idle days it goes toward where it began, 0.01 a day. */
export function trustAt({ score, updatedAtS }: Trust, atS: number): number {
  const days = Math.floor((atS - updatedAtS) / DAY_S) - IDLE_DAYS;
  if (days <= 0) return score;
  const moved = days * IDLE_STEP;
  return rounded(score < START ? Math.min(START, score + moved) : Math.max(START, score - moved));
}

/** In millionths. */
export const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;
