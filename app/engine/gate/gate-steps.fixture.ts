import fc from "fast-check";
import type { HitlDecisionClaims } from "../../protocol/acp/claims.ts";
import { HANDLING_VERBS, type HandlingVerb } from "../../protocol/acp/handling.ts";
import type { Fact } from "../fact.ts";
import { AGENT, PEOPLE, STARTER, TASKS, WID, type World, type WorldTask } from "./gate-world.fixture.ts";
import {
  type DecisionChange,
  decisionOf,
  FIRST_POLICY,
  grantEndOf,
  grantOf,
  handlingOf,
  intentOf,
  overrideOf,
  replacementOf,
  requestOf,
  reviewOf,
  revocationOf,
  withdrawalOf,
} from "./gate-world-tokens.fixture.ts";

/** What may happen in the world of the gate, and how likely. */

interface Deciding {
  readonly task: number;
  readonly by: number;
  readonly role: "operator" | "duty_manager" | "finance";
  readonly outcome: HitlDecisionClaims["outcome"];
  readonly about: DecisionChange["about"];
  readonly authAgeS: number;
  readonly lifetimeS: number;
  readonly alone: boolean;
  readonly changedTo: number | null;
  readonly reason: string;
  /** At a task that waits, where there is one. */
  readonly aimed: boolean;
}

/** What happens in one step of a run. Everything an agent, an operator, a timer, the network or a crash can do. */
type Step =
  | { readonly do: "ask" | "stale" | "request" | "effect" | "deadline" | "escalate"; readonly task: number }
  | ({ readonly do: "decide" | "prepare" } & Deciding)
  | { readonly do: "withdraw" | "review" | "late"; readonly task: number; readonly by: number }
  | {
      readonly do: "handle";
      readonly task: number;
      readonly by: number;
      readonly verb: HandlingVerb;
      readonly untilS: number;
    }
  | {
      readonly do: "grant";
      readonly by: number;
      readonly act: string;
      readonly rules: readonly string[];
      readonly maxUses: number;
      readonly lifetimeS: number;
      /** Under the id of a grant that is there. */
      readonly reuse: boolean;
    }
  | { readonly do: "ungrant" | "replace"; readonly by: number }
  /** A decision signed before arrives now: late, reordered, from the other tab. */
  | { readonly do: "deliver"; readonly at: number }
  /** Any token of the log arrives once more. */
  | { readonly do: "repeat"; readonly at: number }
  | { readonly do: "wait"; readonly seconds: number }
  /** What usually happens with a task, up to some point, so that the odd things have something to happen to. */
  | { readonly do: "usual" | "special"; readonly task: number; readonly upTo: number; readonly twist: number }
  | { readonly do: "stop" | "release" | "revoke" | "restart" };

const BY = [...PEOPLE, STARTER, AGENT];
const task = fc.nat({ max: TASKS.length - 1 });
const by = fc.constantFrom(0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 4);
const deciding = {
  task,
  by,
  role: fc.constantFrom(
    "operator" as const,
    "operator" as const,
    "operator" as const,
    "duty_manager" as const,
    "finance" as const,
  ),
  outcome: fc.constantFrom<HitlDecisionClaims["outcome"][]>(
    ...(["approve", "approve", "approve", "approve", "modify", "modify", "reject", "abort", "escalate"] as const),
  ),
  about: fc.constantFrom<DecisionChange["about"][]>(
    "this",
    "this",
    "this",
    "this",
    "this",
    "another action",
    "another version",
  ),
  authAgeS: fc.constantFrom(0, 0, 0, 1, 119, 121, 899, 901),
  lifetimeS: fc.constantFrom(300, 300, 5, 3600),
  alone: fc.constantFrom(false, false, false, true),
  changedTo: fc.constantFrom(null, null, 5, 5, 10, 11, -1),
  reason: fc.constantFrom("because", "because", "because", " "),
  aimed: fc.constantFrom(true, true, false),
};
export const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom("ask", "ask", "request", "request", "effect", "effect", "stale"),
      task,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("deadline", "escalate"), task }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constantFrom("decide", "decide", "decide", "prepare"), ...deciding }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("withdraw" as const), task, by: fc.constantFrom(4, 4, 4, 0) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("review", "review", "late"), task, by }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("handle" as const),
      task,
      by,
      verb: fc.constantFrom(...HANDLING_VERBS),
      untilS: fc.constantFrom(30, 30, 59, 60, 100, 901, 28_801, 0),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("grant" as const),
      by,
      act: fc.constantFrom("std_", "std_", "std_", "std_", "one_a", "two_a", "free_a"),
      rules: fc.constantFrom(["std"], ["std"], ["std"], ["one"], ["two"], ["std", "one"]),
      maxUses: fc.constantFrom(1, 1, 2),
      lifetimeS: fc.constantFrom(300, 20),
      reuse: fc.constantFrom(false, false, true),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("ungrant", "replace"), by }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("deliver" as const), at: fc.nat({ max: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("repeat" as const), at: fc.nat({ max: 60 }) }) },
  // Also backwards: a clock that was set back.
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("wait" as const), seconds: fc.constantFrom(-20, 1, 7, 31, 61, 400) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom("usual", "special"),
      task,
      upTo: fc.integer({ min: 1, max: 5 }),
      twist: fc.nat({ max: 17 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom("stop", "release", "release", "restart", "restart", "restart", "revoke"),
    }),
  },
);

export interface Run {
  readonly world: World;
  readonly prepared: Fact[];
  /** Decisions the engine said yes to. */
  readonly accepted: Set<string>;
  stops: number;
  tokens: number;
}

const NOBODY = "00000000-0000-4000-8000-0000000000ff";
const PLAIN: Omit<Deciding, "task" | "by"> = {
  outcome: "approve",
  role: "operator",
  about: "this",
  authAgeS: 0,
  lifetimeS: 300,
  alone: false,
  changedTo: null,
  reason: "because",
  aimed: false,
};
const ALONE = { ...PLAIN, alone: true };
const CHANGED = { ...PLAIN, outcome: "modify", changedTo: 5 } as const;

/** The newest request of a task. */
const requestOfTask = (run: Run, index: number): string =>
  run.world.log.findLast(({ fact }) => fact.typ === "hitl-request+jwt" && fact.claims.task.jti === at(index).jti)?.fact
    .claims.jti ?? NOBODY;
/** One of the tasks that wait for a human; any where none does. */
function waitingTask(run: Run, index: number): number {
  const tasks = run.world.state.workflows.get(WID)?.tasks;
  const waiting = TASKS.flatMap(({ jti }, place) => (tasks?.get(jti)?.status === "waiting" ? [place] : []));
  return waiting[index % waiting.length] ?? index;
}
/** A request that one person approved alone, where there is one. */
const aloneRequest = (run: Run, index: number): string =>
  [...run.world.state.gates.values()].find(({ breakGlass }) => breakGlass !== null)?.request ??
  requestOfTask(run, index);
const grantsOf = (run: Run): string[] =>
  run.world.log.flatMap(({ fact }) => (fact.typ === "standing-grant+jwt" ? [fact.claims.jti] : []));

export function perform(run: Run, taken: Step): void {
  const { world } = run;
  const id = (): string => {
    run.tokens += 1;
    return `20000000-0000-4000-8000-${String(run.tokens).padStart(12, "0")}`;
  };
  const send = (fact: Fact, digest?: string): void => {
    const answer = world.submit(world.token(fact, digest));
    if (Array.isArray(answer) && fact.typ === "hitl-decision+jwt") run.accepted.add(fact.claims.jti);
  };
  const who = (index: number): string => BY[index] ?? STARTER;
  switch (taken.do) {
    case "ask":
      send(intentOf(world, at(taken.task), id()));
      return;
    case "stale":
      send(intentOf(world, at(taken.task), id(), FIRST_POLICY));
      return;
    case "request":
      send(requestOf(world, at(taken.task), id()));
      return;
    case "effect":
      world.submit({ kind: "effect", wid: WID, task: at(taken.task).jti, latch: null });
      return;
    case "late":
      world.submit({ kind: "review_due", request: aloneRequest(run, taken.task) });
      return;
    case "deadline":
    case "escalate": {
      const request = requestOfTask(run, waitingTask(run, taken.task));
      // The host's timer is right: it does not fire before its time.
      const gate = world.state.gates.get(request);
      if (gate === undefined) return;
      if (taken.do === "escalate") world.submit({ kind: "gate_escalation", request, step: gate.escalated.length });
      else if (world.nowS > gate.openedAt + gate.timeoutS) world.submit({ kind: "gate_deadline", request });
      return;
    }
    case "decide":
    case "prepare": {
      const index = taken.aimed ? waitingTask(run, taken.task) : taken.task;
      const fact = decisionOf(world, at(index), requestOfTask(run, index), id(), {
        ...taken,
        by: who(taken.by),
        changedTo: taken.outcome === "modify" || taken.changedTo === 11 ? taken.changedTo : null,
      });
      if (taken.do === "prepare") run.prepared.push(fact);
      else send(fact);
      return;
    }
    case "withdraw":
      send(withdrawalOf(world, who(taken.by), requestOfTask(run, waitingTask(run, taken.task)), id()));
      return;
    case "review":
      send(reviewOf(world, who(taken.by), aloneRequest(run, taken.task), id()));
      return;
    case "handle":
      send(handlingOf(world, who(taken.by), requestOfTask(run, waitingTask(run, taken.task)), id(), taken));
      return;
    case "grant":
      send(grantOf(world, (taken.reuse ? grantsOf(run).at(-1) : undefined) ?? id(), { ...taken, by: who(taken.by) }));
      return;
    case "ungrant":
      send(grantEndOf(world, who(taken.by), grantsOf(run).at(-1) ?? NOBODY, id()));
      return;
    case "replace": {
      const { fact, digest } = replacementOf(world, who(taken.by), id());
      send(fact, digest);
      return;
    }
    case "deliver": {
      const [late] = run.prepared.splice(taken.at, 1);
      if (late !== undefined) send(late);
      return;
    }
    case "repeat": {
      const again = world.log.filter(({ fact }) => fact.typ !== "record+jwt" && fact.typ !== "wit+jwt")[taken.at];
      if (again !== undefined) world.submit(world.token(again.fact, again.digest));
      return;
    }
    case "usual":
    case "special":
      for (const next of course(taken).slice(0, taken.upTo)) perform(run, next);
      return;
    case "wait":
      world.nowS += taken.seconds;
      return;
    case "stop":
      run.stops += 1;
      send(overrideOf(world, id(), run.stops, null));
      return;
    case "release": {
      const latched = [...world.state.overrides.values()].find((signal) => signal.latched)?.jti;
      if (latched === undefined) return;
      run.stops += 1;
      send(overrideOf(world, id(), run.stops, latched));
      return;
    }
    case "revoke":
      send(revocationOf(world, id()));
      return;
    case "restart":
      world.restart();
  }
}

const at = (index: number): WorldTask => TASKS[index] ?? (TASKS[0] as WorldTask);

/**
 * Asked, approved and done; or, where it is special, granted in advance, changed by the approval, or approved alone, and each
 * of these also as nobody may.
 */
function course({ do: kind, task: index, twist }: Extract<Step, { do: "usual" | "special" }>): readonly Step[] {
  const { act } = at(index);
  const ask: Step = { do: "ask", task: index };
  const request: Step = { do: "request", task: index };
  const effect: Step = { do: "effect", task: index };
  const decide = (person: number, how: Omit<Deciding, "task" | "by">): Step => ({
    do: "decide",
    task: index,
    by: person,
    ...how,
  });
  if (kind === "usual") return [ask, request, decide(0, PLAIN), decide(1, PLAIN), effect];
  const leave: Step = { do: "grant", by: 0, act, rules: ["std"], maxUses: 2, lifetimeS: 300, reuse: false };
  if (act.startsWith("std_")) return [leave, ask, effect];
  const odd: readonly Step[] = [
    decide(1, { ...ALONE, reason: " " }),
    decide(BY.indexOf(STARTER), ALONE),
    decide(1, { ...CHANGED, changedTo: 11 }),
    decide(1, { ...CHANGED, changedTo: 10 }),
    decide(1, { ...PLAIN, changedTo: 11 }),
    decide(1, { ...PLAIN, about: "another version" }),
    decide(1, { ...PLAIN, about: "another action" }),
    decide(1, act.startsWith("mod_") ? ALONE : CHANGED),
  ];
  return [ask, request, odd[twist] ?? decide(1, act.startsWith("mod_") ? CHANGED : ALONE), effect];
}
