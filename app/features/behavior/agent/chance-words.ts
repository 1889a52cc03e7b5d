import type { BehaviorWindow, ProfileVersion } from "../../../api/contract/behavior.ts";
import { unchangedDrift } from "../../../protocol/behavior/uncertainty.ts";
import { countOf, score } from "../words.ts";

/**
 * What the drift score of a window this size shows though nothing has changed (BEH-36); null where there is no baseline, or
 * the window was judged by another version than the one at hand.
 */
export function chanceWords(
  { drift, samples, profile }: Pick<BehaviorWindow, "drift" | "samples" | "profile">,
  version: Pick<ProfileVersion, "profile" | "hash"> | null,
): string | null {
  const baseline = version?.hash === profile.hash ? version.profile.baseline : undefined;
  if (baseline === undefined || drift === null || samples === 0) return null;
  const { expected, upper } = unchangedDrift(Object.values(baseline.action_freq), samples, baseline.strength);
  const known = `With no change at all a window of ${countOf(samples, "task")} scores ${score(expected)} on average and up to ${score(upper)} in 95 of 100.`;
  if (drift > upper) return `${known} This score is above that.`;
  // The score is the larger of two where numbers have a baseline too: which of them it is cannot be told here.
  return baseline.numeric === undefined ? `${known} This score is no more than chance.` : known;
}

/** What the rate of the sequential test takes for granted (BEH-38), to be said where the rate is shown. */
export const TEST_ASSUMES =
  "Its rate holds as long as an action does not depend on the ones just before it; where actions come in bursts, the baseline says so and the test is not run.";
