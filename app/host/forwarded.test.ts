import { expect, it } from "vitest";
import { enrolledOperator, smallRun, until } from "../api/dispatch/operator.fixture.ts";
import { openedHost } from "./host.fixture.ts";
import { give, order, signalOf } from "./orders.fixture.ts";

it("[OVR-17] [OVR-8] [S13] a pause of an agent reaches whoever acts by its delegation, is acknowledged by both, and ends for both", async () => {
  const open = await openedHost();
  const { client } = open;
  const alice = await enrolledOperator(client);
  // The builder delegates to the deployer.
  const { wid } = await alice.start(smallRun("Handed on", 3), {
    speed: 1,
    change: (policy) => {
      const [root, builder, ...others] = policy.dag.nodes;
      const actions = root?.actions ?? [];
      return {
        ...policy,
        dag: {
          ...policy.dag,
          max_depth: 2,
          nodes: [root, builder === undefined ? undefined : { ...builder, actions, delegable: true }, ...others].filter(
            (node) => node !== undefined,
          ),
          edges: policy.dag.edges.map((edge) =>
            edge.to === "a0" ? { ...edge, actions } : edge.to === "a1" ? { ...edge, from: "a0" } : edge,
          ),
        },
      };
    },
  });
  const agent = (name: string): string => `spiffe://console.local/agent/${wid}/${name}`;
  const states = async () =>
    Object.fromEntries((await client.override.agents({ wid })).agents.map(({ name, state }) => [name, state]));
  await until(client, async () => ((await client.workflow.get({ wid })).workflow.counts.running === 1 ? true : null));
  const scope = { kind: "agent", id: agent("builder") };
  const pause = await give(open, await order(alice, "pause", scope, { params: { mode: "now" } }));
  const held = await until(client, async () => {
    const signal = await signalOf(client, pause);
    return signal.targets.every(({ compliedAtMs }) => compliedAtMs !== null) ? signal : null;
  });
  expect(held.targets.map((target) => target.agent).sort()).toEqual(["builder", "deployer"].map(agent));
  expect(await states()).toEqual({ Builder: "paused", Deployer: "paused" });
  const resume = await give(open, await order(alice, "resume", scope, { params: { of: pause } }));
  await until(client, async () =>
    (await signalOf(client, resume)).targets.filter(({ compliedAtMs }) => compliedAtMs !== null).length === 2
      ? true
      : null,
  );
  expect(await states()).toEqual({ Builder: "running", Deployer: "running" });
  // Not upwards: a pause of whom it was delegated to leaves the one who delegated alone.
  await give(open, await order(alice, "pause", { kind: "agent", id: agent("deployer") }, { params: { mode: "now" } }));
  expect(await states()).toEqual({ Builder: "running", Deployer: "paused" });
  open.host.close();
});
