import { type SortingState, useTable } from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import { type KeyboardEvent, type MouseEvent, memo, useEffect, useMemo, useRef, useState } from "react";
import type { RunGraph } from "../../../api/contract/workflow.ts";
import { Checkbox } from "../../../ui/checkbox.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { Grid, GridCell, GridHeaderCell, GridRow, GridRowGroup, rowAfterKey } from "../../../ui/grid.tsx";
import { Empty } from "../../../ui/states.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { type PickMode, pick } from "../selection.ts";
import { useThrottledStates } from "../use-throttled-states.ts";
import type { WorkflowModel } from "../use-workflow.ts";
import { columnsOf, features, NARROW_COLUMNS, type TaskRow, WIDE_COLUMNS } from "./columns.tsx";

const WIDE_ROW = 30;
const NARROW_ROW = 48;
const RIGHT_COLUMNS: ReadonlySet<string> = new Set(["start", "duration"]);
const rowId = (task: number): string => `task-row-${task}`;

export interface TableTwinProps {
  readonly run: RunGraph;
  readonly model: WorkflowModel;
  readonly narrow: boolean;
  onDetail(): void;
}

/** The graph's twin: the same tasks, states, selection and details, as a table that sorts. Rows are virtual. */
export const TableTwin = memo(function TableTwin({ run, model, narrow, onDetail }: TableTwinProps) {
  const { states, selection, matched, view } = model;
  const [sorting, setSorting] = useState<SortingState>([]);
  // Sorted by state, the order follows the states, but not more often than an eye can.
  const live = useThrottledStates(
    states,
    sorting.some((column) => column.id === "state"),
    1000,
  );
  const all = useMemo(() => run.ids.map((_, task): TaskRow => ({ task })), [run]);
  const data = useMemo(
    () => (live.length >= 0 && matched !== null ? all.filter(({ task }) => matched[task] === 1) : [...all]),
    [all, matched, live],
  );
  const columns = useMemo(() => columnsOf(view.tasks, states, narrow), [view.tasks, states, narrow]);
  const table = useTable({
    features,
    columns,
    data,
    getRowId: (row) => String(row.task),
    state: { sorting },
    onSortingChange: setSorting,
    enableSortingRemoval: true,
    sortDescFirst: false,
  });
  const { rows } = table.getRowModel();
  const scroll = useRef<HTMLDivElement | null>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => (narrow ? NARROW_ROW : WIDE_ROW),
    overscan: 12,
  });
  // The height of a row depends on the width of the screen.
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured anew when that changes
  useEffect(() => virtual.measure(), [narrow, virtual]);

  const cursor = selection.tasks.at(-1);
  const place = useMemo(() => new Map(rows.map((row, index) => [row.original.task, index])), [rows]);
  const at = cursor === undefined ? -1 : (place.get(cursor) ?? -1);
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: "auto" });
  }, [at, virtual]);
  const selected = useMemo(() => new Set(selection.tasks), [selection.tasks]);
  const select = (tasks: readonly number[], mode: PickMode): void => selection.set(pick(selection.tasks, tasks, mode));
  const taskAt = (index: number): number => rows[index]?.original.task ?? -1;
  const range = (from: number, to: number): number[] => {
    const step = from <= to ? 1 : -1;
    return Array.from({ length: Math.abs(to - from) + 1 }, (_, index) => taskAt(from + index * step));
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    const next = rowAfterKey(event.key, at, rows.length);
    if (next !== undefined && rows.length > 0) {
      event.preventDefault();
      select([taskAt(next)], event.shiftKey ? "add" : "only");
    } else if (event.key === "Enter" && at >= 0) onDetail();
    else if (event.key === " " && at >= 0) {
      event.preventDefault();
      select([taskAt(at)], "toggle");
    } else if (event.key === "a" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      select(range(0, rows.length - 1), "only");
    }
  };
  const onRowClick = (event: MouseEvent, index: number): void => {
    if (event.shiftKey && at >= 0) select(range(at, index), "add");
    else if (event.ctrlKey || event.metaKey) select([taskAt(index)], "toggle");
    else {
      select([taskAt(index)], "only");
      onDetail();
    }
  };
  const gridTemplateColumns = narrow ? NARROW_COLUMNS : WIDE_COLUMNS;
  const shownSelected = rows.reduce((sum, row) => sum + (selected.has(row.original.task) ? 1 : 0), 0);
  return (
    <div ref={scroll} className="min-h-0 min-w-0 flex-1 overflow-auto bg-raised">
      <Grid
        aria-label={`${formatCount(rows.length)} tasks`}
        aria-rowcount={rows.length + 1}
        aria-multiselectable="true"
        {...(at >= 0 ? { "aria-activedescendant": rowId(taskAt(at)) } : {})}
        tabIndex={0}
        onKeyDown={onKeyDown}
        className={`-outline-offset-2 ${narrow ? "" : "min-w-[60rem]"}`}
      >
        <GridRowGroup className="sticky top-0 z-10 border-b border-strong bg-panel">
          <GridRow aria-rowindex={1} className="grid items-center text-xs text-muted" style={{ gridTemplateColumns }}>
            <GridHeaderCell className="flex h-8 items-center pl-2">
              <Checkbox
                aria-label="Select all shown tasks"
                isSelected={rows.length > 0 && shownSelected === rows.length}
                isIndeterminate={shownSelected > 0 && shownSelected < rows.length}
                onChange={(on) => selection.set(on ? range(0, rows.length - 1) : [])}
              />
            </GridHeaderCell>
            {table.getHeaderGroups().flatMap((group) =>
              group.headers.map((header) => {
                const sorted = header.column.getIsSorted();
                const text = String(header.column.columnDef.header);
                return (
                  <GridHeaderCell
                    key={header.id}
                    aria-sort={sorted === false ? "none" : sorted === "asc" ? "ascending" : "descending"}
                    className="min-w-0 px-2"
                  >
                    {header.column.getCanSort() ? (
                      <button
                        type="button"
                        onClick={header.column.getToggleSortingHandler()}
                        className={`flex h-8 w-full items-center gap-1 truncate font-medium hover:text-ink ${
                          RIGHT_COLUMNS.has(header.id) ? "justify-end" : ""
                        }`}
                      >
                        {text}
                        {sorted === "asc" ? <ArrowUp aria-hidden="true" size={12} /> : null}
                        {sorted === "desc" ? <ArrowDown aria-hidden="true" size={12} /> : null}
                      </button>
                    ) : (
                      <span className="font-medium">{text}</span>
                    )}
                  </GridHeaderCell>
                );
              }),
            )}
          </GridRow>
        </GridRowGroup>
        {rows.length === 0 ? (
          <Empty title="No task passes the search and the filters" />
        ) : (
          <GridRowGroup className="relative" style={{ height: virtual.getTotalSize() }}>
            {virtual.getVirtualItems().map((item) => {
              const row = rows[item.index];
              if (row === undefined) return null;
              const { task } = row.original;
              const on = selected.has(task);
              return (
                <GridRow
                  key={row.id}
                  id={rowId(task)}
                  aria-rowindex={item.index + 2}
                  aria-selected={on}
                  onClick={(event) => onRowClick(event, item.index)}
                  style={{ gridTemplateColumns, transform: `translateY(${item.start}px)`, height: item.size }}
                  className={`absolute inset-x-0 top-0 grid items-center border-b border-line ${
                    on ? "bg-accent-soft" : "hover:bg-sunken"
                  } ${item.index === at ? "outline-1 -outline-offset-1 outline-accent" : ""}`}
                >
                  <GridCell className="flex items-center pl-2" onClick={(event) => event.stopPropagation()}>
                    <Checkbox
                      aria-label={`Select ${visibleText(run.names[task] ?? "").slice(0, 80)}`}
                      isSelected={on}
                      onChange={() => select([task], "toggle")}
                    />
                  </GridCell>
                  {row.getAllCells().map((cell) => (
                    <GridCell key={cell.id} className="flex min-w-0 items-center px-2">
                      <table.FlexRender cell={cell} />
                    </GridCell>
                  ))}
                </GridRow>
              );
            })}
          </GridRowGroup>
        )}
      </Grid>
    </div>
  );
});
