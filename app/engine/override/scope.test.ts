import { expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { startedWorkflow } from "../engine.fixture.ts";
import { evolve } from "../evolve.ts";
import { agentState } from "./hold.ts";
import { changesFor } from "./limits.ts";
import { orders } from "./orders.fixture.ts";
import { latchedStop, scopeCovers, targetsOf, withDelegates } from "./scope.ts";

const CHILD = "spiffe://console.local/agent/child";

/** The operator delegates to the agent, the agent to a child: two levels down. */
const nested = () =>
  startedWorkflow(undefined, (policy) => ({
    ...policy,
    dag: {
      ...policy.dag,
      max_depth: 2,
      nodes: [
        ...policy.dag.nodes.map((node) => (node.id === "n3" ? { ...node, delegable: true } : node)),
        { id: "n4", agent: CHILD, actions: ["build_*"] },
      ],
      edges: [...policy.dag.edges, { from: "n3", to: "n4", kind: "delegates", actions: ["build_*"] }],
    },
  }));

it("[S9] [OVR-17] [OVR-31] a stop of an agent reaches whoever acts by its delegation, at any depth, and nobody above it", async () => {
  const { engine, wid, agentId } = await nested();
  const reached = await engine.read((state) => {
    const workflow = must(state.workflows.get(wid), "a workflow");
    return [agentId, CHILD, "spiffe://console.local/human/alice"].map((agent) => [
      ...withDelegates(state, workflow, agent),
    ]);
  });
  expect(reached).toEqual([[agentId, CHILD], [CHILD], ["spiffe://console.local/human/alice", agentId, CHILD]]);
});

it.each([
  ["pause", { mode: "now" }, "paused"],
  ["stop", { mode: "orderly", grace_ms: 5000 }, "stopped"],
])(
  "[OVR-17] a %s of an agent is forwarded to those it delegated to, and ends with it",
  async (action, params, held) => {
    const bench = await nested();
    const scope = { kind: "agent", id: "spiffe://console.local/human/alice" } as const;
    const signal = { level: "mandatory", action, params, scope, deadline_ms: 10_000 };
    const jti = crypto.randomUUID();
    const state = () =>
      bench.engine.read((all) => agentState(all, must(all.workflows.get(bench.wid), "the workflow"), bench.agentId));
    expect(await bench.submit(await bench.stop({ ...signal, jti, seq: 1 }))).toMatchObject({ ok: true });
    expect(await state()).toBe(held);
    const targets = await bench.engine.read((all) => [...(all.overrides.get(jti)?.targets.keys() ?? [])]);
    expect(targets).toEqual([bench.agentId]);
    const end = { ...signal, action: action === "pause" ? "resume" : "release", params: { of: jti }, seq: 2 };
    await bench.engine.submit({ kind: "stop_due", signal: jti, reached: true });
    expect(await bench.submit(await bench.stop({ ...end, jti: crypto.randomUUID() }))).toMatchObject({ ok: true });
    // What was stopped stays so until it is started anew (S4).
    expect(await state()).toBe(action === "pause" ? "running" : "stopped");
  },
);

it("[OVR-17] [OVR-21] a change of limits that may widen only narrows for those it is forwarded to", async () => {
  const bench = await nested();
  const state = await bench.engine.read((all) => structuredClone(all));
  const workflow = must(state.workflows.get(bench.wid), "the workflow");
  workflow.agents.push(CHILD);
  const received = await bench.engine.receive(
    await bench.stop({
      level: "mandatory",
      action: "modify",
      scope: { kind: "agent", id: bench.agentId },
      params: { set: { max_calls: 50 }, only_narrow: false },
      deadline_ms: 10_000,
    }),
  );
  const { fact, verified } = must(received.ok ? received.value : null, "it is received");
  evolve(state, { seq: state.size, receivedAt: 1, digest: verified.digest, fact });
  const changes = [bench.agentId, CHILD].map((agent) => changesFor(state, workflow, agent));
  expect(changes).toMatchObject([[{ onlyNarrow: false }], [{ onlyNarrow: true }]]);
});

it("[OVR-36] a group is everybody of its name, in whichever workflow, and of no other kind of id", () => {
  const reached = [
    "spiffe://console.local/agent/one/builder",
    "spiffe://console.local/agent/two/builder",
    "spiffe://console.local/agent/two/rebuilder",
    "spiffe://console.local/agent/builder/deployer",
    "spiffe://console.local/human/builder",
  ].filter((agent) => scopeCovers({ kind: "group", id: "builder" }, { agent, wid: "two" }));
  expect(reached).toEqual(["spiffe://console.local/agent/one/builder", "spiffe://console.local/agent/two/builder"]);
});

it("[OVR-36] [S13] a group is paused, resumed and stopped, and nothing else is ordered of one", async () => {
  const bench = await startedWorkflow();
  const by = orders(bench);
  const scope = { kind: "group", id: bench.agentId.split("/").at(-1) ?? "" };
  const pause = await by.pause("now", { scope });
  expect([pause.code, await by.state()]).toEqual(["accepted", "paused"]);
  expect((await by.resume(pause.jti, { scope })).code).toBe("accepted");
  expect(await by.state()).toBe("running");
  const until = Math.floor(bench.clock.nowMs() / 1000) + 60;
  for (const [action, change] of [
    ["modify", { params: { set: { max_calls: 1 }, only_narrow: true } }],
    ["takeover", { effect_until: until }],
  ] as const)
    expect((await by.give(action, { ...change, scope })).code).toBe("override_scope_unknown");
  const stop = await by.give("stop", { level: "emergency", deadline_ms: 1000, scope, params: { mode: "immediate" } });
  expect([stop.code, await by.state()]).toEqual(["accepted", "stopped"]);
});

it("[OVR-17] the latch of a stop covers whom it was forwarded to", async () => {
  const bench = await nested();
  const scope = { kind: "agent", id: "spiffe://console.local/human/alice" } as const;
  expect(
    await bench.engine.read((state) => [true, false].map((forwarded) => targetsOf(state, scope, forwarded))),
  ).toEqual([[bench.agentId], []]);
  expect(await bench.submit(await bench.stop({ scope }))).toMatchObject({ ok: true });
  const latched = (agent: string) => bench.engine.read((state) => latchedStop(state, { agent, wid: bench.wid }));
  expect([await latched(bench.agentId), await latched("spiffe://console.local/agent/other")]).toEqual([
    expect.any(String),
    null,
  ]);
});
