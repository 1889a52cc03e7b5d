/**
 * How an agent of a drill misbehaves (N25). Times are ms by the clock of where it runs; `onTask` counts the tasks it was given
 * to work on, from 1.
 */
export type Fault =
  /** Spins for good once it has begun that task: reads no message, ends only with its worker. */
  | { readonly kind: "hang"; readonly onTask: number }
  /** Says that it has complied and goes on calling. With `hides` it also shows no work in the memory its worker shares. */
  | { readonly kind: "lie"; readonly everyMs: number; readonly hides: boolean }
  /** Complies itself and has its tasks asked for by the agents beside it. */
  | { readonly kind: "evade"; readonly everyMs: number }
  /** Asks for so many tasks of its own making with its first one. */
  | { readonly kind: "flood"; readonly intents: number }
  /** Messages are lost: those to it, those from it, or both. */
  | {
      readonly kind: "partition";
      readonly lost: "in" | "out" | "both";
      readonly afterMs: number;
      readonly forMs: number;
    }
  /** Its worker ends in the middle of that task. */
  | { readonly kind: "crash"; readonly onTask: number }
  /** Its acknowledgements leave so much later. */
  | { readonly kind: "late"; readonly byMs: number }
  /** Sends what it sent before once more, again and again: acknowledgements, intents and ECTs. */
  | { readonly kind: "replay"; readonly everyMs: number }
  /** Its clock is ahead by so much; negative: behind. */
  | { readonly kind: "drift"; readonly byMs: number };

export const FAULT_KINDS: readonly Fault["kind"][] = [
  "hang",
  "lie",
  "evade",
  "flood",
  "partition",
  "crash",
  "late",
  "replay",
  "drift",
];

/** Faults that would take the neighbours in a worker along: their agents get a worker of their own. */
export const needsOwnWorker = (faults: readonly Fault[]): boolean =>
  faults.some(({ kind }) => kind === "hang" || kind === "crash");

/**
 * Faults for which an agent's worker is ended in the course of a stop: it says nothing in time, or it is found to violate. In a
 * drill with a script it has a worker of its own too: ended together with a sound agent, or with one that lies, it would prove
 * nothing about those.
 */
export const endsInDrill = (faults: readonly Fault[]): boolean => faults.some(({ kind }) => ENDED.has(kind));

const ENDED: ReadonlySet<Fault["kind"]> = new Set(["lie", "late", "partition", "replay", "drift"]);
