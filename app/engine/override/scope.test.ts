import { expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { startedWorkflow } from "../engine.fixture.ts";
import { latchedStop, targetsOf, withDelegates } from "./scope.ts";

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

it("[OVR-17] only a stop is forwarded, and its latch covers whom it was forwarded to", async () => {
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
