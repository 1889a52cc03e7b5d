import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type MouseEvent, memo, useEffect, useMemo, useRef } from "react";
import { Checkbox } from "../../../ui/checkbox.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { Grid, GridCell, GridHeaderCell, GridRow, GridRowGroup, rowAfterKey } from "../../../ui/grid.tsx";
import { Empty } from "../../../ui/states.tsx";
import { cutText, visibleText } from "../../../ui/visible-text.ts";
import { formatNumbers, parseNumbers } from "../linked-numbers.ts";
import { isOwnKey } from "../own-key.ts";
import { type PickMode, pick } from "../selection.ts";
import { useEvent } from "../use-event.ts";
import type { WorkflowModel } from "../use-workflow.ts";
import type { SetSearch, WatchSearch } from "../watch-search.ts";
import { NARROW_COLUMNS, wideColumns } from "./columns.tsx";
import { HeaderCell } from "./header-cell.tsx";
import { nameOf } from "./row-values.ts";
import type { TableRow } from "./table-rows.ts";
import { cursorOf, useRowCursor } from "./use-row-cursor.ts";
import { useRows } from "./use-rows.ts";

const WIDE_ROW = 30;
const NARROW_ROW = 48;
const RIGHT_COLUMNS: ReadonlySet<string> = new Set(["start", "duration", "before", "after"]);
const rowId = (row: TableRow | undefined): string => `task-row-${row?.id}`;

export interface TableTwinProps {
  readonly model: WorkflowModel;
  readonly search: Pick<WatchSearch, "sort" | "lanes" | "shut">;
  readonly setSearch: SetSearch;
  readonly narrow: boolean;
  /** Each press adds a row or takes it away again. */
  readonly several: boolean;
  onDetail(): void;
  onOpenGroup(first: number): void;
  onCloseGroup(first: number): void;
}

/**
 * The graph's twin: the same tasks, groups, states, selection and details, as a table that sorts. A row of a group or an
 * agent stands for its tasks. Rows are virtual.
 */
export const TableTwin = memo(function TableTwin(props: TableTwinProps) {
  const { model, search, setSearch, narrow, several, onDetail } = props;
  const { selection, view } = model;
  const graph = view.tasks;
  const onToggle = useEvent((row: TableRow): void => {
    if (row.kind === "group") (row.isOpen ? props.onCloseGroup : props.onOpenGroup)(row.of);
    else if (row.kind === "agent") {
      const others = parseNumbers(search.shut, graph.run.agents.length).filter((agent) => agent !== row.of);
      setSearch({ shut: formatNumbers(row.isOpen ? [...others, row.of] : others) }, { replace: true });
    }
  });
  const { table, rows } = useRows(props, onToggle);
  const shown = useMemo(() => rows.filter(({ parent }) => parent < 0).flatMap(({ row }) => row.tasks), [rows]);
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

  const { at, hold } = useRowCursor(rows, selection.cursor);
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: "auto" });
  }, [at, virtual]);
  const selected = useMemo(() => new Set(selection.tasks), [selection.tasks]);
  const here = rows[at];
  const select = (row: TableRow, mode: PickMode): void => {
    hold(row);
    selection.set(pick(selection.tasks, row.tasks, mode), cursorOf(row));
  };
  const selectTo = (place: number): void => {
    const between = rows.slice(Math.min(at, place), Math.max(at, place) + 1);
    const tasks = new Set((at <= place ? between : between.toReversed()).flatMap(({ row }) => row.tasks));
    const end = rows[place]?.row;
    if (end === undefined) return;
    hold(end);
    selection.set(pick(selection.tasks, [...tasks], "add"), cursorOf(end));
  };
  const selectAll = (): void => selection.set(shown, selection.cursor);

  const onKeyDown = (event: KeyboardEvent): void => {
    if (isOwnKey(event)) return;
    const chord = event.ctrlKey || event.metaKey;
    const next = rows[rowAfterKey(event.key, at, rows.length) ?? -1]?.row;
    if (next !== undefined) {
      event.preventDefault();
      if (chord) {
        hold(next);
        selection.moveTo(cursorOf(next) ?? 0);
      } else select(next, event.shiftKey ? "add" : "only");
    } else if (chord && event.key === "a") {
      event.preventDefault();
      selectAll();
    } else if (here === undefined || chord) return;
    else if (event.key === "Enter") {
      if (here.row.kind === "task" || here.row.isOpen) onDetail();
      else onToggle(here.row);
    } else if (event.key === " ") {
      event.preventDefault();
      select(here.row, "toggle");
    } else if (event.key === "ArrowRight" && here.row.kind !== "task" && !here.row.isOpen) onToggle(here.row);
    else if (event.key === "ArrowLeft") {
      const parent = rows[here.parent]?.row;
      if (here.row.isOpen) onToggle(here.row);
      else if (parent !== undefined) select(parent, "only");
    }
  };
  const onRowClick = (event: MouseEvent, place: number, row: TableRow): void => {
    if (event.shiftKey && at >= 0) selectTo(place);
    else if (several || event.ctrlKey || event.metaKey) select(row, "toggle");
    else {
      select(row, "only");
      onDetail();
    }
  };
  const gridTemplateColumns = narrow ? NARROW_COLUMNS : wideColumns(graph);
  const shownSelected = countIn(selected, shown);
  return (
    <div ref={scroll} className="min-h-0 min-w-0 flex-1 overflow-auto bg-raised">
      <Grid
        aria-label={`${formatCount(shown.length)} tasks`}
        aria-rowcount={rows.length + 1}
        aria-multiselectable="true"
        {...(at >= 0 ? { "aria-activedescendant": rowId(here?.row) } : {})}
        tabIndex={0}
        onKeyDown={onKeyDown}
        className={`-outline-offset-2 ${narrow ? "" : "min-w-[74rem]"}`}
      >
        <GridRowGroup className="sticky top-0 z-10 border-b border-strong bg-panel">
          <GridRow aria-rowindex={1} className="grid items-center text-xs text-muted" style={{ gridTemplateColumns }}>
            <GridHeaderCell className="flex h-8 items-center pl-2">
              <Checkbox
                aria-label="Select all shown tasks"
                isSelected={shown.length > 0 && shownSelected === shown.length}
                isIndeterminate={shownSelected > 0 && shownSelected < shown.length}
                onChange={(on) => (on ? selectAll() : selection.set([]))}
              />
            </GridHeaderCell>
            {table
              .getHeaderGroups()
              .flatMap((group) =>
                group.headers.map((header) => (
                  <HeaderCell
                    key={header.id}
                    text={String(header.column.columnDef.header)}
                    sorted={header.column.getIsSorted()}
                    right={RIGHT_COLUMNS.has(header.id)}
                    onSort={header.column.getCanSort() ? (header.column.getToggleSortingHandler() ?? null) : null}
                  />
                )),
              )}
          </GridRow>
        </GridRowGroup>
        {rows.length === 0 ? (
          <Empty title="No task passes the search and the filters" />
        ) : (
          <GridRowGroup className="relative" style={{ height: virtual.getTotalSize() }}>
            {virtual.getVirtualItems().map((item) => {
              const entry = rows[item.index];
              if (entry === undefined) return null;
              const { row, cells } = entry;
              const chosen = countIn(selected, row.tasks);
              const on = chosen === row.tasks.length;
              return (
                <GridRow
                  key={row.id}
                  id={rowId(row)}
                  aria-rowindex={item.index + 2}
                  aria-selected={on}
                  onClick={(event) => onRowClick(event, item.index, row)}
                  style={{ gridTemplateColumns, transform: `translateY(${item.start}px)`, height: item.size }}
                  className={`absolute inset-x-0 top-0 grid items-center border-b border-line ${
                    on ? "bg-accent-soft" : row.kind === "task" ? "hover:bg-sunken" : "bg-panel hover:bg-sunken"
                  } ${item.index === at ? "outline-1 -outline-offset-1 outline-accent" : ""}`}
                >
                  <GridCell className="flex items-center pl-2" onClick={(event) => event.stopPropagation()}>
                    <Checkbox
                      aria-label={`Select ${PREFIX[row.kind]}${visibleText(cutText(nameOf(graph, row), 80).head)}`}
                      isSelected={on}
                      isIndeterminate={chosen > 0 && !on}
                      onChange={() => select(row, "toggle")}
                    />
                  </GridCell>
                  {cells().map((cell) => (
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

const PREFIX = { task: "", group: "the group ", agent: "all tasks of " } as const;

function countIn(selected: ReadonlySet<number>, tasks: readonly number[]): number {
  return selected.size === 0 ? 0 : tasks.reduce((sum, task) => sum + (selected.has(task) ? 1 : 0), 0);
}
