import type { Clock } from "./ports.ts";
import { turn } from "./turn.ts";

/** Work at a time, ms: what waits for a thread in the meantime does not show it. */
const SLICE_MS = 4;

/** Things looked at between two chances for other work. */
export const STEP = 64;

/** `flatMap` in steps. */
export function* flatMapSteps<T, U>(list: Iterable<T>, map: (one: T) => readonly U[]): Generator<void, U[]> {
  const found: U[] = [];
  let at = 0;
  for (const one of list) {
    if (at % STEP === 0) yield;
    at += 1;
    for (const made of map(one)) found.push(made);
  }
  return found;
}

/** All steps at once. */
export function drained<T>(steps: Generator<void, T>): T {
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

/** A breath for long work of one thread: called between its steps, it lets other work run once the slice is used up. */
export function slices(clock: Pick<Clock, "monotonicMs">, sliceMs = SLICE_MS): () => Promise<void> {
  let since = clock.monotonicMs();
  return async () => {
    if (clock.monotonicMs() - since < sliceMs) return;
    await turn();
    since = clock.monotonicMs();
  };
}

/** All steps, with other work of the thread in between. */
export async function inSlices<T>(steps: Generator<void, T>, breathe: () => Promise<void>): Promise<T> {
  let step = steps.next();
  while (step.done !== true) {
    await breathe();
    step = steps.next();
  }
  return step.value;
}
