import { drained } from "../../base/steps.ts";
import { suggestedActions } from "./learn-actions.ts";
import { suggestedBaseline } from "./learn-baseline.ts";
import { measuredCourses, suggestedLimits } from "./learn-limits.ts";
import { suggestedSequences } from "./learn-sequences.ts";
import { groupSpan } from "./learn-span.ts";
import type { Learned } from "./learn-suggestion.ts";
import type { ObservedTask } from "./observed.ts";
import type { Baseline, LimitRule, ProfileBody, SequenceRule } from "./profile.ts";

/** Tasks in the order of the log, those of benchmarks left out (BEH-16). */
export const learnProfile = (tasks: readonly ObservedTask[]): Learned => drained(learnSteps(tasks));

/** The same in steps, each about some tasks or a workflow: ten thousand tasks take a fraction of a second, for which nobody is to wait. */
export function* learnSteps(tasks: readonly ObservedTask[]): Generator<void, Learned> {
  const span = groupSpan(tasks);
  const actions = suggestedActions(span);
  const measured = yield* measuredCourses(span);
  const baseline = yield* suggestedBaseline(span, measured);
  const sequences = yield* suggestedSequences(span);
  return {
    span: {
      from: Math.floor(span.fromMs / 1000),
      to: Math.floor(span.toMs / 1000),
      tasks: span.tasks,
      workflows: span.workflows.length,
      agents: span.agents,
    },
    suggestions: [
      ...actions,
      ...(baseline === null ? [] : [baseline]),
      ...sequences.suggestions,
      ...suggestedLimits(span, measured),
    ],
    pruned: { names: sequences.names, rules: sequences.rules },
  };
}

/** What the chosen suggestions make of a profile, for the form; the person still edits and signs it. */
export function profilePart(
  learned: Learned,
  chosen: ReadonlySet<string>,
): Pick<ProfileBody, "allowed_actions" | "sequences" | "limits" | "baseline"> {
  const allowed_actions: string[] = [];
  const sequences: SequenceRule[] = [];
  const limits: LimitRule[] = [];
  let baseline: Baseline | undefined;
  for (const { id, adds } of learned.suggestions) {
    if (!chosen.has(id)) continue;
    if (adds.kind === "allowed_action") allowed_actions.push(adds.pattern);
    else if (adds.kind === "sequence") sequences.push(adds.rule);
    else if (adds.kind === "limit") limits.push(adds.rule);
    else baseline = adds.baseline;
  }
  return { allowed_actions, sequences, limits, ...(baseline === undefined ? {} : { baseline }) };
}
