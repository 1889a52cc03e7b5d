import { useTable } from "@tanstack/react-table";
import { useMemo } from "react";
import { parseNumbers } from "../linked-numbers.ts";
import { useThrottledStates } from "../use-throttled-states.ts";
import type { WorkflowModel } from "../use-workflow.ts";
import type { SetSearch, WatchSearch } from "../watch-search.ts";
import { columnsOf, features, NARROW_SORTS, WIDE_SORTS } from "./columns.tsx";
import { formatSort, parseSort } from "./sort.ts";
import { type TableRow, tableRows } from "./table-rows.ts";
import type { ShownRow } from "./use-row-cursor.ts";

export interface RowsChoice {
  readonly model: WorkflowModel;
  readonly search: Pick<WatchSearch, "sort" | "lanes" | "shut">;
  readonly setSearch: SetSearch;
  readonly narrow: boolean;
}

/** The rows in the order of the link, those of open groups and agents below them. */
export function useRows({ model, search, setSearch, narrow }: RowsChoice, onToggle: (row: TableRow) => void) {
  const { states, matched, view } = model;
  const sorts = narrow ? NARROW_SORTS : WIDE_SORTS;
  const sorting = useMemo(() => parseSort(search.sort, sorts), [search.sort, sorts]);
  // Sorted by state, the order follows the states, but not more often than an eye can.
  const live = useThrottledStates(
    states,
    sorting.some((column) => column.id === "state"),
    1000,
  );
  const { lanes = false, shut } = search;
  const made = useMemo(
    () =>
      tableRows(view, {
        matched,
        byAgent: lanes,
        shut: new Set(parseNumbers(shut, view.tasks.run.agents.length)),
      }),
    [view, matched, lanes, shut],
  );
  // A new list makes the table compare again.
  const data = useMemo(() => (live.length >= 0 ? [...made] : []), [made, live]);
  const columns = useMemo(
    () => columnsOf(view.tasks, states, narrow, onToggle),
    [view.tasks, states, narrow, onToggle],
  );
  const table = useTable({
    features,
    columns,
    data,
    getRowId: (row) => row.id,
    getSubRows: (row) => row.rows,
    state: { sorting },
    onSortingChange: (change) =>
      setSearch({ sort: formatSort(typeof change === "function" ? change(sorting) : change) }, { replace: true }),
    enableSortingRemoval: true,
    sortDescFirst: false,
  });
  const sorted = table.getRowModel().rows;
  type Sorted = (typeof sorted)[number];
  const rows = useMemo(() => {
    const shown: (ShownRow & { cells(): ReturnType<Sorted["getAllCells"]> })[] = [];
    const show = (some: readonly Sorted[], parent: number): void => {
      for (const row of some) {
        shown.push({ row: row.original, parent, cells: () => row.getAllCells() });
        if (row.subRows.length > 0) show(row.subRows, shown.length - 1);
      }
    };
    show(sorted, -1);
    return shown;
  }, [sorted]);
  return { table, rows };
}
