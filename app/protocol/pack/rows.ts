import type { PackKey, PackPolicy, PackView, Withheld } from "./claims.ts";
import type { PackWalk } from "./pack-walk.ts";

type Notes = PackWalk["notes"];

/** One row for each identity: the key it brings. */
export const keyRows = (notes: Notes): PackKey[] =>
  notes.flatMap(({ seq, note }) => (note.key === null ? [] : [{ seq, ...note.key }]));

/** One row for each policy in the pack. */
export const policyRows = (notes: Notes): PackPolicy[] =>
  notes.flatMap(({ seq, note, digest }) =>
    note.typ !== "acp+jwt" || note.jti === null || note.iss === null
      ? []
      : [{ seq, jti: note.jti, hash: digest(), iss: note.iss }],
  );

/** One row for each decision that says what its person was shown. */
export const viewRows = (notes: Notes): PackView[] =>
  notes.flatMap(({ seq, note }) =>
    note.view === null || note.iss === null
      ? []
      : [{ seq, by: note.iss, shown_at: note.view.shownAt, hash: note.view.hash, text: null }],
  );

/** Objects that starts name, in the order in which they are first named, with the first entry that does. */
export function objectNames(notes: Notes): Map<string, number> {
  const names = new Map<string, number>();
  for (const { seq, note } of notes) if (note.object !== null && !names.has(note.object)) names.set(note.object, seq);
  return names;
}

/** Predecessors that no entry here is the task of, in the order in which they are first named; `at` is the place here. */
export function elsewhereRows(notes: Notes): { readonly jti: string; readonly seq: number; readonly at: number }[] {
  const here = new Set(notes.flatMap(({ note }) => (note.task === null ? [] : [note.task.jti])));
  const rows = new Map<string, { jti: string; seq: number; at: number }>();
  for (const [at, { seq, note }] of notes.entries())
    for (const jti of note.task?.pred ?? []) if (!here.has(jti) && !rows.has(jti)) rows.set(jti, { jti, seq, at });
  return [...rows.values()];
}

/** How many entries whoever asked for the pack had taken out of it (XA-37). */
export const takenOut = (withheld: readonly Withheld[]): number =>
  withheld.reduce(
    (sum, row) => (row.what === "entries" && row.why === "redacted" ? sum + row.to - row.from + 1 : sum),
    0,
  );

/** Stretches of entries that are not here, each with why: those that were taken out by name, and those that were not asked for. */
export function gapsBetween(
  ranges: readonly (readonly [number, number])[],
  size: number,
  redacted: ReadonlySet<number>,
): Extract<Withheld, { what: "entries" }>[] {
  const gaps: Extract<Withheld, { what: "entries" }>[] = [];
  const taken = [...redacted].toSorted((a, b) => a - b);
  const leave = (from: number, to: number, why: "not_selected" | "redacted"): void => {
    const last = gaps.at(-1);
    if (last !== undefined && last.to === from - 1 && last.why === why) last.to = to;
    else if (from <= to) gaps.push({ what: "entries", from, to, why });
  };
  let next = 0;
  for (const [from, to] of [...ranges, [size, size] as const]) {
    for (const seq of taken.filter((one) => one >= next && one < from)) {
      if (seq > next) leave(next, seq - 1, "not_selected");
      leave(seq, seq, "redacted");
      next = seq + 1;
    }
    if (from > next) leave(next, from - 1, "not_selected");
    next = to + 1;
  }
  return gaps;
}
