import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { sha256 } from "../ect/ect.fixture.ts";
import { requested, workflows } from "./rollback.fixture.ts";
import { foldRollback } from "./rollback-coordinator.ts";
import { rehearseRollback } from "./rollback-plan.ts";
import { isFinished, type RollbackRequested, residuesOf } from "./rollback-state.ts";
import { type Behaviour, createWorld } from "./rollback-world.fixture.ts";

const behaviour: fc.Arbitrary<Behaviour> = fc.record({
  prepare: fc.constantFrom("ready", "ready", "ready", "ready", "refused" as const),
  outcomes: fc.array(
    fc.constantFrom(
      ...(["done", "done", "done", "done", "done", "done", "partial", "failed", "irreversible", "wrong_hash"] as const),
      "hangs" as const,
    ),
    { minLength: 1, maxLength: 5 },
  ),
});
const actions = fc.array(
  fc.tuple(
    fc.constantFrom(
      ...(["deliver", "deliver", "deliver", "deliver", "work", "work", "byHand", "repeat", "lose", "wait"] as const),
      ...(["long", "crash", "restart", "site", "abort", "confirm"] as const),
    ),
    fc.nat(),
  ),
  { maxLength: 80 },
);

const OPERATOR = "spiffe://ops.example/human/ann";
type World = ReturnType<typeof createWorld>;

function act(world: World, action: string, pick: number): void {
  const atS = world.now();
  if (action === "deliver") world.deliver(pick);
  if (action === "repeat") world.repeat(pick);
  if (action === "lose") world.lose(pick);
  if (action === "work") world.work(pick);
  if (action === "byHand") world.byHand(pick);
  if (action === "wait") world.wait(pick % 30);
  if (action === "long") world.wait(pick % 700);
  if (action === "crash") world.crashAfterNext();
  if (action === "restart") world.restart();
  if (action === "site") world.restartSite(pick);
  if (action === "abort" && pick % 3 === 0) world.coordinate({ kind: "abort", operator: OPERATOR, atS });
  if (action === "confirm" && pick % 5 === 0) world.coordinate({ kind: "confirm", manual: null, atS });
  else if (action === "confirm") confirm(world, world.state().revision - (pick % 3 === 0 ? 1 : 0));
}

function confirm(world: World, revision: number): void {
  const manual = { operator: OPERATOR, reason: "told the customers", revision };
  world.coordinate({ kind: "confirm", manual, atS: world.now() });
}

/** From here on everything arrives, works end, and the operator does what is asked: a world that lets it come to an end. */
function settle(world: World): void {
  for (let round = 0; round < 200 && !over(world); round += 1) {
    for (let left = 500; left > 0 && world.messages() + world.works() > 0; left -= 1) {
      // The latest first in every other round: a last word that overtakes a request.
      world.deliver(round % 2 === 0 ? Math.max(0, world.messages() - 1) : 0);
      world.work(0);
    }
    world.byHand(round);
    const { phase, revision } = world.state();
    if (phase === "partial" || phase === "failed") confirm(world, revision);
    world.wait(20);
  }
}

const over = (world: World): boolean =>
  isFinished(world.state().phase) && world.state().acknowledged.length === Object.keys(world.state().answers).length;

/** CAS-14 in the world: a step took effect only after those it waits for had taken effect, or had nothing to undo. */
function expectOrder(world: World, { steps }: RollbackRequested): void {
  const order = new Map(world.happened().map((n, index) => [n, index]));
  expect(order.size).toBe(world.happened().length);
  for (const n of order.keys())
    for (const earlier of must(steps[n - 1], "a step").depends_on) {
      if (steps[earlier - 1]?.method === "skip") continue;
      expect(must(order.get(earlier), "an earlier step has happened")).toBeLessThan(must(order.get(n), "n"));
    }
}

/** What is said at the end is what is the case. */
function expectTruth(world: World, request: RollbackRequested): void {
  const state = world.state();
  const happened = new Set(world.happened());
  const residues = new Set(residuesOf(state).map(({ n }) => n));
  if (state.phase === "refused" || state.phase === "aborted") {
    expect(happened.size).toBe(0);
    return;
  }
  for (const { n, method, gateway } of request.steps) {
    if (method === "skip") continue;
    if (!happened.has(n)) expect(residues).toContain(n);
    if (state.steps[n - 1]?.status === "done") expect(happened).toContain(n);
    if (gateway === undefined) continue;
    if (state.steps[n - 1]?.status === "done") expect(world.taken()).toContain(n);
    if (happened.has(n)) expect(state.answers[gateway]?.status).toBe("ready");
  }
  for (const { n } of request.impossible) expect(residues).toContain(n);
  if (state.confirmedBy === null) expect(residues.size).toBe(0);
}

/** By agent the gateway of its domain, where that is another one. */
const domains = fc.array(fc.constantFrom(undefined, undefined, "metro.example", "core.example"), {
  minLength: 3,
  maxLength: 3,
});

const scenario = fc.record({
  input: workflows,
  domains,
  effort: fc.boolean(),
  behaviours: fc.array(behaviour, { minLength: 3, maxLength: 3 }),
  actions,
});

function worldOf({
  input,
  domains: of,
  effort,
  behaviours,
}: {
  input: Parameters<typeof rehearseRollback>[0];
  domains: readonly (string | undefined)[];
  effort: boolean;
  behaviours: readonly Behaviour[];
}) {
  const names = [...new Set(input.tasks.map(({ agent }) => agent))].toSorted();
  const tasks = input.tasks.map((task) => {
    const domain = of[names.indexOf(task.agent)];
    return domain === undefined ? task : { ...task, gateway: `spiffe://${domain}/pep` };
  });
  const plan = rehearseRollback({ ...input, tasks }, sha256);
  if (!plan.ok) return null;
  const request = requested(plan.value, { bestEffort: effort || plan.value.report.impossible.length > 0 });
  const agents = [...new Set(request.steps.flatMap(({ agent, gateway = agent }) => [agent, gateway]))].toSorted();
  const world = createWorld(request, (agent) => must(behaviours[agents.indexOf(agent) % 3], "a behaviour"));
  return { world, request };
}

describe("a rollback among crashes, losses, repetitions and failures", () => {
  it("[CAS-14] [CAS-15] [CAS-16] [CAS-17] [CAS-25] [CAS-36] [CAS-37] ends, in order, once, and says truly what is left", () => {
    const phases = new Map<string, number>();
    fc.assert(
      fc.property(scenario, (given) => {
        const made = worldOf(given);
        if (made === null) return;
        const { world, request } = made;
        for (const [action, pick] of given.actions) {
          act(world, action, pick);
          expect(foldRollback(JSON.parse(JSON.stringify(world.log())))).toEqual(world.state());
          expectOrder(world, request);
        }
        settle(world);
        expect(over(world)).toBe(true);
        expectOrder(world, request);
        expectTruth(world, request);
        expect(world.begunTooLate()).toBe(0);
        world.wait(700);
        world.wait(700);
        for (const [agent, site] of world.participants())
          if (world.locks().includes(agent))
            expect(site.underway.length, "locks are held in mid-step only").toBeGreaterThan(0);
        const end = world.state().confirmedBy === null ? world.state().phase : "confirmed by hand";
        phases.set(end, (phases.get(end) ?? 0) + 1);
      }),
      { numRuns: 300 },
    );
    for (const end of ["confirmed", "confirmed by hand", "refused", "aborted"])
      expect(phases.get(end) ?? 0, `some runs end ${end}`).toBeGreaterThan(0);
  }, 60_000);
});
