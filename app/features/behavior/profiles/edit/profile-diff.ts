import type { Baseline, LimitRule, ProfileBody, SequenceRule } from "../../../../protocol/behavior/profile.ts";
import { ruleWords, spanWords } from "../sequence/sequence-track.ts";

/** One difference between two versions of a profile, member by member. */
export interface ProfileChange {
  /** Of which part of the form. */
  readonly part: string;
  readonly what: string;
  readonly kind: "added" | "removed" | "changed";
  readonly before: string | null;
  readonly after: string | null;
  /** Whether it lets an agent do more, or less, than before; null where it is neither. */
  readonly effect: Effect;
}

/** `unclear` where it depends on what agents do. */
export type Effect = "wider" | "narrower" | "unclear" | null;

type Change = Omit<ProfileChange, "part" | "kind">;

/** What is different in a profile against an earlier one, in the order of the form; nothing where they say the same. */
export function profileChanges(before: ProfileBody | null, after: ProfileBody): readonly ProfileChange[] {
  const was = before;
  return [
    // Whom it leaves alone is judged by it no more; whom it takes in may have been judged more strictly by another one.
    ...of("Applies to", patterns(was?.applies_to, after.applies_to, { added: "unclear", removed: "wider" })),
    ...of(
      "Allowed actions",
      patterns(was?.allowed_actions, after.allowed_actions, { added: "wider", removed: "narrower" }),
    ),
    ...of(
      "Forbidden actions",
      patterns(was?.forbidden_actions, after.forbidden_actions, { added: "narrower", removed: "wider" }),
    ),
    ...of("Sequence rules", rules(was?.sequences, after.sequences, sequenceText, sequenceEffect)),
    ...of("Limits", rules(was?.limits, after.limits, limitText, limitEffect)),
    ...of("Baseline", baseline(was, after)),
    ...of("Observation", observation(was, after)),
  ].map((change) => (was === null ? { ...change, effect: null } : change));
}

/** Of something that lets more pass the larger it is. */
const growing = (before: number, after: number): Effect =>
  after > before ? "wider" : after < before ? "narrower" : null;

const together = (effects: readonly Effect[]): Effect => {
  const [first = null, ...others] = new Set(effects.filter((effect) => effect !== null));
  return others.length === 0 ? first : "unclear";
};

const kindOf = ({ before, after }: Change): ProfileChange["kind"] =>
  before === null ? "added" : after === null ? "removed" : "changed";

const of = (part: string, changes: readonly Change[]): ProfileChange[] =>
  changes.map((change) => ({ part, kind: kindOf(change), ...change }));

function patterns(
  before: readonly string[] = [],
  after: readonly string[] = [],
  { added, removed }: { readonly added: Effect; readonly removed: Effect },
): Change[] {
  return [
    ...before
      .filter((one) => !after.includes(one))
      .map((one) => ({ what: one, before: one, after: null, effect: removed }) as const),
    ...after
      .filter((one) => !before.includes(one))
      .map((one) => ({ what: one, before: null, after: one, effect: added }) as const),
  ];
}

const sequenceText = (rule: SequenceRule): string => `${ruleWords(rule)}, severity ${rule.severity}`;
const limitText = ({ metric, op, value, severity }: LimitRule): string =>
  `${metric} ${op} ${value}, severity ${severity}`;

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

function sequenceEffect(was: SequenceRule, is: SequenceRule): Effect {
  if (!isSame([was.kind, was.a, was.b], [is.kind, is.a, is.b])) return "unclear";
  const [before, after] = [was.within_s ?? Number.POSITIVE_INFINITY, is.within_s ?? Number.POSITIVE_INFINITY];
  const span = is.kind === "never_after" ? growing(after, before) : growing(before, after);
  return together([growing(is.severity, was.severity), span, sameEffect(was, is)]);
}

/** About one thing only, less is forbidden, and less makes good. */
function sameEffect({ same: was }: SequenceRule, { same: is, kind }: SequenceRule): Effect {
  if (isSame(was, is)) return null;
  if (was !== undefined && is !== undefined) return "unclear";
  return (kind === "never_after") === (is !== undefined) ? "wider" : "narrower";
}

function limitEffect(was: LimitRule, is: LimitRule): Effect {
  if (was.metric !== is.metric || was.op !== is.op) return "unclear";
  const value = is.op.startsWith("<") ? growing(was.value, is.value) : growing(is.value, was.value);
  return together([growing(is.severity, was.severity), value]);
}

function rules<Rule extends { readonly id: string }>(
  before: readonly Rule[] = [],
  after: readonly Rule[] = [],
  text: (rule: Rule) => string,
  effectOf: (was: Rule, is: Rule) => Effect,
): Change[] {
  const ids = [...new Set([...before, ...after].map(({ id }) => id))];
  return ids.flatMap((id) => {
    const was = before.find((rule) => rule.id === id);
    const is = after.find((rule) => rule.id === id);
    const told = { before: was === undefined ? null : text(was), after: is === undefined ? null : text(is) };
    if (told.before === told.after) return [];
    const effect = was === undefined ? "narrower" : is === undefined ? "wider" : effectOf(was, is);
    return [{ what: id, ...told, effect }];
  });
}

const shareText = (share: number | undefined): string | null => (share === undefined ? null : String(share));

function baseline(before: ProfileBody | null, after: ProfileBody): Change[] {
  const was = before?.baseline;
  const is = after.baseline;
  const actions = [...new Set([...Object.keys(was?.action_freq ?? {}), ...Object.keys(is?.action_freq ?? {})])];
  const numbers = [...new Set([...Object.keys(was?.numeric ?? {}), ...Object.keys(is?.numeric ?? {})])];
  const numeric = (profile: ProfileBody["baseline"], name: string): string | null => {
    const found = Object.entries(profile?.numeric ?? {}).find(([metric]) => metric === name)?.[1];
    return found === undefined ? null : `${found.mean} ± ${found.sd}`;
  };
  const bursts = (profile: ProfileBody["baseline"]): string | null => (profile?.bursts === true ? "yes" : null);
  const strength = (profile: ProfileBody["baseline"]): string | null => shareText(profile?.strength);
  // Without one drift is not measured at all.
  const whole: Effect = is === undefined ? "wider" : was === undefined ? "narrower" : null;
  const effect: Effect = whole ?? "unclear";
  const firm = ({ strength: tasks = Number.POSITIVE_INFINITY }: Baseline): number => tasks;
  return [
    ...actions.map((what) => ({
      what,
      before: shareText(was?.action_freq[what]),
      after: shareText(is?.action_freq[what]),
      effect,
    })),
    ...numbers.map((what) => ({ what, before: numeric(was, what), after: numeric(is, what), effect })),
    {
      what: "strength",
      before: strength(was),
      after: strength(is),
      effect: whole ?? (was === undefined || is === undefined ? null : growing(firm(is), firm(was))),
    },
    {
      what: "bursts",
      before: bursts(was),
      after: bursts(is),
      effect: whole ?? growing(Number(was?.bursts === true), Number(is?.bursts === true)),
    },
  ].filter((change) => change.before !== change.after);
}

const STRICTNESS: readonly ProfileBody["assurance"][] = ["relaxed", "standard", "regulated"];

interface Member {
  readonly what: string;
  text(profile: ProfileBody): string | null;
  effect(before: ProfileBody, after: ProfileBody): Effect;
}

const threshold = (what: string, of: (profile: ProfileBody) => number): Member => ({
  what,
  text: (profile) => String(of(profile)),
  effect: (before, after) => growing(of(before), of(after)),
});

/** Members of the form's last part, as they are called there. */
const MEMBERS: readonly Member[] = [
  { what: "owner", text: ({ owner }) => owner, effect: () => null },
  { what: "window", text: ({ window_s }) => spanWords(window_s), effect: () => "unclear" },
  // With fewer there is no verdict.
  threshold("samples at least", ({ min_samples }) => min_samples),
  threshold("warn at a loss of", ({ thresholds }) => thresholds.warn),
  threshold("fail at a loss of", ({ thresholds }) => thresholds.fail),
  threshold("warn at a drift of", ({ thresholds }) => thresholds.drift_warn),
  threshold("fail at a drift of", ({ thresholds }) => thresholds.drift_fail),
  {
    what: "assurance",
    text: ({ assurance }) => assurance,
    effect: (before, after) => growing(STRICTNESS.indexOf(after.assurance), STRICTNESS.indexOf(before.assurance)),
  },
  {
    // After it nobody is judged by it.
    what: "ends",
    text: ({ not_after }) => (not_after === undefined ? null : new Date(not_after * 1000).toISOString()),
    effect: (before, after) => growing(endOf(after), endOf(before)),
  },
  { what: "policy", text: ({ policy }) => (policy === undefined ? null : JSON.stringify(policy)), effect: () => null },
];

const endOf = ({ not_after = Number.POSITIVE_INFINITY }: ProfileBody): number => not_after;

function observation(before: ProfileBody | null, after: ProfileBody): Change[] {
  return MEMBERS.map(({ what, text, effect }) => ({
    what,
    before: before === null ? null : text(before),
    after: text(after),
    effect: before === null ? null : effect(before, after),
  })).filter((change) => change.before !== change.after);
}
