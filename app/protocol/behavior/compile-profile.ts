import { matchesPattern } from "../acp/match.ts";
import type { ObservedTask } from "./observed.ts";
import { ACTION_RULES, type ProfileBody, type SequenceRule } from "./profile.ts";

/** Severities of the rules of ours (BEH-30) [ours]. */
const FORBIDDEN_SEVERITY = 5;
const NOT_ALLOWED_SEVERITY = 4;

/** A profile made ready to be run over tasks: rules are looked up by the action, not tried one by one. */
export interface CompiledProfile {
  readonly profile: ProfileBody;
  readonly rules: readonly SequenceRule[];
  planFor(action: string): ActionPlan;
  /** Severity of a rule the profile knows, ours included; undefined for any other name. */
  severityOf(ruleId: string): number | undefined;
}

/** What an action's name alone decides. */
export interface ActionPlan {
  readonly offence: { readonly rule_id: string; readonly severity: number } | null;
  /** Sides that are looked at first: what this task offends against, or makes good. */
  readonly checks: readonly RuleSide[];
  /** Sides that hold from this task on. */
  readonly arms: readonly RuleSide[];
  /** Whether it can make something good, which is all that an action of others does. */
  readonly makesGood: boolean;
}

/** One side of a sequence rule. */
export interface RuleSide {
  /** Place of the rule among the profile's. */
  readonly at: number;
  readonly rule: SequenceRule;
  readonly data: string | null;
  readonly to: string | null;
  /** The argument that says what it is about, where the rule holds for one thing at a time. */
  readonly same: string | null;
  /** It makes something good: then what a task does not state is not taken to be there. */
  readonly fulfils: boolean;
}

/** Names remembered. Whoever makes up more of them makes this slower, not larger. */
const REMEMBERED = 4096;

export function compileProfile(profile: ProfileBody): CompiledProfile {
  const rules = profile.sequences ?? [];
  const allowed = patternSet(profile.allowed_actions);
  const forbidden = patternSet(profile.forbidden_actions ?? []);
  const sides = rules.flatMap(sidesOf);
  const plans = new Map<string, ActionPlan>();
  const severities = new Map([
    ...[...rules, ...(profile.limits ?? [])].map(({ id, severity }) => [id, severity] as const),
    [ACTION_RULES.forbidden, FORBIDDEN_SEVERITY] as const,
    [ACTION_RULES.notAllowed, NOT_ALLOWED_SEVERITY] as const,
  ]);

  const planOf = (action: string): ActionPlan => {
    const own = sides.filter(({ act }) => act === null || matchesPattern(act, action));
    return {
      offence: forbidden(action)
        ? { rule_id: ACTION_RULES.forbidden, severity: FORBIDDEN_SEVERITY }
        : allowed(action)
          ? null
          : { rule_id: ACTION_RULES.notAllowed, severity: NOT_ALLOWED_SEVERITY },
      checks: own.filter(({ arms }) => !arms).map(({ side }) => side),
      arms: own.filter(({ arms }) => arms).map(({ side }) => side),
      makesGood: own.some(({ side }) => side.fulfils),
    };
  };
  return {
    profile,
    rules,
    planFor: (action) => {
      const known = plans.get(action);
      if (known !== undefined) return known;
      const plan = planOf(action);
      if (plans.size < REMEMBERED) plans.set(action, plan);
      return plan;
    },
    severityOf: (ruleId) => severities.get(ruleId),
  };
}

/** Whether a task is what a side is about, as far as its name does not decide it. */
export function sideMatches({ data, to, fulfils }: RuleSide, task: ObservedTask): boolean {
  if (data !== null && !(task.data === null ? !fulfils : task.data.includes(data))) return false;
  if (to === null) return true;
  if (task.targets === null) return !fulfils;
  // Where a rule is about every action this runs for every task.
  for (const target of task.targets) if (matchesPattern(to, target)) return true;
  return false;
}

interface NamedSide {
  readonly act: string | null;
  readonly side: RuleSide;
  readonly arms: boolean;
}

/** The first side in time arms a rule, the second is checked; which of the two makes good depends on the kind. */
function sidesOf(rule: SequenceRule, at: number): readonly NamedSide[] {
  const { kind } = rule;
  return [
    { ...sideOf(rule, at, "a", kind === "must_precede"), arms: true },
    { ...sideOf(rule, at, "b", kind === "must_follow"), arms: false },
  ];
}

function sideOf(rule: SequenceRule, at: number, name: "a" | "b", fulfils: boolean): Omit<NamedSide, "arms"> {
  const match = rule[name];
  const same = rule.same?.[name] ?? null;
  if (typeof match === "string") return { act: match, side: { at, rule, data: null, to: null, same, fulfils } };
  const { act = null, data = null, to = null } = match;
  return { act, side: { at, rule, data, to, same, fulfils } };
}

/** What a task is about, by a side that asks for it; null where the task does not say. */
export function aboutOf({ same }: RuleSide, { named }: ObservedTask): string | null {
  return same === null || named === undefined || !Object.hasOwn(named, same) ? null : (named[same] ?? null);
}

function patternSet(patterns: readonly string[]): (name: string) => boolean {
  const exact = new Set(patterns.filter((pattern) => !pattern.endsWith("*")));
  const prefixes = patterns.filter((pattern) => pattern.endsWith("*"));
  return (name) => exact.has(name) || prefixes.some((prefix) => matchesPattern(prefix, name));
}
