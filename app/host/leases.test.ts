import { v4 } from "uuid";
import { describe, expect, it } from "vitest";
import { createLocalPool } from "../agents/local-pool.ts";
import { enrolledOperator } from "../api/dispatch/operator.fixture.ts";
import { must } from "../base/assert.ts";
import { settled } from "../base/settled.fixture.ts";
import { systemIds } from "../base/system.ts";
import { signToken } from "../protocol/jose/sign-token.ts";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import { handClock } from "./hand-clock.fixture.ts";
import { openedHost } from "./host.fixture.ts";
import { builds, countsOf } from "./orders.fixture.ts";

const LEASE_S = 120;

/** Tasks of 50 s each, at the recorded speed, by an agent that is under a lease from the start. */
async function leased(storage = createMemoryStorage()) {
  const clock = handClock();
  const opened = () => openedHost({ storage, clock, pool: createLocalPool({ clock, ids: systemIds }) });
  const open = await opened();
  const alice = await enrolledOperator(open.client);
  const { wid } = await alice.start(builds(6, 50_000), {
    speed: 1,
    ext: (agents) => ({
      "org.signalbox.liveness": { lease: { duration_s: LEASE_S, agents: agents.map(({ agent }) => agent) } },
    }),
  });
  const { pepId } = await open.client.identity.describe();
  const of = (client: typeof open.client) => ({
    agent: async () => must((await client.liveness.agents({ wid })).agents[0], "its agent"),
    counts: () => countsOf(client, wid),
  });
  const renew = async (client = open.client) => {
    const at = Math.floor(clock.nowMs() / 1000);
    const { agent } = await of(client).agent();
    const claims = { iss: alice.subject, aud: [pepId], iat: at, exp: at + 60, jti: v4(), wid, agent };
    const token = await signToken(
      "lease+jwt",
      { ...claims, duration_s: LEASE_S, role: "operator", auth_time: at, amr: ["user"] },
      alice.signer,
    );
    return client.liveness.lease({ token });
  };
  /** Half a second of the host's clock for every look, until it is so. */
  const until = (look: () => Promise<boolean>) =>
    expect
      .poll(
        async () => {
          clock.advance(500);
          await settled();
          return look();
        },
        { interval: 1, timeout: 20_000 },
      )
      .toBe(true);
  return { clock, open, opened, wid, of, renew, until };
}

describe("a re-enactment under a lease", { timeout: 60_000 }, () => {
  it("[L5] [L6] [N8] pauses when it runs out, ends what it was at, and goes on when it is renewed", async () => {
    const { open, of, renew, until, clock } = await leased();
    const { agent, counts } = of(open.client);
    expect((await agent()).lease).toMatchObject({ durationS: LEASE_S, lapsed: false });
    await until(async () => (await agent()).lease?.lapsed === true);
    // The third task was under way: it ends. The fourth is due and is not begun.
    await until(async () => (await counts()).done === 3);
    for (let look = 0; look < 60; look += 1) {
      clock.advance(2000);
      await open.host.engine.idle();
    }
    expect(await counts()).toMatchObject({ done: 3, failed: 0, refused: 0, stopped: 0 });
    expect(open.host.troubles.size).toBe(0);
    await renew();
    await until(async () => (await counts()).done === 6);
    open.host.close();
  });

  it("[L5] is still paused when the host is opened again after it ran out", async () => {
    const { open, opened, of, renew, until, clock } = await leased();
    await until(async () => (await of(open.client).counts()).done === 1);
    await open.host.engine.idle();
    open.host.close();
    clock.advance(LEASE_S * 1000);
    const again = await opened();
    const { agent, counts } = of(again.client);
    await until(async () => (await agent()).lease?.lapsed === true);
    const before = (await counts()).done ?? 0;
    await renew(again.client);
    await until(async () => ((await counts()).done ?? 0) > before + 1);
    again.host.close();
  });
});
