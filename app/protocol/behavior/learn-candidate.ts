import { STEP } from "../../base/steps.ts";
import {
  type ActionPlan,
  type CompiledProfile,
  compileProfile,
  type RuleSide,
  sideMatches,
} from "./compile-profile.ts";
import type { Violation } from "./evidence.ts";
import { createTally, type Span, type Tally } from "./learn-span.ts";
import type { ObservedTask } from "./observed.ts";
import type { ProfileBody, SequenceRule } from "./profile.ts";
import { createReplay, makesGood } from "./replay-rules.ts";

/**
 * What speaks for and against a rule in a span, by the replay that judges conduct itself, agent by agent. A case is a task that could have
 * broken it: one that needs something before or after it, or one that comes after what forbids some.
 */
export function* testRule(rule: SequenceRule, span: Span): Generator<void, ReturnType<Tally["result"]>> {
  const compiled = compileProfile(profileOf(rule));
  const tally = createTally(span);
  for (const { tasks } of span.workflows) {
    // Most tasks are on neither side of a rule, and what others do can only make something good.
    const about = tasks.filter(({ action }) => isAbout(compiled.planFor(action)));
    for (const subject of new Set(about.map(({ agent }) => agent))) {
      const needed = about.filter(({ agent, action }) => agent === subject || compiled.planFor(action).makesGood);
      const broken = yield* brokenBy(compiled, needed, { subject, untilMs: span.toMs + 1 });
      let armed = false;
      for (const task of needed) {
        if (task.agent !== subject) continue;
        const plan = compiled.planFor(task.action);
        const is = rule.kind === "never_after" ? armed : isCase(rule, plan, task);
        if (is) tally.add(task, !broken.has(task.jti));
        armed ||= plan.arms.some((side) => holdsFrom(side, task));
      }
    }
  }
  return tally.result();
}

const isAbout = ({ checks, arms }: ActionPlan): boolean => checks.length > 0 || arms.length > 0;

/** Tasks that break it by the end; in steps also within a workflow, for some are long. */
function* brokenBy(
  compiled: CompiledProfile,
  tasks: readonly ObservedTask[],
  { subject, untilMs }: { readonly subject: string; readonly untilMs: number },
): Generator<void, Set<string>> {
  const replay = createReplay(compiled, { subject });
  const broken = new Set<string>();
  const take = (findings: readonly Violation[]): void => {
    for (const { jti } of findings) broken.add(jti);
  };
  for (const [at, task] of tasks.entries()) {
    if (at % STEP === 0) yield;
    take(replay.observe(task));
  }
  take(replay.due(untilMs));
  take(replay.end(untilMs));
  return broken;
}

function isCase({ kind }: SequenceRule, { checks, arms }: ActionPlan, task: ObservedTask): boolean {
  if (kind === "must_precede") return checks.some((side) => sideMatches(side, task));
  return arms.some((side) => holdsFrom(side, task));
}

const holdsFrom = (side: RuleSide, task: ObservedTask): boolean =>
  (side.fulfils ? makesGood(side, task) : task.outcome !== "refused") && sideMatches(side, task);

/** A profile of this rule alone. */
const profileOf = (rule: SequenceRule): ProfileBody => ({
  profile_id: "learned",
  version: 1,
  owner: "urn:learned",
  applies_to: ["*"],
  allowed_actions: ["*"],
  sequences: [rule],
  window_s: 86_400,
  min_samples: 1,
  thresholds: { warn: 0.02, fail: 0.1, drift_warn: 0.2, drift_fail: 0.4 },
  assurance: "relaxed",
});
