import { expect, it } from "vitest";
import { createLocalPool } from "../agents/local-pool.ts";
import type { AgentPool } from "../agents/messages.ts";
import { enrolledOperator } from "../api/dispatch/operator.fixture.ts";
import { orderOfTwo, startActing, writingRun } from "../api/dispatch/rollback.fixture.ts";
import { systemIds } from "../base/system.ts";
import { handClock } from "./hand-clock.fixture.ts";
import { openedHost } from "./host.fixture.ts";

/** A pool whose agents do not hear of rollbacks while `deaf`; how often they were asked. */
function deafPool(pool: AgentPool) {
  const heard = { deaf: true, asked: [] as string[] };
  const deafened: AgentPool = {
    ...pool,
    send: (message) => {
      if (message.t === "rollback") heard.asked.push(message.agent);
      if (message.t !== "rollback" || !heard.deaf) pool.send(message);
    },
  };
  return { pool: deafened, heard };
}

async function ordered() {
  const clock = handClock();
  const { pool, heard } = deafPool(createLocalPool({ clock, ids: systemIds }));
  const open = await openedHost({ clock, pool });
  const { client } = open;
  const alice = await enrolledOperator(client);
  const bob = await enrolledOperator(client, "Bob");
  const { wid } = await startActing(alice, writingRun(1, false));
  const status = async () => {
    clock.advance(10);
    return (await client.workflow.get({ wid })).workflow.status;
  };
  await expect.poll(status).toBe("finished");
  const target = { kind: "workflow" as const, id: wid };
  const { token } = await orderOfTwo(client, alice, bob, { wid, target, keepTarget: false, bestEffort: false });
  const { rbId } = await client.rollback.request({ token });
  const phase = async () => (await client.rollback.show({ rbId })).rollback.phase;
  await expect.poll(() => heard.asked.length).toBe(1);
  return { clock, heard, open, phase };
}

it("[CAS-17] [CAS-25] asks again where an answer does not come, and goes on with the answer", async () => {
  const { clock, heard, open, phase } = await ordered();
  clock.advance(19_000);
  expect([heard.asked.length, await phase()]).toEqual([1, "preparing"]);
  heard.deaf = false;
  clock.advance(1000);
  await expect.poll(phase).toBe("confirmed");
  open.host.close();
});

it("[CAS-S4] by the host's own clock nobody answers for ever: at the deadline it is over without effect", async () => {
  const { clock, heard, open, phase } = await ordered();
  for (let asked = 2; asked <= 3; asked += 1) {
    clock.advance(20_000);
    await expect.poll(() => heard.asked.length).toBe(asked);
  }
  expect(await phase()).toBe("preparing");
  clock.advance(20_000);
  await expect.poll(phase).toBe("refused");
  open.host.close();
});
