import { useMemo, useState } from "react";
import type { TableRow } from "./table-rows.ts";

/** A row as it stands on screen. */
export interface ShownRow {
  readonly row: TableRow;
  /** Place of the row it lies below, or -1. */
  readonly parent: number;
}

export interface RowCursor {
  /** Place of the row that keys move from, or -1. */
  readonly at: number;
  /** Keys are on this row now, which matters where several rows stand for the same task. */
  hold(row: TableRow): void;
}

/** Where the keys are: the innermost row that stands for the task of the selection, or the heading they have come to. */
export function useRowCursor(rows: readonly ShownRow[], cursor: number | undefined): RowCursor {
  const [held, setHeld] = useState<{ readonly id: string; readonly cursor: number | undefined } | null>(null);
  const places = useMemo(() => {
    const byTask = new Map<number, number>();
    const byId = new Map<string, number>();
    rows.forEach(({ row }, place) => {
      byId.set(row.id, place);
      if (!row.isOpen) for (const task of row.tasks) byTask.set(task, place);
    });
    return { byTask, byId };
  }, [rows]);
  const at = useMemo(() => {
    if (cursor === undefined) return -1;
    const place = held !== null && held.cursor === cursor ? places.byId.get(held.id) : undefined;
    if (place !== undefined && rows[place]?.row.tasks.includes(cursor) === true) return place;
    return places.byTask.get(cursor) ?? -1;
  }, [cursor, held, places, rows]);
  return { at, hold: (row) => setHeld(row.kind === "task" ? null : { id: row.id, cursor: cursorOf(row) }) };
}

/** The task that stands for a row among the selected ones: the last of them. */
export const cursorOf = ({ tasks }: TableRow): number | undefined => tasks.at(-1);
