import type { ActionMatch, SequenceRule } from "../../../../protocol/behavior/profile.ts";

export type SequenceKind = SequenceRule["kind"];
/** `lasting`: a `never_after` without a time holds for good. */
export type Span = number | "lasting";

export const MAX_WITHIN_S = 86_400;

/** What is told of a kind where it is chosen, in the order A, B. */
export const KINDS: readonly { readonly id: SequenceKind; readonly name: string; readonly told: string }[] = [
  { id: "must_precede", name: "A must come before B", told: "No B unless an A came before it in the same workflow." },
  { id: "must_follow", name: "B must follow A", told: "Every A is followed by a B in time." },
  { id: "never_after", name: "no B after A", told: "Once an A happened, no B in the time that is set." },
];

/** Seconds one steps through by key: everyday spans. */
const STEPS: readonly number[] = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 43_200, 86_400,
];

/** The spans a rule of this kind can have: none, a time, or also for good. */
export const hasTime = (kind: SequenceKind): boolean => kind !== "must_precede";
export const mayLast = (kind: SequenceKind): boolean => kind === "never_after";

/** The span of a rule as it is drawn; null where its kind has none. */
export function spanOf(rule: { readonly kind: SequenceKind; readonly within_s?: number | undefined }): Span | null {
  if (!hasTime(rule.kind)) return null;
  return rule.within_s ?? (mayLast(rule.kind) ? "lasting" : 60);
}

/** The next everyday span up or down from one; the ends stay. */
export function stepped(span: Span, by: 1 | -1, kind: SequenceKind): Span {
  if (span === "lasting") return by === 1 ? span : MAX_WITHIN_S;
  const next = by === 1 ? STEPS.find((step) => step > span) : STEPS.findLast((step) => step < span);
  if (next !== undefined) return next;
  return by === 1 && mayLast(kind) ? "lasting" : span;
}

/** Where a span ends on the track, 0 to 1: by its logarithm, for good at the end; null and null where there is none. */
export function placeOf(span: Span, kind: SequenceKind): number {
  const end = mayLast(kind) ? 0.94 : 1;
  if (span === "lasting") return 1;
  return (Math.log(Math.min(MAX_WITHIN_S, Math.max(1, span))) / Math.log(MAX_WITHIN_S)) * end;
}

/** The everyday span nearest to a place on the track. */
export function spanAt(place: number, kind: SequenceKind): Span {
  const spans: readonly Span[] = mayLast(kind) ? [...STEPS, "lasting"] : STEPS;
  const away = (span: Span): number => Math.abs(placeOf(span, kind) - place);
  return spans.reduce((best, span) => (away(span) < away(best) ? span : best));
}

/** A rule of another kind with what it can keep. */
export function withKind(rule: SequenceRule, kind: SequenceKind): SequenceRule {
  const { within_s, ...rest } = rule;
  if (!hasTime(kind)) return { ...rest, kind };
  if (within_s !== undefined) return { ...rest, kind, within_s };
  return mayLast(kind) ? { ...rest, kind } : { ...rest, kind, within_s: 60 };
}

export function withSpan(rule: SequenceRule, span: Span): SequenceRule {
  const { within_s: _before, ...rest } = rule;
  return span === "lasting" ? rest : { ...rest, within_s: span };
}

/** The parts of a match; what is not asked for is empty. */
export interface MatchParts {
  readonly act: string;
  readonly data: string;
  readonly to: string;
}

export function partsOf(match: ActionMatch): MatchParts {
  if (typeof match === "string") return { act: match, data: "", to: "" };
  return { act: match.act ?? "", data: match.data ?? "", to: match.to ?? "" };
}

/** The shortest match that says the same: by the action alone it is only its name. */
export function matchOf({ act, data, to }: MatchParts): ActionMatch {
  if (data === "" && to === "") return act;
  return { ...(act === "" ? {} : { act }), ...(data === "" ? {} : { data }), ...(to === "" ? {} : { to }) };
}

/** One side in words: "read_file", "anything with data of class personal", "http_post to https://*". */
export function matchWords(match: ActionMatch): string {
  const { act, data, to } = partsOf(match);
  const what = act === "" || act === "*" ? "anything" : act;
  return `${what}${data === "" ? "" : ` with data of class ${data}`}${to === "" ? "" : ` to ${to}`}`;
}

/** A span in words as one says it, exact. */
export function spanWords(span: Span): string {
  if (span === "lasting") return "for good";
  const units: readonly (readonly [number, string])[] = [
    [3600, "h"],
    [60, "min"],
    [1, "s"],
  ];
  const parts: string[] = [];
  let left = span;
  for (const [size, unit] of units) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) parts.push(`${count} ${unit}`);
  }
  return parts.join(" ");
}

export type Same = SequenceRule["same"];

/** A rule about one thing at a time, by the argument that says which on one side; about everything where neither side has one. */
export function withSame(rule: SequenceRule, side: "a" | "b", pointer: string): SequenceRule {
  const { same = { a: "", b: "" }, ...rest } = rule;
  const next = { ...same, [side]: pointer };
  return next.a === "" && next.b === "" ? rest : { ...rest, same: next };
}

/** A rule whose sides have changed places. */
export const swapped = ({ a, b, same, ...rest }: SequenceRule): SequenceRule => ({
  ...{ ...rest, a: b, b: a },
  ...(same === undefined ? {} : { same: { a: same.b, b: same.a } }),
});

export function sameWords({ same }: { readonly same?: Same }): string {
  if (same === undefined) return "";
  return same.a === same.b ? `, with the same ${same.a}` : `, where ${same.a} of A is ${same.b} of B`;
}

/** The whole rule in a sentence: what the drawing shows, for whoever does not see it. */
export const ruleWords = (rule: SequenceRule): string => `${orderWords(rule)}${sameWords(rule)}`;

function orderWords(rule: SequenceRule): string {
  const a = matchWords(rule.a);
  const b = matchWords(rule.b);
  const span = spanOf(rule);
  switch (rule.kind) {
    case "must_precede":
      return `${a} must come before every ${b}`;
    case "must_follow":
      return `every ${a} must be followed by ${b} within ${spanWords(span ?? 60)}`;
    case "never_after":
      return span === "lasting" || span === null
        ? `no ${b} ever after ${a}`
        : `no ${b} within ${spanWords(span)} after ${a}`;
  }
}

/** Rules one begins with: their sides are to be filled. */
export const PATTERNS: readonly { readonly name: string; readonly rule: Omit<SequenceRule, "id"> }[] = [
  {
    name: "No egress after data of a class",
    rule: { kind: "never_after", a: { data: "personal" }, b: { to: "https://*" }, within_s: 3600, severity: 4 },
  },
  { name: "Something must come first", rule: { kind: "must_precede", a: "checkpoint", b: "apply_*", severity: 3 } },
  {
    name: "Something must come after it in time",
    rule: { kind: "must_follow", a: "open_*", b: "close_*", within_s: 600, severity: 2 },
  },
];
