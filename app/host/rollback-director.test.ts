import { expect, it, vi } from "vitest";
import { createLocalPool } from "../agents/local-pool.ts";
import type { AgentPool } from "../agents/messages.ts";
import { enrolledOperator } from "../api/dispatch/operator.fixture.ts";
import { orderOfTwo, startActing, writingRun } from "../api/dispatch/rollback.fixture.ts";
import { ok } from "../base/result.ts";
import { systemIds } from "../base/system.ts";
import type { StepResult } from "../protocol/cascade/rollback-state.ts";
import { parseCompact } from "../protocol/jose/compact.ts";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import { handClock } from "./hand-clock.fixture.ts";
import { openedHost } from "./host.fixture.ts";

/** A pool whose agents do not hear of rollbacks, or of one phase, while `deaf`; what they were asked. */
function deafPool(pool: AgentPool, heard = { deaf: true as boolean | "confirm", asked: [] as unknown[] }) {
  const deafened: AgentPool = {
    ...pool,
    send: (message) => {
      if (message.t !== "rollback") {
        pool.send(message);
        return;
      }
      const parsed = parseCompact(message.token);
      const phase = parsed.ok ? parsed.value.payload.phase : null;
      heard.asked.push(phase);
      if (heard.deaf !== true && heard.deaf !== phase) pool.send(message);
    },
  };
  return { pool: deafened, heard };
}

/** A pool whose agents say of every restore that it is done, with the digest that is wanted, and do nothing. */
function lyingPool(pool: AgentPool, wanted: (ckptId: string) => Promise<string>): AgentPool {
  return {
    ...pool,
    serve: (desk, key) =>
      pool.serve(
        {
          ...desk,
          undo: async (order) =>
            ok({ status: "done", restoredHash: await wanted(order.ckptId ?? ""), residue: [] } satisfies StepResult),
        },
        key,
      ),
  };
}

async function ordered(lies = false) {
  const clock = handClock();
  const storage = createMemoryStorage();
  const local = createLocalPool({ clock, ids: systemIds });
  const wanted = (ckptId: string): Promise<string> =>
    open.host.engine.read((state) => state.checkpoints.get(ckptId)?.hash ?? "");
  const { pool, heard } = deafPool(lies ? lyingPool(local, wanted) : local);
  const open = await openedHost({ clock, pool, storage });
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
  return { clock, heard, open, phase, rbId, storage };
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

it("[CAS-17] does not ask the log without pause for what it refuses for good", async () => {
  const { clock, open, phase } = await ordered();
  const { engine } = open.host;
  const submit = vi.spyOn(engine, "submit");
  const ticks = () => submit.mock.calls.filter(([{ kind }]) => kind === "rollback_tick").length;
  engine.breakOff({ seq: 0, code: "log_key_lost", detail: "nothing is written any more" });
  clock.advance(60_000);
  for (let second = 0; second < 3; second += 1) {
    await expect.poll(async () => [await phase(), ticks()]).toEqual(["preparing", 1]);
    clock.advance(1000);
  }
  await phase();
  expect(ticks()).toBe(1);
  clock.advance(20_000);
  await expect.poll(ticks).toBe(2);
  open.host.close();
});

it("[CAS-25] a new start asks again who has not acknowledged the end, but not long after it", async () => {
  const { clock, heard, open, phase, rbId, storage } = await ordered();
  heard.deaf = "confirm";
  clock.advance(20_000);
  await expect.poll(phase).toBe("confirmed");
  await expect.poll(() => heard.asked.at(-1)).toBe("confirm");
  open.host.close();
  const reopened = async () => {
    const again = deafPool(createLocalPool({ clock, ids: systemIds }), { deaf: "confirm", asked: [] });
    const { host, client } = await openedHost({ clock, pool: again.pool, storage });
    return { host, client, asked: again.heard.asked };
  };
  const soon = await reopened();
  await expect.poll(() => soon.asked).toEqual(["confirm"]);
  const entries = await soon.host.engine.read((state) => state.size);
  soon.host.close();
  clock.advance(600_000);
  const late = await reopened();
  expect((await late.client.rollback.show({ rbId })).participants).toMatchObject([{ acknowledged: false }]);
  expect([late.asked, await late.host.engine.read((state) => state.size)]).toEqual([[], entries]);
  late.host.close();
});

it.each([
  [false, "confirmed", null, true],
  [true, "failed", "rollback_state_mismatch", false],
])("[CAS-S5] the host looks at what was restored itself: of an agent that lies (%s) it is %s", async (...row) => {
  const [lies, end, code, verified] = row;
  const { heard, open, phase, rbId } = await ordered(lies);
  heard.deaf = false;
  await open.host.engine.submit({ kind: "rollback_tick", rbId, again: true });
  await expect.poll(phase).toBe(end);
  const { steps } = await open.client.rollback.show({ rbId });
  expect(steps.filter(({ method }) => method === "restore")).toMatchObject([{ code, restoredVerified: verified }]);
  open.host.close();
});
