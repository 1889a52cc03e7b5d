import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runGraphOf } from "../graph/graph.fixture.ts";
import { taskGraph } from "../graph/task-graph.ts";
import { actionFacts, sampleTasks } from "./action-facts.ts";
import { checkPolicy, policyEffect } from "./check-policy.ts";
import { makePolicy } from "./make-policy.ts";
import { consequenceOfAction, patternProblem, patternsOf, suggestChoice } from "./policy-choice.ts";

const WID = "0195400c-0000-4000-8000-0000000000a1";
const OPERATOR = "spiffe://console.local/human/alice";

const contextOf = (agents: number) => ({
  operator: OPERATOR,
  pepId: "https://console.local/pep",
  wid: WID,
  jti: "0195400c-0000-4000-8000-0000000000b2",
  nowS: 1_772_064_000,
  agents: Array.from({ length: agents }, (_, index) => `spiffe://console.local/agent/${WID}/agent-${index}`),
});

/** Six readers, four writers of intermediate files and one that merges them at the end. */
const graph = taskGraph(
  runGraphOf(
    [
      ...Array.from({ length: 6 }, (_, index) => ({ name: `read ${index}`, action: "read", agent: 0 })),
      ...Array.from({ length: 4 }, (_, index) => ({ name: `sift ${index}`, action: "sift", agent: 1 })),
      { name: "merge", action: "merge", agent: 1 },
    ],
    [
      ...[0, 1, 2, 3, 4, 5].map((from): [number, number, number] => [from, 6 + (from % 4), 0]),
      ...[6, 7, 8, 9].map((from): [number, number, number] => [from, 10, 0]),
    ],
  ),
);
const facts = actionFacts(graph, { read: false, sift: true, merge: true });

describe("a policy for a run of many agents and actions", () => {
  it.each([
    [40, 40],
    [150, 30],
    [30, 300],
  ])("[COM-1] fits a token and still holds what was chosen: %i agents, %i actions", (agents, actions) => {
    const tasks = Array.from({ length: Math.max(agents, actions) }, (_, index) => ({
      name: `task ${index}`,
      action: `a_rather_long_name_of_an_action_${index % actions}`,
      agent: index % agents,
    }));
    const run = taskGraph(runGraphOf(tasks, []));
    const known = actionFacts(run, {});
    const gated = "a_rather_long_name_of_an_action_7";
    const claims = makePolicy({ ...suggestChoice(known), irreversible: gated }, known, contextOf(agents));
    const checked = checkPolicy(JSON.stringify(claims), { wid: WID });
    if (!checked.ok) throw new Error(JSON.stringify(checked.error));
    const effect = policyEffect(checked.value, run, contextOf(agents).agents);
    expect([effect.waitingActions, effect.refused]).toEqual([[gated], 0]);
  });
});

describe("the failure domains of a policy", () => {
  it("[CAS-S2] are one for each agent where that is chosen, or none; more than a policy may have are told, not cut", () => {
    const choice = suggestChoice(facts);
    expect(makePolicy(choice, facts, contextOf(2))).not.toHaveProperty("failure_domains");
    const policyFor = (agents: number) => makePolicy({ ...choice, domains: "agents" }, facts, contextOf(agents));
    expect(policyFor(2).failure_domains).toEqual(
      contextOf(2).agents.map((agent, index) => ({ domain_id: `agent-${index + 1}`, members: [agent] })),
    );
    expect(checkPolicy(JSON.stringify(policyFor(64)), { wid: WID }).ok).toBe(true);
    expect(checkPolicy(JSON.stringify(policyFor(65)), { wid: WID }).ok).toBe(false);
  });
});

describe("the policy proposed for a run", () => {
  it("[ACP-15] holds the action that ends the run for a human and lets the rest go by consequence", () => {
    const choice = suggestChoice(facts);
    expect(choice.irreversible).toBe("merge");
    expect(facts.map((fact) => consequenceOfAction(choice, fact.action))).toEqual([
      "none",
      "reversible",
      "irreversible",
    ]);
    const claims = makePolicy(choice, facts, contextOf(2));
    const checked = checkPolicy(JSON.stringify(claims), { wid: WID });
    if (!checked.ok) throw new Error(JSON.stringify(checked.error));
    expect(policyEffect(checked.value, graph, contextOf(2).agents)).toEqual({
      free: 10,
      waiting: 1,
      waitingActions: ["merge"],
      refused: 0,
      refusedActions: [],
      byConsequence: { none: 6, reversible: 4, irreversible: 1 },
    });
    expect(claims.hitl.rules).toMatchObject([
      { id: "approve-irreversible", role: "operator", approvals: 1, timeout_s: 900, reason_required: true },
    ]);
    expect(claims.exp - claims.iat).toBe(7200);
  });

  it("opens few gates: of the last actions the rarest, and a rarer one when even that is done thousands of times", () => {
    const many = actionFacts(
      taskGraph(
        runGraphOf(
          [
            { name: "prepare", action: "prepare", agent: 0 },
            ...Array.from({ length: 500 }, (_, index) => ({ name: `end ${index}`, action: "finish", agent: 0 })),
          ],
          Array.from({ length: 500 }, (_, index): [number, number, number] => [0, index + 1, 0]),
        ),
      ),
      {},
    );
    expect(suggestChoice(many).irreversible).toBe("prepare");
  });

  it("[ACP-15] holds what an agent does, and not what a person says last", () => {
    const run = runGraphOf(
      [
        { name: "hello", action: "message", agent: 0 },
        { name: "find", action: "find_order", agent: 1 },
        { name: "find", action: "find_order", agent: 1 },
        { name: "return", action: "return_order", agent: 1 },
        { name: "done", action: "respond", agent: 1 },
        { name: "stop", action: "leave", agent: 0 },
      ],
      Array.from({ length: 5 }, (_, at): [number, number, number] => [at, at + 1, 0]),
    );
    const talk = { ...run, agents: run.agents.map((one, at) => (at === 0 ? { ...one, kind: "human" } : one)) };
    const reads = Object.fromEntries(run.actions.map((action) => [action, false]));
    expect(suggestChoice(actionFacts(taskGraph(talk), reads)).irreversible).toBe("return_order");
    const words = runGraphOf([{ name: "hello", action: "message", agent: 0 }], []);
    expect(suggestChoice(actionFacts(taskGraph(words), {})).irreversible).toBe("message");
  });

  it("counts a call as coming after in a trace, but not what hangs below a stage", () => {
    const run = runGraphOf(
      [
        { name: "agent", action: "invoke_agent", agent: 0 },
        { name: "tool", action: "run_tool", agent: 0 },
        { name: "tool", action: "run_tool", agent: 0 },
      ],
      [],
    );
    const called = { ...run, caller: [-1, 0, 0] };
    expect(suggestChoice(actionFacts(taskGraph(called), {})).irreversible).toBe("run_tool");
    const stage = taskGraph({ ...called, callers: "groups" });
    expect(suggestChoice(actionFacts(stage, {})).irreversible).toBe("invoke_agent");
  });

  it("is one the enforcement point takes, whatever the run: every task has a node, and only gated ones wait", () => {
    const runs = fc.record({
      agents: fc.integer({ min: 1, max: 300 }),
      actions: fc.integer({ min: 1, max: 12 }),
      tasks: fc.integer({ min: 1, max: 400 }),
      seed: fc.nat(1000),
    });
    fc.assert(
      fc.property(runs, ({ agents, actions, tasks, seed }) => {
        const made = taskGraph(
          runGraphOf(
            Array.from({ length: tasks }, (_, index) => ({
              name: `t${index}`,
              action: `do_${(index * 7 + seed) % actions}`,
              agent: index === 0 ? agents - 1 : (index * 13 + seed) % agents,
            })),
            [],
          ),
        );
        const madeFacts = actionFacts(made, Object.fromEntries([["do_0", false]]));
        const choice = suggestChoice(madeFacts);
        const claims = makePolicy(choice, madeFacts, contextOf(agents));
        const checked = checkPolicy(JSON.stringify(claims), { wid: WID });
        if (!checked.ok) throw new Error(JSON.stringify(checked.error));
        const effect = policyEffect(checked.value, made, contextOf(agents).agents);
        expect(effect.refused).toBe(0);
        expect(effect.free + effect.waiting).toBe(tasks);
        expect(effect.waiting).toBe(effect.byConsequence.irreversible);
      }),
      // One whose written-out defaults alone make it too large for a token.
      { numRuns: 60, examples: [[{ agents: 51, actions: 1, tasks: 52, seed: 0 }]] },
    );
  });

  it("limits calls per agent when asked", () => {
    const claims = makePolicy({ ...suggestChoice(facts), maxCalls: 4 }, facts, contextOf(2));
    expect(claims.dag.nodes.slice(1).every((node) => node.constraints?.max_calls === 4)).toBe(true);
  });
});

describe("checking an edited policy", () => {
  const claims = makePolicy(suggestChoice(facts), facts, contextOf(2));
  const problemsOf = (change: object): readonly { place: string }[] => {
    const checked = checkPolicy(JSON.stringify({ ...claims, ...change }), { wid: WID });
    return checked.ok ? [] : checked.error;
  };

  it("names the place of what is wrong", () => {
    const broken = checkPolicy("{", { wid: WID });
    expect(broken.ok ? null : broken.error[0]?.place).toBe("text");
    expect(problemsOf({ exp: "soon" })[0]?.place).toBe("exp");
    expect(problemsOf({ wid: "0195400c-0000-4000-8000-0000000000ff" })[0]?.place).toBe("wid");
  });

  it("[ACP-15] refuses an irreversible action that no rule holds for a human", () => {
    expect(problemsOf({ hitl: { ...claims.hitl, rules: [] } })).toHaveLength(1);
  });

  it("counts tasks of actions that no node covers as refused", () => {
    const narrowed = {
      ...claims,
      dag: {
        ...claims.dag,
        nodes: claims.dag.nodes.filter((node) => node.consequence !== "none"),
        edges: claims.dag.edges.filter((edge) => !edge.to.endsWith("-none")),
      },
    };
    const checked = checkPolicy(JSON.stringify(narrowed), { wid: WID });
    const effect = checked.ok ? policyEffect(checked.value, graph, contextOf(2).agents) : null;
    expect([effect?.refused, effect?.refusedActions]).toEqual([6, ["read"]]);
  });
});

describe("patterns", () => {
  it("are names or prefixes, and have to match something", () => {
    expect(patternsOf(" sift, merge*\nsift ")).toEqual(["sift", "merge*"]);
    expect(patternProblem("mer*", facts)).toBeNull();
    expect(patternProblem("*merge", facts)).toMatch(/end/);
    expect(patternProblem("deploy", facts)).toMatch(/matches no action/);
  });
});

describe("asking about outputs", () => {
  it("asks for a few tasks of each action", () => {
    expect(sampleTasks(graph).map(({ action, tasks }) => [action, tasks.length])).toEqual([
      ["read", 4],
      ["sift", 4],
      ["merge", 1],
    ]);
  });
});
