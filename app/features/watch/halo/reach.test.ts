import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TASK_STATES } from "../../../api/contract/task-state.ts";
import { targetsOf } from "../../../engine/override/scope.ts";
import { initialState, type PolicyState, type TaskState, type WorkflowState } from "../../../engine/state.ts";
import type { AcpClaims } from "../../../protocol/acp/claims.ts";
import { compilePolicy } from "../../../protocol/acp/compile-policy.ts";
import { consequenceOf } from "../../../protocol/acp/match.ts";
import type { OverrideScope } from "../../../protocol/override/claims.ts";
import { runGraphOf } from "../graph/graph.fixture.ts";
import { beyondWords, reachWords } from "./halo-words.ts";
import { belowOf, closure, IN_FLIGHT, IRREVERSIBLE, type ReachInput, reachOf, TOUCHED } from "./reach.ts";

const WID = "0195400c-0000-4000-8000-0000000000a1";
const DOMAIN = "console.local";
const agentId = (index: number): string => `spiffe://${DOMAIN}/agent/${WID}/agent-${index}`;
const jtiOf = (task: number): string => `0195400c-0000-4000-8000-${String(task).padStart(12, "0")}`;
const OPEN_STATES: readonly string[] = ["planned", "asked", "waiting", "running"];

/** A workflow at random: who calls whom, how each task stands, and what the policy says of its actions. */
const world = fc
  .record({
    agents: fc.integer({ min: 1, max: 6 }),
    tasks: fc.array(
      fc.record({
        agent: fc.nat(),
        action: fc.constantFrom("read_one", "write_one", "write_all", "send"),
        caller: fc.integer({ min: -1, max: 20 }),
        state: fc.constantFrom(...TASK_STATES),
      }),
      { minLength: 1, maxLength: 20 },
    ),
    nodes: fc.array(
      fc.record({
        agent: fc.nat({ max: 6 }),
        actions: fc.constantFrom("read_*", "write_*", "write_all", "*").map((one) => [one]),
        consequence: fc.constantFrom("none", "reversible", "irreversible", undefined),
      }),
      { maxLength: 5 },
    ),
    delegates: fc.array(fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 4 })), { maxLength: 5 }),
    status: fc.constantFrom("running", "stopped", "finished"),
    scopes: fc.array(
      fc.oneof(
        fc.record({ kind: fc.constant("agent" as const), id: fc.nat({ max: 6 }).map(agentId) }),
        fc.record({ kind: fc.constant("task" as const), id: fc.nat({ max: 20 }).map(jtiOf) }),
        fc.record({ kind: fc.constant("workflow" as const), id: fc.constantFrom(WID, jtiOf(99)) }),
        fc.record({ kind: fc.constant("domain" as const), id: fc.constantFrom(DOMAIN, "Console.Local", "elsewhere") }),
        fc.record({ kind: fc.constant("group" as const), id: fc.constantFrom("agent-1", "agent-2", "all") }),
      ),
      { minLength: 1, maxLength: 4 },
    ),
  })
  .map(({ agents, tasks, nodes, delegates, status, scopes }) => {
    const run = {
      ...runGraphOf(
        [
          ...tasks.map((task, index) => ({ name: `task ${index}`, action: task.action, agent: task.agent % agents })),
          { name: "last", action: "read_one", agent: agents - 1 },
        ],
        [],
      ),
      caller: [...tasks.map(({ caller }, index) => (caller < index ? caller : -1)), -1],
    };
    // No node, or a pattern for everybody, at the end of the numbers.
    const dag = {
      nodes: nodes.map((node, index) => ({
        id: `n${index}`,
        agent: node.agent >= agents ? `spiffe://${DOMAIN}/agent/${WID}/*` : agentId(node.agent),
        actions: node.actions,
        ...(node.consequence === undefined ? {} : { consequence: node.consequence }),
      })),
      // Only downwards: delegation has no circle.
      edges: delegates
        .filter(([from, to]) => from < to && to < nodes.length)
        .map(([from, to]) => ({ from: `n${from}`, to: `n${to}`, kind: "delegates" as const })),
    };
    const states = [...tasks.map(({ state }) => state), "done" as const];
    const input: ReachInput = {
      wid: WID,
      status,
      run,
      states: states.map((state) => TASK_STATES.indexOf(state)),
      agents: run.agents.map((_, index) => agentId(index)),
      policy: { dag },
      policyFailed: false,
      dags: [dag],
      dagsWhole: true,
      taskOf: new Map(run.ids.map((_, index) => [jtiOf(index), index])),
    };
    return { input, states, status, scopes };
  });

/** The same workflow as the engine has it. */
function engineState({ input, status }: { readonly input: ReachInput; readonly status: WorkflowState["status"] }) {
  const state = initialState();
  const tasks = new Map(
    input.run.ids.map((_, index) => [
      jtiOf(index),
      { jti: jtiOf(index), agent: agentId(input.run.agent[index] ?? 0) } as TaskState, // Whom a signal reaches hangs on no more.
    ]),
  );
  const workflow = { wid: WID, status, agents: [...input.agents], tasks } as unknown as WorkflowState; // See above.
  state.workflows.set(WID, workflow);
  const policy = { claims: { wid: WID, dag: input.policy?.dag }, replacedBy: null } as unknown as PolicyState; // See above.
  state.policies.set("policy", policy);
  return state;
}

describe("what an override would touch", () => {
  it("[S9] [N2] counts exactly the agents that the engine reaches, in random workflows", () => {
    fc.assert(
      fc.property(world, fc.boolean(), ({ input, scopes, status }, forwarded) => {
        const state = engineState({ input, status });
        const targets = new Set(scopes.flatMap((scope) => targetsOf(state, scope, forwarded)));
        const { agents } = reachOf(input, { scopes, forwarded });
        expect(new Set(agents.map((index) => input.agents[index]))).toEqual(targets);
        expect(agents).toHaveLength(targets.size);
      }),
      { numRuns: 500 },
    );
  });

  it("[S9] [N2] counts calls in flight and what cannot be undone by the states and by the node that lets each action", () => {
    fc.assert(
      fc.property(world, ({ input, scopes, states, status }) => {
        const reach = reachOf(input, { scopes, forwarded: false });
        const { nodeFor } = compilePolicy({ dag: input.policy?.dag, hitl: { rules: [] } } as unknown as AcpClaims); // See above.
        const expected = states.flatMap((name, task) => {
          const agent = input.run.agent[task] ?? 0;
          const covered = scopes.some(
            ({ kind, id }) =>
              (kind === "task" && id === jtiOf(task)) ||
              (kind === "agent" && id === agentId(agent)) ||
              (kind === "workflow" && id === WID) ||
              (kind === "group" && id === `agent-${agent}`) ||
              (kind === "domain" && id.toLowerCase() === DOMAIN),
          );
          if (!covered || status === "finished" || !OPEN_STATES.includes(name)) return [];
          const node = nodeFor(agentId(agent), input.run.actions[task] ?? "")?.node;
          return [
            { task, flies: name === "running", lasts: node !== undefined && consequenceOf(node) === "irreversible" },
          ];
        });
        expect(reach.open).toBe(expected.length);
        expect(reach.inFlight).toBe(expected.filter(({ flies }) => flies).length);
        expect(reach.irreversible).toBe(expected.filter(({ lasts }) => lasts).length);
        const marks = new Map(
          expected.map(({ task, flies, lasts }) => [
            task,
            TOUCHED | (flies ? IN_FLIGHT : 0) | (lasts ? IRREVERSIBLE : 0),
          ]),
        );
        expect([...reach.tasks]).toEqual(states.map((_, task) => marks.get(task) ?? 0));
      }),
      { numRuns: 500 },
    );
  });

  it("[S9] names whom the agents in scope call or delegate to and the signal leaves out, however deep", () => {
    const run = {
      ...runGraphOf(
        [0, 1, 2, 3].map((agent) => ({ name: `task ${agent}`, action: "work", agent })),
        [],
      ),
      caller: [-1, 0, 1, -1],
    };
    const input: ReachInput = {
      wid: WID,
      status: "running",
      run,
      states: [0, 0, 0, 0],
      agents: [0, 1, 2, 3].map(agentId),
      policy: null,
      policyFailed: false,
      dags: [],
      dagsWhole: true,
      taskOf: new Map(),
    };
    const scope = (index: number): OverrideScope => ({ kind: "agent", id: agentId(index) });
    expect(reachOf(input, { scopes: [scope(0)], forwarded: true })).toMatchObject({
      agents: [0],
      beyond: [1, 2],
      open: 1,
      irreversible: null,
    });
    expect([...closure(belowOf(input), [0])].sort()).toEqual([0, 1, 2]);
    expect(reachOf(input, { scopes: [0, 1, 2].map(scope), forwarded: false })).toMatchObject({
      agents: [0, 1, 2],
      beyond: [],
      open: 3,
    });
    const dag = {
      nodes: [0, 3].map((agent) => ({ id: `n${agent}`, agent: agentId(agent), actions: ["*"] })),
      edges: [{ from: "n0", to: "n3", kind: "delegates" as const }],
    };
    const delegating = { ...input, policy: { dag }, dags: [dag] };
    expect(reachOf(delegating, { scopes: [scope(0)], forwarded: false }).beyond).toEqual([1, 2, 3]);
    expect(reachOf(delegating, { scopes: [scope(0)], forwarded: true })).toMatchObject({
      agents: [0, 3],
      beyond: [1, 2],
    });
    // What was not read is no delegation that is not there.
    const partly = { ...input, dagsWhole: false };
    const [agent0] = [[scope(0)]];
    const forwarded = reachOf(partly, { scopes: agent0, forwarded: true });
    expect(reachWords(forwarded)).toMatch(
      /^It reaches at least 1 agent: .*not known yet\. Whom they delegate to is not known\.$/,
    );
    expect(beyondWords(forwarded)).toBe("Not reached: at least 2 agents that they call or delegate to.");
    const alone = { ...partly, run: { ...run, caller: [-1, -1, -1, -1] } };
    expect(beyondWords(reachOf(alone, { scopes: agent0, forwarded: false }))).toBe(
      "Whom they delegate to is not known.",
    );
    expect(reachWords(reachOf({ ...partly, policyFailed: true }, { scopes: agent0, forwarded: false }))).toMatch(
      /^It reaches 1 agent: .*is not known: the policy could not be read\.$/,
    );
    const all = reachOf(partly, { scopes: [{ kind: "workflow", id: WID }], forwarded: true });
    expect([all.isLeast, all.beyondKnown]).toEqual([false, true]);
  });
});
