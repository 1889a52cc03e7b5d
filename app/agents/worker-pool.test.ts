import { describe, expect, it } from "vitest";
import { generateSigner } from "../protocol/jose/keys.ts";
import { createWorkerPool } from "./worker-pool.ts";

/** A pool of one worker that goes on after it was ended, until the test lets go of its lock. */
async function spinningPool() {
  let letGo = (): void => undefined;
  const gone = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const posted: string[] = [];
  const halted: unknown[] = [];
  const worker = {
    onmessage: null as ((event: { data: { t: string } }) => void) | null,
    postMessage: (message: { t: string; halted?: boolean }) => {
      posted.push(message.t);
      if (message.t === "agent") halted.push(message.halted);
    },
    terminate: () => posted.push("terminate"),
  };
  const locks = { request: (_name: string, run: () => unknown) => gone.then(run) };
  const pool = createWorkerPool({
    // Of a worker the pool uses what is there.
    spawn: () => worker as unknown as Worker,
    workers: 1,
    name: "test",
    // And of the locks.
    locks: locks as unknown as LockManager,
    isolated: true,
  });
  const { signer } = await generateSigner();
  for (const agent of ["one", "two", "three"]) pool.admit(agent, signer, "pep");
  return { pool, posted, halted, letGo, ready: () => worker.onmessage?.({ data: { t: "ready" } }) };
}

describe("ending a worker that does not yield", () => {
  it("[S7] every agent in it is gone when it is gone, and not before", async () => {
    const { pool, letGo } = await spinningPool();
    for (const agent of ["one", "two"]) pool.flag(agent);
    const told: string[] = [];
    const ended = ["one", "two"].map((agent) => pool.terminate(agent).then(() => told.push(agent)));
    await Promise.resolve();
    expect(told).toEqual([]);
    expect(["one", "two"].map((agent) => pool.observe(agent).halted)).toEqual([false, false]);
    letGo();
    await Promise.all(ended);
    expect(told.toSorted()).toEqual(["one", "two"]);
    expect(["one", "two"].map((agent) => pool.observe(agent).halted)).toEqual([true, true]);
  });

  it("[S7] no agent begins in it before it holds the lock by which its end is seen", async () => {
    const { posted, ready } = await spinningPool();
    expect(posted).toEqual(["pool"]);
    ready();
    expect(posted).toEqual(["pool", "agent", "agent", "agent"]);
  });

  it("[S12] an agent of a drill that would take its neighbours along has a worker of its own", async () => {
    const { pool } = await spinningPool();
    const { signer } = await generateSigner();
    pool.admit("hangs", signer, "pep", [{ kind: "hang", onTask: 1 }]);
    pool.admit("lies", signer, "pep", [{ kind: "lie", everyMs: 100, hides: true }]);
    expect(pool.size()).toEqual({ workers: 2, agents: 5 });
    void pool.terminate("hangs");
    expect(pool.size()).toEqual({ workers: 1, agents: 5 });
  });

  it("agents that were not stopped go on in another worker at once", async () => {
    const { pool, posted, letGo, ready } = await spinningPool();
    ready();
    for (const agent of ["one", "two"]) pool.flag(agent);
    const moved = pool.terminate("one");
    ready();
    expect(posted).toEqual(["pool", "agent", "agent", "agent", "terminate", "pool", "agent"]);
    letGo();
    expect(await moved).toEqual(["three"]);
    expect(pool.size()).toEqual({ workers: 1, agents: 3 });
  });

  it("[S7] [S13] who is admitted halted while its worker is being ended stays stopped, and is not said to be gone before it is", async () => {
    const { pool, halted, letGo, ready } = await spinningPool();
    ready();
    pool.flag("one");
    const ended = pool.terminate("one");
    expect(["one", "two"].map(pool.houses)).toEqual([false, true]);
    const { signer } = await generateSigner();
    pool.admit("one", signer, "pep", [], null, true);
    ready();
    expect(pool.houses("one")).toBe(true);
    expect(halted).toEqual([false, false, false, false, false, true]);
    expect(pool.observe("one").halted).toBe(false);
    letGo();
    expect(await ended).toEqual(["two", "three"]);
    await expect.poll(() => pool.observe("one").halted).toBe(true);
    // Its flag is up: who else is there moves on without it when the worker ends once more.
    expect(await pool.terminate("two")).toEqual(["three"]);
    pool.send({ t: "revive", agent: "one" });
    pool.admit("one", signer, "pep");
    ready();
    expect(halted.at(-1)).toBe(false);
  });

  it("[OVR-25] [S12] the agents of a drill share their worker with nobody else, and end with the drill, nobody else", async () => {
    const { pool, letGo } = await spinningPool();
    const { signer } = await generateSigner();
    pool.admit("evades", signer, "pep", [{ kind: "evade", everyMs: 100 }], "drill");
    pool.admit("beside", signer, "pep", [], "drill");
    pool.admit("hangs", signer, "pep", [{ kind: "hang", onTask: 1 }], "drill");
    // Whose worker is ended because it says nothing, or lies, takes nobody along.
    pool.admit("late", signer, "pep", [{ kind: "late", byMs: 1500 }], "drill");
    pool.admit("lies too", signer, "pep", [{ kind: "lie", everyMs: 100, hides: true }], "drill");
    expect(pool.size()).toEqual({ workers: 5, agents: 8 });
    const moved = pool.terminate("evades");
    letGo();
    expect(await moved).toEqual(["beside"]);
    expect(pool.size()).toEqual({ workers: 5, agents: 8 });
    pool.dismiss("drill");
    expect(pool.size()).toEqual({ workers: 1, agents: 8 });
    await expect.poll(() => pool.observe("hangs").detail).toBe("its worker has ended");
    expect(pool.observe("one").detail).toBe("its worker shows no task under way");
  });
});
