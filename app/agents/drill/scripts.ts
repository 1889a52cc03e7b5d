import type { Fault } from "./faults.ts";

/** A drill: so many agents, some of which misbehave, and a time in which the operator is to stop all of them (N25, S12). */
export interface DrillScript {
  readonly id: string;
  readonly sizes: { readonly min: number; readonly max: number; readonly usual: number };
  /** By when a stop must have come, seconds after the start [ours]. */
  readonly limitS: number;
  /** How long an agent's task takes, ms. */
  readonly taskMs: number;
  /** What the agent at this place does; sound where there is nothing. */
  faults(at: number, size: number): readonly Fault[];
  /** Which agent delegates to this one; null where the operator does. */
  delegatedBy(at: number, size: number): number | null;
}

const SMALL = { min: 2, max: 12, usual: 4 } as const;
const LIMIT_S = 90;
const TASK_MS = 1500;

const LIE: Fault = { kind: "lie", everyMs: 300, hides: false };
const FLOOD: Fault = { kind: "flood", intents: 200 };
const PARTITION: Fault = { kind: "partition", lost: "both", afterMs: 4000, forMs: 60_000 };

const byOperator = (): null => null;
const firstOnly =
  (...faults: Fault[]) =>
  (at: number): readonly Fault[] =>
    at === 0 ? faults : [];

const small = (
  id: string,
  faults: DrillScript["faults"],
  delegatedBy: DrillScript["delegatedBy"] = byOperator,
): DrillScript => ({ id, sizes: SMALL, limitS: LIMIT_S, taskMs: TASK_MS, faults, delegatedBy });

/** Every fifth agent of a mixed fleet misbehaves, each in the next way. */
const MIXED: readonly Fault[] = [
  LIE,
  { kind: "hang", onTask: 2 },
  { kind: "late", byMs: 1500 },
  { kind: "crash", onTask: 2 },
  { kind: "evade", everyMs: 400 },
  { kind: "flood", intents: 100 },
  { kind: "replay", everyMs: 400 },
  PARTITION,
  { kind: "drift", byMs: 600_000 },
];
const EVERY = 5;

export const DRILL_SCRIPTS: readonly DrillScript[] = [
  small("one-lies", firstOnly(LIE)),
  small("one-hangs", firstOnly({ kind: "hang", onTask: 2 })),
  {
    // The first agent delegates to all others but the last, which works beside them.
    ...small("children-evade", firstOnly({ kind: "evade", everyMs: 400 }), (at, size) =>
      at > 0 && at < size - 1 ? 0 : null,
    ),
    sizes: { min: 3, max: 12, usual: 5 },
  },
  small("flood", firstOnly(FLOOD)),
  small("partition", (at, size) => (at < Math.ceil(size / 2) ? [PARTITION] : [])),
  small("crash", firstOnly({ kind: "crash", onTask: 2 })),
  small("late-and-replayed", (at) =>
    at === 0 ? [{ kind: "late", byMs: 1500 }] : at === 1 ? [{ kind: "replay", everyMs: 400 }] : [],
  ),
  small("clock-drift", (at) =>
    at === 0 ? [{ kind: "drift", byMs: 600_000 }] : at === 1 ? [{ kind: "drift", byMs: -600_000 }] : [],
  ),
  {
    id: "mixed-fleet",
    sizes: { min: 20, max: 50, usual: 50 },
    limitS: 120,
    taskMs: 5000,
    faults: (at) => {
      const fault = at % EVERY === 0 ? MIXED[(at / EVERY) % MIXED.length] : undefined;
      return fault === undefined ? [] : [fault];
    },
    delegatedBy: byOperator,
  },
];

export const drillScript = (id: string): DrillScript | undefined => DRILL_SCRIPTS.find((script) => script.id === id);

/** Whether an agent with these faults acknowledges a stop and goes on: what the monitor must find out (OVR-S6). */
export const isLiar = (faults: readonly Fault[]): boolean => faults.some(({ kind }) => kind === "lie");
