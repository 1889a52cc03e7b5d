import { expect, it } from "vitest";
import { createLocalPool } from "../agents/local-pool.ts";
import type { AgentPool } from "../agents/messages.ts";
import { enrolledOperator, until } from "../api/dispatch/operator.fixture.ts";
import { orderOfTwo, startActing, writingRun } from "../api/dispatch/rollback.fixture.ts";
import { must } from "../base/assert.ts";
import { systemClock, systemIds } from "../base/system.ts";
import { openedHost } from "./host.fixture.ts";
import { countsOf, effectsOf, give, signalOf } from "./orders.fixture.ts";
import { files } from "./rollback.fixture.ts";

/** A pool whose agents do not hear of stops, so that their workers are ended; who was admitted, halted or not. */
function defiant(pool: AgentPool, admitted: unknown[]): AgentPool {
  return {
    ...pool,
    admit: (...given) => {
      const [agent, , , , , halted] = given;
      admitted.push([agent, halted]);
      pool.admit(...given);
    },
    send: (message) => {
      if (message.t !== "stop") pool.send(message);
    },
  };
}

it("[CAS-17] [CAS-25] [S13] an agent whose worker a stop has ended is called back for the rollback, and stays stopped", async () => {
  const admitted: unknown[] = [];
  const pool = defiant(createLocalPool({ clock: systemClock, ids: systemIds }), admitted);
  const open = await openedHost({ pool });
  const { client } = open;
  const alice = await enrolledOperator(client);
  const bob = await enrolledOperator(client, "Bob");
  const { wid } = await startActing(alice, writingRun(2, true));
  await until(client, async () => {
    const { done, running } = await countsOf(client, wid);
    return done === 2 && running === 1 ? true : null;
  });
  const agent = await open.host.engine.read((state) => must(state.workflows.get(wid)?.agents[0], "an agent"));
  const stop = await give(open, await alice.signal("stop", { kind: "workflow", id: wid }));
  await until(client, async () => (pool.houses(agent) ? null : true));
  const effects = await effectsOf(client, wid);
  const target = { kind: "workflow" as const, id: wid };
  const { token } = await orderOfTwo(client, alice, bob, { wid, target, keepTarget: false, bestEffort: false });
  const { rbId } = await client.rollback.request({ token });
  await until(client, async () =>
    (await client.rollback.show({ rbId })).rollback.phase === "confirmed" ? true : null,
  );
  expect(await files(open, wid)).toEqual([]);
  expect(admitted).toEqual([
    [agent, false],
    [agent, true],
  ]);
  expect([pool.houses(agent), pool.observe(agent).halted]).toEqual([true, true]);
  expect(await signalOf(client, stop)).toMatchObject({ inForce: true });
  expect(await effectsOf(client, wid)).toBe(effects);
  open.host.close();
});
