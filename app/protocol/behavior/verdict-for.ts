import { lossOf } from "./compliance.ts";
import type { ProfileBody } from "./profile.ts";
import type { Verdict } from "./result.ts";

/** What is known of one window, from one source. */
export interface WindowFigures {
  readonly samples: number;
  readonly compliance: number;
  /** Null where there is nothing to compare with. */
  readonly drift: number | null;
  /** Severity of the gravest finding; 0 where there is none. */
  readonly gravest: number;
  /** A rule of order could not be judged of some task (BEH-63). */
  readonly unjudged?: boolean;
}

/** Severity that decides by itself, whatever else was found and however little. */
export const DECISIVE = 5;

/**
 * B4 steps 5 and 6, for one window. A finding of severity 5 is not excused by few samples [ours]: such a window is closed
 * for its sake. Where a rule of order could not be judged nothing is better than drifting (BEH-63): keeping quiet about what one
 * acts on earns no good name.
 */
export function verdictFor(
  { min_samples, thresholds }: Pick<ProfileBody, "min_samples" | "thresholds">,
  { samples, compliance, drift, gravest, unjudged = false }: WindowFigures,
): Verdict {
  if (gravest >= DECISIVE) return "nonconformant";
  if (samples < min_samples) return "insufficient";
  const loss = lossOf(compliance);
  if (loss >= thresholds.fail || (drift ?? 0) >= thresholds.drift_fail) return "nonconformant";
  return unjudged || loss >= thresholds.warn || (drift ?? 0) >= thresholds.drift_warn ? "drifting" : "conformant";
}

const GRAVITY = { conformant: 0, unverifiable: 1, insufficient: 1, drifting: 2, nonconformant: 3 } as const;

export const worseVerdict = (one: Verdict, other: Verdict): Verdict => (GRAVITY[other] > GRAVITY[one] ? other : one);
