import * as fc from "fast-check";
import type { Fault } from "../agents/drill/faults.ts";

/** One task of a drill: whose it is, what it waits for and how long it takes. */
export interface DrillTask {
  readonly agent: number;
  /** The task so many places before it has to be over; 0 for none. */
  readonly after: number;
  readonly durationMs: number;
  /** It needs a human, and nobody answers. */
  readonly gated: boolean;
}

export interface DrillStop {
  readonly atMs: number;
  readonly scope: "agent" | "task" | "workflow" | "domain";
  /** Which agent or task. */
  readonly of: number;
  /** Comes twice, so much later. */
  readonly againMs: number | null;
  /** Released so much later; the runs stay stopped. */
  readonly releasedMs: number | null;
  /** The run is started again so much after the release. */
  readonly startedMs: number | null;
}

/** One drill, all of it: what happens follows from this alone. */
export interface DrillScenario {
  /** By agent. */
  readonly faults: readonly (readonly Fault[])[];
  /** By agent: which earlier one delegates to it; itself or a later one means that the operator does. */
  readonly delegatedBy: readonly number[];
  readonly tasks: readonly DrillTask[];
  readonly stops: readonly DrillStop[];
  /** Ms a message takes, in turns. */
  readonly link: readonly number[];
  /** Ms an append takes, in turns. */
  readonly append: readonly number[];
}

const ms = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
const MINUTE_MS = 60_000;

export const anyFault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: fc.constant("hang" as const), onTask: ms(1, 3) }),
  {
    arbitrary: fc.record({ kind: fc.constant("lie" as const), everyMs: ms(100, 3000), hides: fc.boolean() }),
    weight: 3,
  },
  { arbitrary: fc.record({ kind: fc.constant("evade" as const), everyMs: ms(100, 900) }), weight: 2 },
  fc.record({ kind: fc.constant("flood" as const), intents: ms(3, 12) }),
  fc.record({
    kind: fc.constant("partition" as const),
    lost: fc.constantFrom("in" as const, "out" as const, "both" as const),
    afterMs: ms(0, 900),
    forMs: ms(50, 3000),
  }),
  fc.record({ kind: fc.constant("crash" as const), onTask: ms(1, 3) }),
  fc.record({ kind: fc.constant("late" as const), byMs: ms(50, 2500) }),
  fc.record({ kind: fc.constant("replay" as const), everyMs: ms(100, 700) }),
  fc.record({
    kind: fc.constant("drift" as const),
    byMs: fc.constantFrom(-15, -5, -1, 1, 5, 15).map((minutes) => minutes * MINUTE_MS),
  }),
);

const anyStop: fc.Arbitrary<DrillStop> = fc.record({
  atMs: ms(0, 1200),
  scope: fc.constantFrom("agent", "agent", "task", "workflow", "domain"),
  of: fc.nat(20),
  againMs: fc.option(ms(0, 400), { freq: 2 }),
  releasedMs: fc.option(ms(30, 2500), { freq: 2 }),
  startedMs: fc.option(ms(0, 500), { freq: 3 }),
});

/** Everything can happen. */
export const anyScenario: fc.Arbitrary<DrillScenario> = fc.integer({ min: 2, max: 4 }).chain((agents) =>
  fc.record({
    faults: fc.array(fc.array(anyFault, { maxLength: 2 }), { minLength: agents, maxLength: agents }),
    delegatedBy: fc.array(fc.nat(agents - 1), { minLength: agents, maxLength: agents }),
    tasks: fc.array(
      fc.record({
        agent: fc.nat(agents - 1),
        after: fc.integer({ min: 0, max: 3 }),
        durationMs: fc.oneof({ arbitrary: ms(5, 500), weight: 4 }, ms(1500, 4000)),
        gated: fc.boolean().chain((yes) => (yes ? fc.constantFrom(true, false, false) : fc.constant(false))),
      }),
      { minLength: agents, maxLength: 9 },
    ),
    stops: fc.array(anyStop, { minLength: 1, maxLength: 2 }),
    link: fc.array(ms(0, 40), { minLength: 1, maxLength: 4 }),
    append: fc.oneof(fc.constant([0]), fc.array(ms(0, 60), { minLength: 1, maxLength: 3 }), fc.constant([400])),
  }),
);

/** Every stop is released, and the runs are started again. */
export const restartedScenario: fc.Arbitrary<DrillScenario> = fc
  .tuple(anyScenario, fc.array(fc.tuple(ms(30, 2500), ms(0, 500)), { minLength: 2, maxLength: 2 }))
  .map(([scenario, times]) => ({
    ...scenario,
    stops: scenario.stops.map((stop, at) => {
      const [releasedMs, startedMs] = times[at] ?? [30, 0];
      return { ...stop, releasedMs, startedMs };
    }),
  }));

/**
 * Agents without faults, short work that needs no human, one stop that is released when nothing from before it is on its way
 * any more, and a new start.
 */
export const soundScenario: fc.Arbitrary<DrillScenario> = fc
  .tuple(restartedScenario, fc.constantFrom("workflow" as const, "domain" as const))
  .map(([scenario, scope]) => ({
    ...scenario,
    faults: scenario.faults.map(() => []),
    tasks: scenario.tasks.map((task) => ({ ...task, durationMs: 5 + (task.durationMs % 100), gated: false })),
    stops: scenario.stops.slice(0, 1).map((stop) => ({
      ...stop,
      scope,
      atMs: stop.atMs % 300,
      releasedMs: 300 + (stop.releasedMs ?? 0),
    })),
    append: [0, 20],
  }));
