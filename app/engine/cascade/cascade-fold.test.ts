import fc from "fast-check";
import { expect, it } from "vitest";
import { decodeState, encodeState } from "../snapshot-codec.ts";
import { agent, CascadeWorld } from "./cascade-world.fixture.ts";

const AGENTS = ["a", "b", "c"] as const;
const name = fc.constantFrom(...AGENTS);

type Step =
  | { readonly do: "run"; readonly by: string; readonly fails: boolean; readonly after: readonly number[] }
  | { readonly do: "begin"; readonly by: string; readonly after: readonly number[] }
  | { readonly do: "end"; readonly which: number; readonly fails: boolean }
  | { readonly do: "pass"; readonly seconds: number }
  | { readonly do: "timers" }
  | {
      readonly do: "order";
      readonly order: "trip" | "release";
      readonly from: string;
      readonly to: string;
      readonly all: boolean;
    }
  | { readonly do: "signal"; readonly by: string; readonly about: string; readonly severity: number }
  | { readonly do: "domain"; readonly order: "trip" | "release"; readonly id: string }
  | { readonly do: "stop" };

const after = fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("run" as const),
      by: name,
      fails: fc.oneof(fc.constant(true), fc.constant(true), fc.boolean()),
      after,
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("begin" as const), by: name, after }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("end" as const),
      which: fc.nat({ max: 40 }),
      fails: fc.oneof(fc.constant(true), fc.constant(true), fc.boolean()),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("pass" as const), seconds: fc.nat({ max: 90 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("timers" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("signal" as const),
      by: name,
      about: name,
      severity: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("domain" as const),
      order: fc.constantFrom("trip" as const, "release" as const),
      id: fc.constantFrom("first", "rest"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("order" as const),
      order: fc.constantFrom("trip" as const, "release" as const),
      from: name,
      to: name,
      all: fc.boolean(),
    }),
  },
);

/** Carries out one step; what was not let through leaves nothing behind. */
function take(world: CascadeWorld, made: Step, done: string[], open: string[]): void {
  const preds = (after: readonly number[]) =>
    [...new Set(after.map((at) => done[at % (done.length || 1)]))].filter((one) => one !== undefined);
  const fresh = `t${done.length}-${open.length}-${world.log.length}`;
  switch (made.do) {
    case "run":
      if ("logged" in world.run(made.by, fresh, made.fails ? "failure" : "success", preds(made.after)))
        done.push(fresh);
      break;
    case "begin":
      if ("logged" in world.ask(made.by, fresh, "build_site", preds(made.after))) open.push(fresh);
      break;
    case "end": {
      const [ended] = open.splice(made.which % (open.length || 1), 1);
      if (ended !== undefined && "logged" in world.end(ended, made.fails ? "failure" : "success")) done.push(ended);
      break;
    }
    case "pass":
      world.pass(made.seconds);
      break;
    case "timers":
      world.timers();
      break;
    case "order":
      world.order(made.order, [made.from, made.to, made.all ? "*" : "build"]);
      break;
    case "signal":
      world.signal(made.by, made.about, { severity: made.severity });
      break;
    case "domain":
      world.orderDomain(made.order, made.id);
      break;
    case "stop":
      world.stop();
      break;
  }
}

it("[CAS-5] [CAS-S6] the fold of the log is the state that was decided on, from the start and from any snapshot", {
  timeout: 60_000,
}, () => {
  let trips = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 30, maxLength: 160 }), fc.nat(), (steps, cut) => {
      const world = new CascadeWorld([...AGENTS], (policy) => ({
        ...policy,
        failure_domains: [
          { domain_id: "first", members: [agent("a")] },
          { domain_id: "rest", members: [agent("b"), agent("c")] },
        ],
      }));
      const done: string[] = [];
      const open: string[] = [];
      for (const [at, made] of steps.entries()) {
        take(world, made, done, open);
        expect(world.state.unstated).toEqual([]);
        // As after a crash: the state is taken from a snapshot's bytes, and the tail goes on from there.
        if (at === cut % steps.length) world.state = decodeState(bytesOf(world.state)) as CascadeWorld["state"];
      }
      expect(world.refolded()).toEqual(world.state);
      const numbers = new Map<string, number>();
      for (const { breaker_id: id, seq } of world.published) {
        expect(seq).toBe((numbers.get(id) ?? 0) + 1);
        numbers.set(id, seq);
      }
      for (const { id, breaker } of world.state.breakers.values()) expect(breaker.seq).toBe(numbers.get(id) ?? 0);
      trips += world.published.length;
    }),
    { numRuns: 30 },
  );
  expect(trips).toBeGreaterThan(50);
});

function bytesOf(state: unknown): Uint8Array {
  const pieces = [...encodeState(state)];
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
