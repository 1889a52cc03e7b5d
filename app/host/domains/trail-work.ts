import type { RunPlan } from "../../engine/workflow/plan.ts";
import type { RunDomains } from "./run-domains.ts";

/**
 * Which tasks of a workflow there may be something to do for: all of them when it is looked at first, afterwards those of
 * which something was heard, those that failed, and those that rest on what was kept since.
 */
export interface TrailWork {
  /** Tasks, in the order of the plan, of which more may be heard. */
  open(): readonly number[];
  /** What the log has of a task now: something to do where that is something else than it was. */
  heard(index: number, what: string): void;
  /** The next due task after this place in the plan's order, with its place. */
  next(after: number): { readonly place: number; readonly index: number } | null;
  /** Nothing more to do for it until something is heard. */
  done(index: number): void;
  /** Its record is there and final: what rests on it over a border is due. */
  kept(index: number): void;
}

export function createTrailWork(plan: Pick<RunPlan, "order">, { of, crossings }: RunDomains): TrailWork {
  // A task of the console's own domain leaves no record elsewhere.
  const order = plan.order.filter((index) => typeof of[index] === "string");
  const placeOf = new Map(order.map((index, place) => [index, place]));
  const due = order.map(() => true);
  const last = new Map<number, string>();
  const open = new Set(order);
  const over = new Map<number, number[]>();
  for (const index of order)
    for (const crossing of crossings[index] ?? [])
      for (const before of crossing.last) {
        const known = over.get(before);
        if (known === undefined) over.set(before, [index]);
        else known.push(index);
      }
  const mark = (index: number, isDue: boolean): void => {
    const place = placeOf.get(index);
    if (place !== undefined) due[place] = isDue;
  };
  return {
    open: () => [...open],
    heard: (index, what) => {
      if (last.get(index) !== what) mark(index, true);
      last.set(index, what);
    },
    next: (after) => {
      const place = due.indexOf(true, after + 1);
      const index = order[place];
      return index === undefined ? null : { place, index };
    },
    done: (index) => mark(index, false),
    kept: (index) => {
      if (!open.delete(index)) return;
      for (const later of over.get(index) ?? []) mark(later, true);
    },
  };
}
