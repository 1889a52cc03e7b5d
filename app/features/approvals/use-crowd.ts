import { useMemo, useState } from "react";
import type { GateRow } from "../../api/contract/gate.ts";
import { alikeTo, blockOf, foldedTo, isFlood, queueItems, stepGroup } from "./queue-crowd.ts";
import { type QueueItem, rowsIn } from "./queue-model.ts";

export interface Crowd {
  readonly items: readonly QueueItem[];
  /** The requests in view, in order; and all of them, also those that are folded away, as they would stand. */
  readonly rows: readonly GateRow[];
  readonly order: readonly GateRow[];
  /** More came than one person can take in: what waits, in the order it came; otherwise null (A6). */
  readonly flood: readonly GateRow[] | null;
  /** Look-alikes of the open request, with itself; none where it is the only one. */
  readonly alike: readonly GateRow[];
  /** Opens a group, or folds it. */
  toggle(group: string): void;
  /** The same for the group of the open request; false where nothing of it is folded. */
  toggleOwn(): boolean;
  /** The first request of the next group or of the one before. */
  step(by: 1 | -1): string | null;
}

/** What the queue shows of these requests: grouped, and folded where they are many (A4, A6). */
export function useCrowd(
  shown: readonly GateRow[],
  selected: string | undefined,
  open: (request: string) => void,
): Crowd {
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const waiting = useMemo(() => shown.filter((row) => row.state === "pending"), [shown]);
  const items = useMemo(() => queueItems(shown, opened, selected), [shown, opened, selected]);
  const rows = useMemo(() => rowsIn(items), [items]);
  const order = useMemo(() => rowsIn(queueItems(shown, "all")), [shown]);
  const alike = useMemo(() => alikeTo(waiting, selected), [waiting, selected]);
  const flood = useMemo(() => (isFlood(waiting) ? waiting.toSorted((a, b) => a.seq - b.seq) : null), [waiting]);
  const toggle = (group: string): void => {
    const isOpen = items.some((item) => item.kind === "more" && item.group === group && item.isOpen);
    const next = new Set(opened);
    if (isOpen) next.delete(group);
    else next.add(group);
    setOpened(next);
    const stays = isOpen ? foldedTo(shown, next, group, selected) : selected;
    if (stays !== undefined && stays !== selected) open(stays);
  };
  return {
    ...{ items, rows, order, flood, alike, toggle },
    toggleOwn: () => {
      const own = blockOf(items, selected);
      if (own === null || !items.some((item) => item.kind === "more" && item.group === own)) return false;
      toggle(own);
      return true;
    },
    step: (by) => stepGroup(items, selected, by),
  };
}
