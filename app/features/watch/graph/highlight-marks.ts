import type { Highlight } from "./highlight.ts";

/** `in` when any of the tasks is selected; `faded` when a search or filter is on and none of them passes. */
export function isSelected(highlight: Highlight, task: number, members: Int32Array | null): boolean {
  if (highlight.selected.size === 0) return false;
  return members === null ? highlight.selected.has(task) : members.some((member) => highlight.selected.has(member));
}

export function isCursor({ cursor }: Highlight, task: number, members: Int32Array | null): boolean {
  return cursor >= 0 && (members === null ? cursor === task : members.includes(cursor));
}

/** What an override in view would do to any of the tasks, as bits; -1 when none is looked at. */
export function haloBits({ halo }: Highlight, task: number, members: Int32Array | null): number {
  if (halo === null) return -1;
  if (members === null) return halo[task] ?? 0;
  return members.reduce((bits, member) => bits | (halo[member] ?? 0), 0);
}

/** How many of the tasks pass; -1 when there is no search or filter. */
export function matchCount(highlight: Highlight, task: number, members: Int32Array | null): number {
  const { matched } = highlight;
  if (matched === null) return -1;
  if (members === null) return matched[task] ?? 0;
  return members.reduce((sum, member) => sum + (matched[member] ?? 0), 0);
}
