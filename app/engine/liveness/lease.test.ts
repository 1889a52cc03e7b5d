import fc from "fast-check";
import { v4 } from "uuid";
import { describe, expect, it } from "vitest";
import { signToken } from "../../protocol/jose/sign-token.ts";
import { leaseTimes } from "../../protocol/liveness/lease-times.ts";
import { alice, type Bench, ids, startedWorkflow } from "../engine.fixture.ts";
import type { AgentLiveness } from "./liveness-state.ts";

const DURATION_S = 1800;

async function leased(durationS = DURATION_S) {
  const bench = await startedWorkflow();
  const give = (change: object = {}) => giveLease(bench, change);
  const first = await give({ duration_s: durationS });
  expect(first.ok).toBe(true);
  const found = () =>
    bench.engine.read((state) => structuredClone(state.liveness.get(bench.agentId)) as AgentLiveness | undefined);
  const lease = async () => {
    const one = (await found())?.lease;
    if (one === null || one === undefined) throw new Error("the agent is under a lease");
    return one;
  };
  const end = async () => bench.engine.submit({ kind: "lease_due", agent: bench.agentId, lease: (await lease()).jti });
  return { bench, give, lease, end, found };
}

async function giveLease(bench: Bench, change: object) {
  const at = Math.floor(bench.clock.nowMs() / 1000);
  const token = await signToken(
    "lease+jwt",
    {
      iss: alice,
      aud: [ids.pepId],
      iat: at,
      exp: at + 60,
      jti: v4(),
      wid: bench.wid,
      agent: bench.agentId,
      duration_s: DURATION_S,
      role: "operator",
      auth_time: at,
      amr: ["user"],
      ...change,
    },
    bench.operator,
  );
  return bench.submit(token);
}

const codeOf = (answer: { readonly ok: boolean; readonly error?: { readonly code: string } }): string | null =>
  answer.ok ? null : (answer.error?.code ?? "");

describe("a lease", () => {
  it("[L5] [N8] [OVR-39] that has run out lets end what was permitted under it, and nothing begin", async () => {
    const { bench, end } = await leased();
    const [begun, next] = [bench.task("begun"), bench.task("next")];
    expect((await bench.submit(await bench.intent(begun, "build_site"))).ok).toBe(true);
    bench.clock.advance(DURATION_S);
    expect((await end()).ok).toBe(true);
    expect(codeOf(await bench.submit(await bench.intent(next, "build_site")))).toBe("lease_expired");
    // Nothing of it is recorded: it asks again when the lease is renewed.
    expect(await bench.engine.read((state) => state.workflows.get(bench.wid)?.tasks.has(next))).toBe(false);
    const effect = await bench.engine.submit({ kind: "effect", wid: bench.wid, task: begun, latch: null });
    expect(effect.ok).toBe(true);
  });

  it("[L5] holds back what a human allows only after it has run out", async () => {
    const { bench, end } = await leased(60);
    const task = bench.task("deploy");
    bench.clock.advance(30);
    await bench.submit(await bench.intent(task, "deploy_site"));
    await bench.submit(await bench.request(task, "deploy_site"));
    bench.clock.advance(30);
    await end();
    const request = await bench.engine.read((state) => [...state.gates.keys()][0] ?? "");
    expect((await bench.submit(await bench.decision(request, "approve"))).ok).toBe(true);
    const effect = await bench.engine.submit({ kind: "effect", wid: bench.wid, task, latch: null });
    expect(codeOf(effect)).toBe("lease_expired");
  });

  it("[L5] [L6] counts as over by the clock where its timer is late", async () => {
    const { bench } = await leased();
    bench.clock.advance(DURATION_S);
    expect(codeOf(await bench.submit(await bench.intent(bench.task("late"), "build_site")))).toBe("lease_expired");
  });

  it("[L5] [OVR-40] is renewed when it is asked for and not before, so that a key held down renews once at most", async () => {
    const { bench, give, lease } = await leased();
    const before = await lease();
    for (let press = 0; press < 5; press += 1) expect(codeOf(await give())).toBe("lease_not_due");
    bench.clock.advance(leaseTimes(before).promptAt - before.at - 1);
    expect(codeOf(await give())).toBe("lease_not_due");
    bench.clock.advance(1);
    const presses = [];
    for (let press = 0; press < 5; press += 1) presses.push(codeOf(await give()));
    expect(presses).toEqual([null, "lease_not_due", "lease_not_due", "lease_not_due", "lease_not_due"]);
    expect((await lease()).until).toBe(leaseTimes(before).promptAt + DURATION_S);
  });

  it("[L5] is given again after it has run out, and the agent goes on", async () => {
    const { bench, give, end } = await leased();
    bench.clock.advance(DURATION_S + 600);
    await end();
    expect((await give()).ok).toBe(true);
    expect((await bench.submit(await bench.intent(bench.task("again"), "build_site"))).ok).toBe(true);
  });

  it("[L5] is given by somebody who holds the role and is there, for an agent that is there", async () => {
    const { bench, give } = await leased();
    bench.clock.advance(DURATION_S);
    const nowS = Math.floor(bench.clock.nowMs() / 1000);
    expect(codeOf(await give({ auth_time: nowS - 301 }))).toBe("lease_unauthorized");
    expect(codeOf(await give({ agent: `${bench.agentId}-other` }))).toBe("lease_agent_unknown");
    expect(codeOf(await give({ duration_s: DURATION_S + 1 }))).toBe("lease_too_long");
    const viewer = await bench.person("victor", ["viewer"]);
    const token = await signToken(
      "lease+jwt",
      {
        ...{ iss: viewer.id, aud: [ids.pepId], iat: nowS, exp: nowS + 60, jti: v4() },
        ...{ wid: bench.wid, agent: bench.agentId, duration_s: 60, role: "operator", auth_time: nowS, amr: ["user"] },
      },
      viewer.signer,
    );
    expect(codeOf(await bench.submit(token))).toBe("lease_unauthorized");
  });

  it("[L5] [OVR-39] ends once, and is the same when the log is read again", async () => {
    const { bench, end, lease } = await leased();
    bench.clock.advance(DURATION_S);
    expect((await end()).ok).toBe(true);
    expect(codeOf(await end())).toBe("lease_state_invalid");
    const again = await bench.reopen();
    const read = await again.read((state) => structuredClone(state.liveness.get(bench.agentId)));
    expect(read?.lease).toEqual(await lease());
    expect(read?.lease?.lapsed).toBe(true);
  });
});

describe("when a lease is asked for", () => {
  it("[L5] [OVR-40] lies between three fifths and the end, before it is heard, and differs from lease to lease", () => {
    const moments = new Set<number>();
    fc.assert(
      fc.property(fc.uuid({ version: [4, 7] }), fc.integer({ min: 60, max: 28_800 }), (jti, durationS) => {
        const until = 1_772_064_000;
        const { promptAt, soundAt } = leaseTimes({ jti, until, durationS });
        expect(promptAt).toBeGreaterThanOrEqual(Math.floor(until - 0.4 * durationS));
        expect(promptAt).toBeLessThanOrEqual(soundAt);
        expect(soundAt).toBeLessThan(until);
        if (durationS > 600) moments.add(promptAt);
      }),
      { numRuns: 100 },
    );
    expect(moments.size).toBeGreaterThan(20);
  });
});
