import { describe, expect, it } from "vitest";
import { createLocalPool } from "../agents/local-pool.ts";
import type { AgentPool, FromAgent } from "../agents/messages.ts";
import { enrolledOperator } from "../api/dispatch/operator.fixture.ts";
import { must } from "../base/assert.ts";
import { settled } from "../base/settled.fixture.ts";
import { nextTurn, systemIds } from "../base/system.ts";
import { ids, sha256, startedWorkflow } from "../engine/engine.fixture.ts";
import { signToken } from "../protocol/jose/sign-token.ts";
import type { LinkLossPlan } from "../protocol/liveness/terms.ts";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import { handClock } from "./hand-clock.fixture.ts";
import { openedHost } from "./host.fixture.ts";
import { createLinkWatch } from "./link-watch.ts";
import { createLivenessDirector } from "./liveness-director.ts";
import { builds, countsOf } from "./orders.fixture.ts";

/** A pool whose line to its agents can be cut: neither side hears the other then, and both go on. */
function cuttable(pool: AgentPool) {
  const line = { cut: false };
  const listeners = new Set<(message: FromAgent) => void>();
  pool.onMessage((message) => {
    if (!line.cut) for (const listener of listeners) listener(message);
  });
  const wrapped: AgentPool = {
    ...pool,
    send: (message) => {
      if (!line.cut) pool.send(message);
    },
    onMessage: (listener) => void listeners.add(listener),
  };
  return { line, pool: wrapped };
}

/** Nobody has the console open: a host and its agents alone, under a plan for when they lose each other. */
async function linked(plan: LinkLossPlan | null, taskMs = 20_000, storage = createMemoryStorage()) {
  const clock = handClock();
  const { line, pool } = cuttable(createLocalPool({ clock, ids: systemIds }));
  const opened = (through: AgentPool) =>
    openedHost({ storage, clock, pool: through, kind: "server", links: { turn: nextTurn } });
  const open = await opened(pool);
  const alice = await enrolledOperator(open.client);
  const { wid } = await alice.start(builds(40, taskMs), {
    speed: 1,
    ...(plan === null ? {} : { ext: () => ({ "org.signalbox.liveness": { plan } }) }),
  });
  const seen = async (client = open.client) => must((await client.liveness.agents({ wid })).agents[0], "its agent");
  /** So many seconds pass, in steps in which messages come and go. */
  const pass = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) {
      clock.advance(1000);
      await settled();
    }
  };
  const records = async (action: string) =>
    (await open.client.audit.entries({ wid, action, limit: 100 })).rows.filter((row) => row.action === action);
  return { clock, line, open, opened, alice, wid, seen, pass, records };
}

describe("an agent that is not heard of", { timeout: 60_000 }, () => {
  it("[OVR-7] [L1] while it is heard of nothing is logged of it, however long", async () => {
    const { open, pass, seen, records } = await linked(null, 300_000);
    await pass(5);
    const before = (await open.client.host.status()).position.size;
    await pass(60);
    expect((await open.client.host.status()).position.size).toBe(before);
    expect((await seen()).link).toBeNull();
    expect(await records("link_lost")).toEqual([]);
    open.host.close();
  });

  it("[L7] [OVR-S9] tells how far its clock is from the host's, by the message that came fastest", async () => {
    const clock = handClock();
    const behind = createLocalPool({ clock: { ...clock, nowMs: () => clock.nowMs() - 5000 }, ids: systemIds });
    const open = await openedHost({ clock, pool: behind, kind: "server", links: { turn: nextTurn } });
    const alice = await enrolledOperator(open.client);
    const { wid } = await alice.start(builds(4, 300_000), { speed: 1 });
    const seen = async () => must((await open.client.liveness.agents({ wid })).agents[0], "its agent");
    expect((await seen()).clockOffsetMs).toBeNull();
    for (let second = 0; second < 25; second += 1) {
      clock.advance(1000);
      await settled();
    }
    expect((await seen()).clockOffsetMs).toBe(-5000);
    expect((await seen()).link).toBeNull();
    open.host.close();
  });

  it("[OVR-23] is degraded after three heartbeats, restricted after 60 s, and stopped when its plan says so", async () => {
    const { open, line, pass, seen, wid, alice, records } = await linked({ do: "safe_stop", after_s: 90 }, 300_000);
    await pass(12);
    line.cut = true;
    await pass(18);
    expect((await seen()).link).toBeNull();
    await pass(13);
    expect((await seen()).link?.stage).toBe("degraded");
    await pass(32);
    expect((await seen()).link?.stage).toBe("restricted");
    await pass(30);
    expect((await seen()).link?.stage).toBe("planned");
    expect((await open.client.workflow.get({ wid })).workflow.status).toBe("stopped");
    expect(await records("link_lost")).toHaveLength(3);
    // Only an operator's start lets it work again, and that listens anew.
    line.cut = false;
    await pass(15);
    expect((await seen()).link).toBeNull();
    expect((await open.client.workflow.get({ wid })).workflow.status).toBe("stopped");
    await alice.start(builds(40, 300_000), { speed: 1, wid });
    await pass(3);
    await expect.poll(async () => (await countsOf(open.client, wid)).running).toBe(1);
    open.host.close();
  });

  it("[L3] [N9] [OVR-38] is held when its plan says so, to the second, by its host and by itself, and goes on when it is back", async () => {
    const { clock, open, line, pass, seen, wid } = await linked({ do: "hold", after_s: 45 });
    await pass(12);
    // A heartbeat has just been heard: from here on there is silence.
    const heard = async () => (await seen()).link?.heardAt ?? null;
    line.cut = true;
    const cutMs = clock.nowMs();
    while ((await seen()).link?.stage !== "planned" && clock.nowMs() - cutMs < 60_000) {
      clock.advance(500);
      await settled();
    }
    const silentS = clock.nowMs() / 1000 - must(await heard(), "it was heard of");
    expect(silentS).toBeGreaterThanOrEqual(44);
    expect(silentS).toBeLessThanOrEqual(46.5);
    const { done } = await countsOf(open.client, wid);
    await pass(40);
    expect((await countsOf(open.client, wid)).done).toBe(done);
    line.cut = false;
    await pass(15);
    expect(await seen()).toMatchObject({ link: null, returned: { stage: "planned" } });
    await pass(50);
    expect((await countsOf(open.client, wid)).done).toBeGreaterThan((done ?? 0) + 1);
    expect(open.host.troubles.size).toBe(0);
    open.host.close();
  });

  it("[S13] [L3] [OVR-38] a new start frees nobody who is held for a lost link, whoever stopped it meanwhile", async () => {
    const { open, line, pass, seen, wid, alice } = await linked({ do: "hold", after_s: 45 }, 300_000);
    await pass(12);
    line.cut = true;
    await pass(50);
    expect((await seen()).link?.stage).toBe("planned");
    const scope = { kind: "workflow", id: wid };
    const { jti } = await open.client.override.signal({ token: await alice.signal("stop", scope) });
    await open.client.override.signal({ token: await alice.signal("release", scope, { params: { of: jti } }) });
    await alice.start(builds(40, 300_000), { speed: 1, wid });
    await pass(3);
    expect((await seen()).link?.stage).toBe("planned");
    line.cut = false;
    await pass(15);
    expect((await seen()).link).toBeNull();
    await expect.poll(async () => (await countsOf(open.client, wid)).running).toBe(1);
    open.host.close();
  });

  it("[OVR-23] [L3] an agent that its plan stopped is listened for anew from its start on, and is lost anew", async () => {
    const { open, line, pass, seen, wid, alice, records } = await linked({ do: "safe_stop", after_s: 40 }, 300_000);
    await pass(12);
    line.cut = true;
    await pass(45);
    expect((await seen()).link?.stage).toBe("planned");
    await alice.start(builds(40, 300_000), { speed: 1, wid });
    await pass(3);
    expect((await seen()).link).toBeNull();
    await pass(45);
    expect((await seen()).link?.stage).toBe("planned");
    expect(await records("link_lost")).toHaveLength(4);
    expect((await open.client.workflow.get({ wid })).workflow.status).toBe("stopped");
    open.host.close();
  });

  it("[L3] [S4] an agent that was stopped, and not answered meanwhile, does not hold itself for that once it is started again", async () => {
    const { open, pass, wid, alice } = await linked({ do: "hold", after_s: 45 }, 2000);
    await pass(12);
    const scope = { kind: "workflow", id: wid };
    const { jti } = await open.client.override.signal({ token: await alice.signal("stop", scope) });
    await pass(43);
    await open.client.override.signal({ token: await alice.signal("release", scope, { params: { of: jti } }) });
    await alice.start(builds(40, 2000), { speed: 1, wid });
    await pass(15);
    const { done = 0 } = await countsOf(open.client, wid);
    await pass(30);
    expect((await countsOf(open.client, wid)).done).toBeGreaterThan(done + 1);
    open.host.close();
  });

  it("[L3] goes on without link where that is its plan, without what has a consequence", async () => {
    const { open, line, pass, seen } = await linked({ do: "continue", after_s: 45 }, 300_000);
    await pass(12);
    line.cut = true;
    await pass(75);
    expect((await seen()).link?.stage).toBe("restricted");
    open.host.close();
  });

  it("[L6] [OVR-37] is not called silent because its host slept, was throttled, or had no turn to hear it", async () => {
    const { clock, open, pass, seen, records } = await linked(null, 600_000);
    await pass(12);
    // Half an hour in which neither side was let run, and then a look once a minute.
    clock.advance(1_800_000);
    await settled();
    for (let minute = 0; minute < 30; minute += 1) {
      clock.advance(60_000);
      await settled();
    }
    expect((await seen()).link).toBeNull();
    expect(await records("link_lost")).toEqual([]);
    open.host.close();
  });

  it("[OVR-23] stays degraded when the host is opened again, until it is heard of", async () => {
    const storage = createMemoryStorage();
    const { clock, open, opened, line, pass, seen } = await linked({ do: "hold", after_s: 45 }, 300_000, storage);
    await pass(12);
    line.cut = true;
    await pass(50);
    expect((await seen()).link?.stage).toBe("planned");
    await open.host.engine.idle();
    open.host.close();
    const { line: other, pool } = cuttable(createLocalPool({ clock, ids: systemIds }));
    other.cut = true;
    const again = await opened(pool);
    await settled();
    expect((await seen(again.client)).link?.stage).toBe("planned");
    other.cut = false;
    for (let half = 0; half < 50; half += 1) {
      clock.advance(500);
      await settled();
    }
    expect(await seen(again.client)).toMatchObject({ link: null, returned: { stage: "planned" } });
    again.host.close();
  });
});

it("[OVR-7] [ECT-56] an agent is heard by its key for as long as that is bound now, also when it was bound anew", async () => {
  const bench = await startedWorkflow();
  const nowS = () => Math.floor(bench.clock.nowMs() / 1000);
  const clock = { ...bench.clock, after: () => () => undefined };
  let exp = nowS() + 10;
  let seq = 0;
  let hear = (_message: FromAgent): void => undefined;
  let heard = 0;
  const watch = createLinkWatch({
    engine: {
      ...bench.engine,
      read: (reader) =>
        bench.engine.read((state, head) => {
          const keys = new Map([...state.keys].map(([kid, key]) => [kid, { ...key, exp }]));
          return reader({ ...state, keys }, head);
        }),
    },
    pool: {
      ...createLocalPool({ clock, ids: systemIds }),
      send: (message) => {
        if (message.t === "heard") heard += 1;
      },
      onMessage: (listener) => {
        hear = listener;
      },
    },
    clock,
    sha256,
    present: () => [bench.agentId],
    turn: nextTurn,
  });
  await watch.open();
  const beat = async (): Promise<number> => {
    const at = nowS();
    seq += 1;
    const claims = { iss: bench.agentId, aud: [ids.pepId], iat: at, exp: at + 30, at, state: "running", seq };
    const token = await signToken("heartbeat+jwt", claims, bench.agent);
    hear({ t: "heartbeats", beats: [{ agent: bench.agentId, token }] });
    await settled();
    return heard;
  };
  expect(await beat()).toBe(1);
  bench.clock.advance(20);
  expect(await beat()).toBe(1);
  exp = nowS() + 1000;
  expect(await beat()).toBe(2);
  watch.close();
});

it("[S13] [OVR-38] a new start gives leases, and ends a hold for a lost link only where the link is not lost any more", async () => {
  const bench = await startedWorkflow(undefined, undefined, {
    "org.signalbox.liveness": { plan: { do: "hold", after_s: 45 } },
  });
  const freed: string[] = [];
  const director = createLivenessDirector(bench.engine, bench.clock, {
    suspend: () => undefined,
    free: (hold) => void freed.push(hold),
    again: () => undefined,
    stopped: () => undefined,
  });
  const link = (stage: "planned" | "returned") =>
    bench.engine.submit({ kind: "link", agent: bench.agentId, wid: bench.wid, stage, heardAt: 1 });
  const start = async (): Promise<readonly string[]> => {
    freed.length = 0;
    const claims = { exec_act: "run_start", wid: bench.wid, iss: "", aud: [], iat: 1, exp: 2, jti: "", pred: [] };
    director.facts([{ seq: 0, receivedAt: 1, digest: "", fact: { typ: "exec+jwt", claims } }]);
    await bench.engine.idle();
    return [...freed];
  };
  await link("planned");
  expect(await start()).toEqual([`lease ${bench.agentId}`]);
  await link("returned");
  expect(await start()).toEqual([`lease ${bench.agentId}`, `link ${bench.agentId}`]);
  director.close();
});
