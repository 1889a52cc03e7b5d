import type { Observer } from "./evidence.ts";
import type { ProfileBody, SequenceRule } from "./profile.ts";

/**
 * Observers that see one agent and nobody beside it (BEH-57): they are held to what can be judged from its own tasks. What
 * another agent may have made good, before or afterwards, they cannot know.
 */
export const seesAlone = (observer: Observer): boolean => observer === "self" || observer === "sidecar";

/** Whether a rule is kept or broken by one agent's tasks alone. */
export const isJudgedAlone = ({ kind }: Pick<SequenceRule, "kind">): boolean => kind === "never_after";

/** Their clock is not the log's: what is forbidden for a time is so for this much longer by it, seconds. */
const LEEWAY_S = 30;

/** What such an observer goes by, of a profile. */
export function judgedAlone(profile: ProfileBody): ProfileBody {
  const sequences = (profile.sequences ?? [])
    .filter(isJudgedAlone)
    .map((rule) => (rule.within_s === undefined ? rule : { ...rule, within_s: rule.within_s + LEEWAY_S }));
  return { ...profile, sequences };
}
