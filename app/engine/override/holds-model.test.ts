import fc from "fast-check";
import { v5 } from "uuid";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import { type OverrideClaims, overrideClaimsSchema } from "../../protocol/override/claims.ts";
import { sha256 } from "../engine.fixture.ts";
import type { LoggedFact } from "../fact.ts";
import { hostIds } from "../records.ts";
import { initialState, type PolicyState, type State, type TaskState, type WorkflowState } from "../state.ts";
import { decideOverride } from "./decide.ts";
import { addTargets, evolveOverride, evolveStopDue } from "./evolve.ts";
import { agentState } from "./hold.ts";
import { decideStopDue } from "./orderly.ts";

const DOMAIN = "console.local";
const PEOPLE = [
  { id: `spiffe://${DOMAIN}/human/olga`, roles: ["operator"], rank: 1 },
  { id: `spiffe://${DOMAIN}/human/otto`, roles: ["operator"], rank: 1 },
  { id: `spiffe://${DOMAIN}/human/mia`, roles: ["duty_manager"], rank: 2 },
] as const;
const uuid = (name: string): string => v5(name, v5.DNS);
const WIDS = [uuid("w0"), uuid("w1")] as const;
const AGENTS = WIDS.flatMap((wid) =>
  ["a", "b"].map((slug) => ({ wid, id: `spiffe://${DOMAIN}/agent/${wid}/${slug}` })),
);
const SCOPES = [
  { kind: "domain", id: DOMAIN },
  ...WIDS.map((id) => ({ kind: "workflow", id })),
  ...AGENTS.map(({ id }) => ({ kind: "agent", id })),
  { kind: "group", id: "a" },
] as const;
/** Of each workflow, the first agent has delegated to the second. */
const delegateOf = (agent: string): string => agent.replace(/\/a$/, "/b");

const taskOf = (agent: string): string => uuid(agent);

function world(): State {
  const state = initialState();
  for (const person of PEOPLE)
    state.roles.set(person.id, { roles: person.roles, by: "x", at: 0, exp: 1e9, jti: "x", seq: 0, reason: "" });
  for (const wid of WIDS) {
    const agents = AGENTS.filter((agent) => agent.wid === wid).map(({ id }) => id);
    const tasks = agents.map((agent): [string, TaskState] => [
      taskOf(agent),
      {
        jti: taskOf(agent),
        agent,
        execAct: "work",
        status: "running",
        intent: null,
        ruleIds: [],
        request: null,
        grant: null,
        ect: null,
        at: 0,
        code: null,
        entries: [],
      },
    ]);
    const nodes = agents.map((agent, at) => ({ id: `n${at}`, agent }));
    const dag = { nodes, edges: [{ from: "n0", to: "n1", kind: "delegates" }] };
    state.policies.set(wid, { claims: { wid, dag }, replacedBy: null } as unknown as PolicyState); // Whom an order is forwarded to hangs on no more.
    state.workflows.set(wid, {
      wid,
      run: "run",
      acp: "acp",
      startSeq: 0,
      startedAt: 0,
      startedBy: PEOPLE[0].id,
      status: "running",
      tasks: new Map(tasks),
      ects: new Map(),
      halted: new Set(),
      agents,
      suspending: new Set(),
      acts: false,
      usage: new Map(),
      drill: null,
      bench: null,
    } satisfies WorkflowState);
  }
  return state;
}

/** One step of several operators: `pick` chooses among what was ordered before. */
const stepArbitrary = fc.record({
  what: fc.constantFrom("pause", "resume", "stop", "stop in order", "its time is over", "release", "start", "end task"),
  person: fc.nat(PEOPLE.length - 1),
  scope: fc.nat(SCOPES.length - 1),
  mode: fc.constantFrom("now", "after_task"),
  pick: fc.nat(20),
});
type Step = typeof stepArbitrary extends fc.Arbitrary<infer T> ? T : never;

interface ModelHold {
  readonly jti: string;
  readonly scope: (typeof SCOPES)[number];
  readonly rank: number;
  readonly lets: ReadonlySet<string>;
}

const reaches = (scope: (typeof SCOPES)[number], agent: (typeof AGENTS)[number]): boolean =>
  scope.kind === "domain" ||
  scope.id === agent.wid ||
  scope.id === agent.id ||
  (scope.kind === "agent" && delegateOf(scope.id) === agent.id) ||
  (scope.kind === "group" && agent.id.endsWith(`/${scope.id}`));

/** What operators would expect: every order holds its own agents until that order, and no other, is ended. */
class Expected {
  holds: ModelHold[] = [];
  latches: { jti: string; scope: (typeof SCOPES)[number]; stopping: boolean }[] = [];
  halted = new Set<string>();
  running = new Set<string>(AGENTS.map(({ id }) => id));

  stop(scope: (typeof SCOPES)[number]): void {
    for (const agent of AGENTS) {
      if (!reaches(scope, agent)) continue;
      this.halted.add(agent.id);
      this.running.delete(agent.id);
    }
  }
  blocked(agent: (typeof AGENTS)[number]): boolean {
    return this.holds.some((hold) => reaches(hold.scope, agent) && !hold.lets.has(agent.id));
  }
  state(agent: (typeof AGENTS)[number]): string {
    const latches = this.latches.filter(({ scope }) => reaches(scope, agent));
    const isEnding = this.running.has(agent.id) && !this.blocked(agent);
    if (this.halted.has(agent.id)) return "stopped";
    if (latches.length > 0) return isEnding && latches.every(({ stopping }) => stopping) ? "stopping" : "stopped";
    if (!this.holds.some(({ scope }) => reaches(scope, agent))) return "running";
    return this.running.has(agent.id) && !this.blocked(agent) ? "pausing" : "paused";
  }
}

describe("pauses, stops and their ends by several operators", () => {
  it("[S13] [S10] [OVR-17] [OVR-34] [OVR-36] an end frees exactly what its own signal held, whatever else was ordered before, between or after", () => {
    fc.assert(
      fc.property(fc.array(stepArbitrary, { maxLength: 40 }), (steps) => {
        const state = world();
        const expected = new Expected();
        for (const [at, step] of steps.entries()) play(state, expected, step, at);
      }),
      { numRuns: 500 },
    );
  });
});

function play(state: State, expected: Expected, step: Step, at: number): void {
  const person = must(PEOPLE[step.person], "a person");
  const scope = must(SCOPES[step.scope], "a scope");
  const jti = uuid(`signal ${at}`);
  const give = (action: string, about: object): boolean => order(state, person.id, at, { jti, action, ...about });
  if (step.what === "pause") {
    const lets = new Set(
      step.mode === "now"
        ? []
        : AGENTS.filter((agent) => expected.running.has(agent.id) && !expected.blocked(agent)).map(({ id }) => id),
    );
    // A pause of the whole domain ends by itself within the hour, or would need two people.
    const until = scope.kind === "domain" ? { effect_until: 3000 + at } : {};
    expect(give("pause", { scope, params: { mode: step.mode }, ...until })).toBe(true);
    expected.holds.push({ jti, scope, rank: person.rank, lets });
  } else if (step.what === "resume" && expected.holds.length > 0) {
    const hold = must(expected.holds[step.pick % expected.holds.length], "a hold");
    const may = person.rank >= hold.rank;
    expect(give("resume", { scope: hold.scope, params: { of: hold.jti } })).toBe(may);
    if (may) expected.holds = expected.holds.filter((other) => other !== hold);
  } else if (step.what === "stop") {
    give("stop", { scope, params: { mode: "immediate" }, level: "emergency", deadline_ms: 1000 });
    expected.latches.push({ jti, scope, stopping: false });
    expected.stop(scope);
  } else if (step.what === "stop in order") {
    give("stop", { scope, params: { mode: "orderly", grace_ms: 5000 } });
    expected.latches.push({ jti, scope, stopping: true });
    // What nothing holds may end; what is held does not go on any more.
    for (const agent of AGENTS) if (reaches(scope, agent) && expected.blocked(agent)) expected.running.delete(agent.id);
  } else if (step.what === "its time is over" && expected.latches.length > 0) {
    const latch = must(expected.latches[step.pick % expected.latches.length], "a latch");
    expect(timeOver(state, latch.jti, at)).toBe(latch.stopping);
    if (latch.stopping) expected.stop(latch.scope);
    latch.stopping = false;
  } else if (step.what === "release" && expected.latches.length > 0) {
    const latch = must(expected.latches[step.pick % expected.latches.length], "a latch");
    expect(give("release", { scope: latch.scope, params: { of: latch.jti } })).toBe(!latch.stopping);
    expected.latches = expected.latches.filter((other) => other !== latch || latch.stopping);
  } else if (step.what === "start") {
    startAgain(state, expected, must(WIDS[step.pick % WIDS.length], "a workflow"));
  } else if (step.what === "end task") {
    const agent = must(AGENTS[step.pick % AGENTS.length], "an agent");
    const task = must(state.workflows.get(agent.wid)?.tasks.get(taskOf(agent.id)), "a task");
    if (expected.running.has(agent.id) && !expected.blocked(agent)) {
      task.status = "done";
      expected.running.delete(agent.id);
    }
  }
  for (const agent of AGENTS) {
    const workflow = must(state.workflows.get(agent.wid), "the workflow");
    expect([at, step.what, agent.id, agentState(state, workflow, agent.id)]).toEqual([
      at,
      step.what,
      agent.id,
      expected.state(agent),
    ]);
  }
}

/** A new start, possible where no stop is latched: it clears halts and nothing else, and stopped tasks run anew. */
function startAgain(state: State, expected: Expected, wid: string): void {
  const agents = AGENTS.filter((agent) => agent.wid === wid);
  if (agents.some((agent) => expected.latches.some(({ scope }) => reaches(scope, agent)))) return;
  const workflow = must(state.workflows.get(wid), "the workflow");
  workflow.status = "running";
  workflow.halted.clear();
  addTargets(state, workflow);
  for (const agent of agents) expected.halted.delete(agent.id);
}

/** The host's timer for an orderly stop runs out. */
function timeOver(state: State, signal: string, at: number): boolean {
  const nowS = 1000 + at * 61;
  const moment = { nowS, nowMs: nowS * 1000, uuid: () => uuid("x"), sha256 };
  const decided = decideStopDue(state, { kind: "stop_due", signal, reached: false }, hostIds(DOMAIN), moment);
  const [draft] = decided.ok ? decided.value : [];
  if (draft?.fact.typ !== "record+jwt") return false;
  evolveStopDue(state, { seq: at, receivedAt: nowS, digest: "", fact: draft.fact }, draft.fact);
  return true;
}

function order(state: State, iss: string, at: number, change: object): boolean {
  const claims: OverrideClaims = overrideClaimsSchema.parse({
    iss,
    aud: [`spiffe://${DOMAIN}/pep`],
    iat: 1000 + at * 61,
    exp: 1_000_000,
    ovr_ver: 1,
    level: "mandatory",
    params: {},
    seq: at + 1,
    deadline_ms: 10_000,
    reason: "said why",
    auth_time: 1000 + at * 61,
    amr: ["pwd"],
    role: "operator",
    ...change,
    ...("effect_until" in change ? { effect_until: 1000 + at * 61 + 3000 } : {}),
  });
  const fact = { typ: "override+jwt", claims } as const;
  const nowS = 1000 + at * 61;
  // Verified before: of the token only its bytes are kept.
  const token = { compact: "token", digest: `digest ${at}` } as unknown as Verified<unknown>; // All that is read of it here.
  const decided = decideOverride(state, token, fact, [], { nowS, nowMs: nowS * 1000, uuid: () => uuid("x"), sha256 });
  if (!decided.ok) return false;
  const logged: LoggedFact = { seq: at, receivedAt: nowS, digest: `digest ${at}`, fact };
  evolveOverride(state, logged, fact);
  return true;
}
