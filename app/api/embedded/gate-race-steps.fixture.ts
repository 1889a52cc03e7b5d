import fc from "fast-check";
import { GATED } from "./gate-race-run.fixture.ts";
import { otherThan, TABS, type Tab } from "./gate-race-tabs.fixture.ts";
import {
  changePolicy,
  count,
  type Decision,
  FLAWS,
  quiet,
  type Race,
  sendDecision,
  signDecision,
  startAgain,
  stop,
} from "./gate-race-world.fixture.ts";

/** What people do in two tabs, alone, at the same instant, and while the engine's worker dies. */

type Action =
  | ({ readonly do: "decide" | "keep" } & Decision)
  /** One signed before arrives now: it was prepared before whatever has happened since. */
  | { readonly do: "deliver" }
  /** One that was sent before is sent again. */
  | { readonly do: "repeat"; readonly at: number }
  | { readonly do: "replace" | "revoke" | "stop" | "start" };

/** What the next command may count on. */
interface Model {
  kills: number;
}

type Step = fc.AsyncCommand<Model, Race, false>;

/** Workers to start again cost most of a race's time. */
const MOST_KILLS = 1;

/** Everything that is needed to do it, made first, so that two can begin at the same instant. */
async function prepare(race: Race, tab: Tab, action: Action): Promise<() => Promise<void>> {
  switch (action.do) {
    case "decide": {
      const signed = await signDecision(race, tab, action);
      return async () => (signed === null ? undefined : sendDecision(race, tab, signed));
    }
    case "keep": {
      const signed = await signDecision(race, tab, action);
      return async () => void (signed === null ? 0 : race.kept.push(signed));
    }
    case "deliver":
      return async () => {
        const late = race.kept.shift();
        if (late !== undefined) await sendDecision(race, tab, late);
      };
    case "repeat":
      return async () => {
        const again = race.sent[action.at % race.sent.length];
        if (again !== undefined) await sendDecision(race, tab, again);
      };
    case "replace":
    case "revoke":
      return changePolicy(race, tab, action.do);
    case "stop":
      return stop(race, tab);
    case "start":
      return () => startAgain(race, tab);
  }
}

const step = (
  text: string,
  run: (race: Race, model: Model) => Promise<void>,
  check: Step["check"] = () => true,
): Step => ({
  check,
  run: async (model, race) => {
    await run(race, model);
    count(race, "steps");
  },
  toString: () => text,
});

/** One thing in one tab. */
const alone = (tab: Tab, action: Action): Step =>
  step(`${tab}: ${JSON.stringify(action)}`, async (race) => (await prepare(race, tab, action))());

/** What is done in both tabs at the same instant: one thing in each, or the same token given in both. */
type Deeds = { readonly A: Action; readonly B: Action } | { readonly both: Decision };

async function prepareBoth(race: Race, deeds: Deeds): Promise<readonly (() => Promise<void>)[]> {
  if (!("both" in deeds)) return Promise.all(TABS.map((tab) => prepare(race, tab, deeds[tab])));
  const signed = await signDecision(race, "A", deeds.both);
  return signed === null ? [] : TABS.map((tab) => () => sendDecision(race, tab, signed));
}

const together = (deeds: Deeds): Step =>
  step(`at once ${JSON.stringify(deeds)}`, async (race) => {
    const acts = await prepareBoth(race, deeds);
    await Promise.all(acts.map((act) => act()));
    count(race, "both" in deeds ? "the same from both" : "at the same instant");
  });

/**
 * Workers die while that is under way: the one with the engine, the one that follows it, or both. When is said in round
 * trips to the browser, a time without a clock; null is the moment at which somebody has heard the first answer.
 */
const crash = (who: "leader" | "follower" | "both", deeds: Deeds, trips: number | null): Step =>
  step(
    `${who} killed after ${trips ?? "the answer"} of ${JSON.stringify(deeds)}`,
    async (race, model) => {
      model.kills += 1;
      const { tabs } = race;
      const acts = await prepareBoth(race, deeds);
      const leader = tabs.leader();
      const doing = acts.map((act) => act());
      if (trips === null) await Promise.race(doing.length === 0 ? [Promise.resolve()] : doing);
      for (let trip = 0; trip < (trips ?? 0); trip += 1) await navigator.locks.query();
      tabs.kill(who === "both" ? TABS : [who === "leader" ? leader : otherThan(leader)]);
      await tabs.reopen();
      await Promise.all(doing);
      await quiet(race, "A");
      count(race, `${who} killed`);
    },
    ({ kills }) => kills < MOST_KILLS,
  );

/** Lets everything that goes on by itself come to rest. */
const rest = step("rest", (race) => quiet(race, "B"));

const task = fc.constantFrom(...GATED);
const by = fc.integer({ min: 0, max: 2 });
const flaw = fc.oneof({ weight: 8, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.constantFrom(...FLAWS) });
const decision: fc.Arbitrary<Decision> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ task, by, outcome: fc.constant("approve" as const), flaw }) },
  {
    weight: 3,
    arbitrary: fc.record({
      task,
      by,
      outcome: fc.constantFrom("reject" as const, "reject" as const, "abort" as const),
      flaw,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      task: fc.constantFrom("size-a" as const, "size-a" as const, "one-a" as const),
      by,
      outcome: fc.constant("modify" as const),
      flaw: fc.constantFrom(null, "more" as const),
    }),
  },
);
const decide: fc.Arbitrary<Action> = decision.map((made) => ({ do: "decide", ...made }));
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 10, arbitrary: decide },
  { weight: 2, arbitrary: decision.map((made) => ({ do: "keep" as const, ...made })) },
  { weight: 2, arbitrary: fc.constant({ do: "deliver" as const }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("repeat" as const), at: fc.nat({ max: 20 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("replace" as const, "stop" as const) }) },
  { weight: 1, arbitrary: fc.constant({ do: "revoke" as const }) },
);
const tab = fc.constantFrom(...TABS);

const deeds: fc.Arbitrary<Deeds> = fc.oneof(
  fc.record({ A: action, B: action }),
  fc.record({ both: decision }),
  // Two people who agree about what takes two.
  fc.constantFrom("two-a" as const, "two-b" as const, "two-c" as const).map((same) => ({
    A: { do: "decide" as const, task: same, by: 1, outcome: "approve" as const, flaw: null },
    B: { do: "decide" as const, task: same, by: 2, outcome: "approve" as const, flaw: null },
  })),
  // Two people about one task.
  fc.tuple(decision, decision, task).map(([a, b, same]) => ({
    A: { do: "decide" as const, ...a, task: same },
    B: { do: "decide" as const, ...b, task: same },
  })),
);

export const steps = fc.commands<Model, Race, false>(
  [
    fc.tuple(tab, action).map(([where, what]) => alone(where, what)),
    fc.tuple(tab, decide).map(([where, what]) => alone(where, what)),
    deeds.map(together),
    deeds.map(together),
    fc
      .tuple(
        fc.constantFrom("leader" as const, "leader" as const, "follower" as const, "both" as const),
        deeds,
        fc.option(fc.nat({ max: 30 }), { freq: 1 }),
      )
      .map(([who, what, trips]) => crash(who, what, trips)),
    tab.map((where) => alone(where, { do: "start" })),
    fc.constant(rest),
  ],
  { maxCommands: 24, size: "max" },
);
