/** Selection in the queue goes by request id, never by row: rows shift while one reads. */

interface Row {
  readonly request: string;
  readonly state: string;
}

/** The request `by` rows away from the selected one; an unknown selection starts at the near end. Null in an empty queue. */
export function stepRequest(rows: readonly Row[], selected: string | undefined, by: 1 | -1): string | null {
  const at = rows.findIndex((row) => row.request === selected);
  if (at === -1) return (by === 1 ? rows[0] : rows.at(-1))?.request ?? null;
  const next = Math.min(rows.length - 1, Math.max(0, at + by));
  return rows[next]?.request ?? null;
}

/** Where to go after `decided` was settled: the next request still waiting below it, then above it, then nowhere. */
export function nextPending(rows: readonly Row[], decided: string): string | null {
  const at = rows.findIndex((row) => row.request === decided);
  const waits = (row: Row): boolean => row.state === "pending" && row.request !== decided;
  return (rows.slice(at + 1).find(waits) ?? rows.slice(0, Math.max(0, at)).findLast(waits))?.request ?? null;
}
