import { useCallback, useMemo, useRef } from "react";
import { formatNumbers, parseNumbers, type SetSearch, type WatchSearch } from "./watch-search.ts";

export interface Selection {
  /** Selected tasks in the order in which they were picked; the last is the one that keys move from. */
  readonly tasks: readonly number[];
  set(tasks: readonly number[]): void;
}

/** The selection lives in the link while it is small; a large one in memory, with its size in the link. */
export function useSelection(search: WatchSearch, setSearch: SetSearch, tasks: number): Selection {
  const large = useRef<readonly number[]>([]);
  const { sel } = search;
  const chosen = useMemo(
    () =>
      sel?.startsWith("+") === true && sel === formatNumbers(large.current) ? large.current : parseNumbers(sel, tasks),
    [sel, tasks],
  );
  const set = useCallback(
    (next: readonly number[]): void => {
      large.current = next;
      setSearch({ sel: formatNumbers(next), ...(next.length === 0 ? { detail: undefined } : {}) }, { replace: true });
    },
    [setSearch],
  );
  return useMemo(() => ({ tasks: chosen, set }), [chosen, set]);
}

export type PickMode = "only" | "toggle" | "add";

/** The selection after a pick. */
export function pick(before: readonly number[], picked: readonly number[], mode: PickMode): readonly number[] {
  if (mode === "only") return picked;
  const had = new Set(before);
  const all = picked.every((task) => had.has(task));
  const without = before.filter((task) => !picked.includes(task));
  return mode === "toggle" && all ? without : [...without, ...picked];
}
