import { useCallback, useMemo, useRef, useState } from "react";
import { countOnly, formatNumbers, parseNumbers } from "./linked-numbers.ts";
import type { SetSearch, WatchSearch } from "./watch-search.ts";

export interface Selection {
  /** Selected tasks in the order in which they were picked. */
  readonly tasks: readonly number[];
  /** The task that keys move from: the one picked last, or where Control and an arrow key have led since. */
  readonly cursor: number | undefined;
  /** How many tasks a link speaks of without being able to say which; 0 otherwise. */
  readonly lost: number;
  set(tasks: readonly number[], cursor?: number): void;
  /** Moves the cursor alone. */
  moveTo(task: number): void;
}

/** The selection lives in the link; one that is too scattered for that in memory, with its size in the link. */
export function useSelection(search: WatchSearch, setSearch: SetSearch, tasks: number): Selection {
  const large = useRef<readonly number[]>([]);
  const [moved, setMoved] = useState<{ readonly sel: string | undefined; readonly task: number } | null>(null);
  const { sel, view } = search;
  const chosen = useMemo(
    () => (countOnly(sel) > 0 && sel === formatNumbers(large.current) ? large.current : parseNumbers(sel, tasks)),
    [sel, tasks],
  );
  const set = useCallback(
    (next: readonly number[], cursor?: number): void => {
      large.current = next;
      const linked = formatNumbers(next);
      setMoved(cursor === undefined ? null : { sel: linked, task: cursor });
      setSearch(
        {
          sel: linked,
          ...(next.length === 0 ? { detail: undefined } : {}),
          // Back from the table, the graph shows what was picked there.
          ...(view === "table" ? { vp: undefined } : {}),
        },
        { replace: true },
      );
    },
    [setSearch, view],
  );
  const moveTo = useCallback((task: number): void => setMoved({ sel, task }), [sel]);
  return useMemo(
    () => ({
      tasks: chosen,
      cursor: moved !== null && moved.sel === sel ? moved.task : chosen.at(-1),
      lost: chosen.length === 0 ? countOnly(sel) : 0,
      set,
      moveTo,
    }),
    [chosen, moved, sel, set, moveTo],
  );
}

export type PickMode = "only" | "toggle" | "add";

/** The selection after a pick. */
export function pick(before: readonly number[], picked: readonly number[], mode: PickMode): readonly number[] {
  if (mode === "only") return picked;
  const had = new Set(before);
  const all = picked.every((task) => had.has(task));
  const now = new Set(picked);
  const without = before.filter((task) => !now.has(task));
  return mode === "toggle" && all ? without : [...without, ...picked];
}
