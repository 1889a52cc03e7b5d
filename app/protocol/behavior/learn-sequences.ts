import { type Atom, type Atoms, atomsOf, covers } from "./learn-atoms.ts";
import { testRule } from "./learn-candidate.ts";
import { countPairs } from "./learn-pairs.ts";
import { ruleId, type Span } from "./learn-span.ts";
import type { Suggestion } from "./learn-suggestion.ts";
import type { SequenceRule } from "./profile.ts";

/** What might be a rule, by what the quick count says of it. */
export interface Candidate {
  readonly kind: SequenceRule["kind"];
  readonly a: Atom;
  readonly b: Atom;
  /** Seconds; of `must_follow` only. */
  readonly within: number | null;
  readonly chance: number;
}

/** A rule that fewer workflows could have broken says nothing. */
const FEWEST_WORKFLOWS = 3;
/** Of those workflows, so many may break it, or what is wrong now and then would never be a rule. */
const BROKEN = 0.05;
/** The chance that one of all pairs looked at holds so often by order of chance alone. */
const BY_CHANCE = 0.05;
/** Rules that are shown; a profile has room for 64. */
const MOST_RULES = 40;
/** Where what follows is left so much more time than it ever took. */
const SLACK = 2;
const LADDER = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 43_200, 86_400];

export interface Sequences {
  readonly suggestions: readonly Suggestion[];
  readonly names: number;
  readonly rules: number;
}

/**
 * Orders that hold in nearly every workflow in which they could have been broken, and would hardly do so if its tasks came in
 * any order. What follows from another suggestion is left out.
 */
export function* suggestedSequences(span: Span): Generator<void, Sequences> {
  const atoms = atomsOf(span);
  const found = yield* candidatesOf(atoms, span);
  const told = withoutImplied(found).sort(byChance);
  const taken = new Set<string>();
  const suggestions: Suggestion[] = [];
  for (const candidate of told.slice(0, MOST_RULES)) suggestions.push(yield* suggestionOf(candidate, span, taken));
  return { suggestions, names: atoms.pruned, rules: Math.max(0, told.length - MOST_RULES) };
}

function* suggestionOf(candidate: Candidate, span: Span, taken: Set<string>): Generator<void, Suggestion> {
  const { kind, a, b, within, chance } = candidate;
  const id = ruleId([a.name, kind, b.name], taken);
  const rule: SequenceRule = {
    id,
    kind,
    a: a.match,
    b: b.match,
    ...(within === null ? {} : { within_s: within }),
    severity: 3,
  };
  return { id, adds: { kind: "sequence", rule }, chance, ...(yield* testRule(rule, span)) };
}

const byChance = (one: Candidate, other: Candidate): number =>
  one.chance - other.chance || keyOf(one).localeCompare(keyOf(other), "en");
const keyOf = ({ kind, a, b }: Candidate): string => `${kind} ${a.kind} ${a.name} ${b.kind} ${b.name}`;

function* candidatesOf(atoms: Atoms, span: Span): Generator<void, Candidate[]> {
  const { list } = atoms;
  const pairs = yield* countPairs(atoms, span);
  const found: Candidate[] = [];
  for (const { kind, first, second, could, was, logChance, longestMs } of pairs) {
    if (could < FEWEST_WORKFLOWS || was > BROKEN * could) continue;
    // Which of them break it is open: as many ways as there are to choose them.
    const chance = Math.exp(Math.min(0, logChance + logChoose(could, was)));
    const [a, b] = [list[first], list[second]];
    if (chance * pairs.length > BY_CHANCE || a === undefined || b === undefined) continue;
    const within = kind === "must_follow" ? LADDER.find((seconds) => seconds * 1000 >= longestMs * SLACK) : null;
    if (within !== undefined) found.push({ kind, a, b, within, chance });
  }
  return found;
}

function logChoose(n: number, k: number): number {
  let sum = 0;
  for (let at = 1; at <= k; at += 1) sum += Math.log((n - k + at) / at);
  return sum;
}

/** Leaves out what another rule implies: one that is stricter, or two in a row. */
function withoutImplied(candidates: readonly Candidate[]): Candidate[] {
  const stricter = candidates.filter(
    (one) => !candidates.some((other) => other !== one && other.kind === one.kind && implies(other, one)),
  );
  const before = new Map<Atom, Set<Atom>>();
  for (const { kind, a, b } of stricter)
    if (kind === "must_precede") before.set(b, (before.get(b) ?? new Set<Atom>()).add(a));
  return stricter.filter(
    ({ kind, a, b }) =>
      kind !== "must_precede" ||
      ![...(before.get(b) ?? [])].some((middle) => middle !== a && before.get(middle)?.has(a)),
  );
}

/** What comes first in time may be wider where it forbids or asks, narrower where it makes good. */
function implies(one: Candidate, other: Candidate): boolean {
  if (one.kind === "must_precede") return covers(other.a, one.a) && covers(one.b, other.b);
  if (one.kind === "must_follow")
    return covers(one.a, other.a) && covers(other.b, one.b) && (one.within ?? 0) <= (other.within ?? 0);
  return covers(one.a, other.a) && covers(one.b, other.b);
}
