import { coversPattern, matchesPattern } from "../acp/match.ts";
import type { Span } from "./learn-span.ts";
import type { ObservedTask } from "./observed.ts";
import type { ActionMatch } from "./profile.ts";

/** One side of a rule that might be suggested. */
export interface Atom {
  readonly match: ActionMatch;
  readonly kind: "action" | "data" | "to";
  readonly name: string;
}

/** Rarer names than these are not looked at: pairs are as many as the square of it. */
const MOST_ACTIONS = 48;
const MOST_PREFIXES = 12;
const MOST_CLASSES = 12;

/** A rule has no room for longer names. */
const LONGEST_CLASS = 64;
const LONGEST_TARGET = 256;
const fits = (name: string, longest: number): boolean => name !== "" && name.length <= longest;

export interface Atoms {
  readonly list: readonly Atom[];
  /** Names that were too rare to be looked at. */
  readonly pruned: number;
  /** Places in `list` that a task is, and those it may be since it does not state what it touches. */
  placesOf(task: ObservedTask): { readonly is: readonly number[]; readonly maybe: readonly number[] };
}

export function atomsOf(span: Span): Atoms {
  const actions = new Map<string, number>();
  const data = new Map<string, number>();
  const targets = new Map<string, number>();
  for (const { tasks } of span.workflows)
    for (const task of tasks) {
      increase(actions, task.action);
      for (const name of task.data ?? []) if (fits(name, LONGEST_CLASS)) increase(data, name);
      for (const name of task.targets ?? []) if (fits(name, LONGEST_TARGET)) increase(targets, name);
    }
  const names = commonest(actions, MOST_ACTIONS);
  const classes = commonest(data, MOST_CLASSES);
  const resources = commonest(targets, MOST_CLASSES);
  const list: Atom[] = [
    ...[...names, ...prefixesOf(names)].map((name) => ({ match: name, kind: "action" as const, name })),
    ...classes.map((name) => ({ match: { data: name }, kind: "data" as const, name })),
    ...resources.map((name) => ({ match: { to: name }, kind: "to" as const, name })),
  ];
  const pruned = actions.size - names.length + (data.size - classes.length) + (targets.size - resources.length);
  const byAction = new Map<string, readonly number[]>();
  const actionPlaces = (action: string): readonly number[] => {
    const known = byAction.get(action);
    if (known !== undefined) return known;
    const places = placesWhere(list, ({ kind, name }) => kind === "action" && matchesPattern(name, action));
    byAction.set(action, places);
    return places;
  };
  const ofKind = (wanted: Atom["kind"]): readonly number[] => placesWhere(list, ({ kind }) => kind === wanted);
  const [allData, allTargets] = [ofKind("data"), ofKind("to")];
  return {
    list,
    pruned,
    placesOf: (task) => {
      const { data: own, targets: reached } = task;
      const named = [
        ...allData.filter((at) => own?.includes(list[at]?.name ?? "") === true),
        ...allTargets.filter((at) => reached?.includes(list[at]?.name ?? "") === true),
      ];
      return {
        is: [...actionPlaces(task.action), ...named],
        maybe: [...(own === null ? allData : []), ...(reached === null ? allTargets : [])],
      };
    },
  };
}

/** Whether one of the two matches all that the other does. */
export function overlap(a: Atom, b: Atom): boolean {
  return a.kind === b.kind && (coversPattern(a.name, b.name) || coversPattern(b.name, a.name));
}

/** Whether `wide` matches all that `narrow` does. */
export const covers = (wide: Atom, narrow: Atom): boolean =>
  wide.kind === narrow.kind && coversPattern(wide.name, narrow.name);

/** What several names have in common up to an underscore: `get_*`. Of those that mean the same names, the longest. */
function prefixesOf(names: readonly string[]): string[] {
  const members = new Map<string, string[]>();
  for (const name of names)
    for (let at = name.indexOf("_"); at !== -1; at = name.indexOf("_", at + 1)) {
      const prefix = `${name.slice(0, at + 1)}*`;
      members.set(prefix, [...(members.get(prefix) ?? []), name]);
    }
  const longest = new Map<string, string>();
  for (const [prefix, of] of members) {
    const key = JSON.stringify([...of].sort());
    if (of.length > 1 && of.length < names.length && prefix.length > (longest.get(key)?.length ?? 0))
      longest.set(key, prefix);
  }
  return [...longest.values()]
    .sort((a, b) => (members.get(b)?.length ?? 0) - (members.get(a)?.length ?? 0) || (a < b ? -1 : 1))
    .slice(0, MOST_PREFIXES);
}

function commonest(counts: ReadonlyMap<string, number>, most: number): string[] {
  return [...counts]
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, most)
    .map(([name]) => name);
}

const placesWhere = (list: readonly Atom[], wanted: (atom: Atom) => boolean): number[] =>
  list.flatMap((atom, at) => (wanted(atom) ? [at] : []));

const increase = (counts: Map<string, number>, key: string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1);
};
