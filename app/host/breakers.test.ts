import { v4 } from "uuid";
import { describe, expect, it } from "vitest";
import { createLocalPool } from "../agents/local-pool.ts";
import { enrolledOperator, smallRun } from "../api/dispatch/operator.fixture.ts";
import { must } from "../base/assert.ts";
import { systemIds } from "../base/system.ts";
import { signToken } from "../protocol/jose/sign-token.ts";
import type { RecordedRun, RunTask } from "../protocol/run/recorded-run.ts";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import { handClock } from "./hand-clock.fixture.ts";
import { openedHost } from "./host.fixture.ts";
import { countsOf, give } from "./orders.fixture.ts";

const FAILING = 5;
const HEALTHY = 8;

/** One agent hands its result to another, whose tasks fail first and then succeed, a second after one another. */
function failingRun(): RecordedRun {
  const base = smallRun("Failing run", 1);
  const [source] = base.tasks;
  const task = (at: number): RunTask => ({
    ...must(source, "a task"),
    id: `use-${at}`,
    name: `use-${at}`,
    action: "use_result",
    agent: "user",
    parents: [{ id: "build-0", inferred: false }],
    startMs: 1000 * (at + 1),
    durationMs: 500,
    outcome: at < FAILING ? "failure" : "success",
    outputs: [`use-${at}.out`],
  });
  const tasks = Array.from({ length: FAILING + HEALTHY }, (_, at) => task(at));
  return {
    ...base,
    agents: [
      { id: "builder", name: "Builder", kind: "program" },
      { id: "user", name: "User", kind: "program" },
    ],
    tasks: [must(source, "a task"), ...tasks],
  };
}

async function started(storage = createMemoryStorage()) {
  const clock = handClock();
  const opened = () => openedHost({ storage, clock, pool: createLocalPool({ clock, ids: systemIds }) });
  const open = await opened();
  const alice = await enrolledOperator(open.client);
  const { wid } = await alice.start(failingRun(), { speed: 1 });
  return { clock, open, opened, alice, wid };
}

type Started = Awaited<ReturnType<typeof started>>;
const breakersOf = ({ open, wid }: Pick<Started, "open" | "wid">) => open.client.cascade.breakers({ wid });
const waitingOf = async (from: Pick<Started, "open" | "wid">) => (await breakersOf(from)).waiting ?? [];
const stateOf = async (from: Pick<Started, "open" | "wid">) => (await breakersOf(from)).breakers[0]?.state;

/** Half a second of the host's clock for every look, until it is so; agents sign and answer in real time meanwhile. */
async function until({ clock }: Pick<Started, "clock">, look: () => Promise<boolean>): Promise<void> {
  const looked = async () => {
    clock.advance(500);
    return look();
  };
  await expect.poll(looked, { interval: 10, timeout: 20_000 }).toBe(true);
}

describe("a re-enactment whose recorded failures open a breaker", { timeout: 60_000 }, () => {
  it("[CAS-1] [CAS-2] [CAS-3] [CAS-4] trips, holds what is due, lets three probes through, closes and finishes", async () => {
    const run = await started();
    const { open, wid, clock } = run;
    await until(run, async () => (await stateOf(run)) === "open");
    const [breaker] = (await breakersOf(run)).breakers;
    expect(breaker).toMatchObject({ group: "use", reason: "consecutive", seq: 1 });
    expect(breaker?.remainingMs).toBeGreaterThan(25_000);
    const ended = async () => {
      const counts = await countsOf(open.client, wid);
      return (counts.done ?? 0) + (counts.failed ?? 0);
    };
    await until(run, async () => (await waitingOf(run)).length > 3);
    const before = await ended();
    clock.advance(5000);
    await until(run, async () => (await waitingOf(run)).length === HEALTHY);
    expect(await ended()).toBe(before);
    expect(open.host.troubles.size).toBe(0);
    await until(run, async () => (await open.client.workflow.get({ wid })).workflow.status === "finished");
    const states = (await open.client.audit.entries({ typ: "circuit-state+jwt", limit: 100 })).rows.map(
      (row) => row.outcome,
    );
    expect(states.toReversed()).toEqual(["open", "half_open", "closed"]);
    expect((await countsOf(open.client, wid)).failed).toBe(FAILING);
    expect((await countsOf(open.client, wid)).done).toBe(HEALTHY + 1);
    open.host.close();
  });

  it("[CAS-19] [CAS-S2] isolates the failure domain that fails, releases it after 300 s, and goes on", async () => {
    const clock = handClock();
    const open = await openedHost({
      storage: createMemoryStorage(),
      clock,
      pool: createLocalPool({ clock, ids: systemIds }),
    });
    const alice = await enrolledOperator(open.client);
    const wid = v4();
    const { trustDomain } = await open.client.identity.describe();
    const members = [`spiffe://${trustDomain}/agent/${wid}/user`];
    await alice.start(failingRun(), {
      speed: 1,
      wid,
      change: (policy) => ({ ...policy, failure_domains: [{ domain_id: "users", members }] }),
    });
    const run = { clock, open, opened: async () => open, alice, wid };
    const domain = async () => (await breakersOf(run)).domains[0];
    await until(run, async () => (await domain())?.state === "isolated");
    expect(await domain()).toMatchObject({
      id: "users",
      failing: members,
      reason: "members_failing",
      border: { all: 1, shut: 1 },
    });
    expect((await domain())?.remainingMs).toBeGreaterThan(295_000);
    await until(run, async () => (await waitingOf(run)).length === HEALTHY);
    clock.advance(300_000);
    await until(run, async () => (await open.client.workflow.get({ wid })).workflow.status === "finished");
    const rows = (await open.client.audit.entries({ typ: "record+jwt", limit: 500 })).rows;
    const story = rows.filter((row) => row.action === "domain_state").map((row) => row.outcome);
    expect(story.toReversed()).toEqual(["isolated", "recovering", "normal"]);
    open.host.close();
  });

  it("[CAS-9] [CAS-S3] takes an operator's word that an agent fails, and nobody's word for a state of its breakers", async () => {
    const run = await started();
    const { open, alice, wid } = run;
    await until(run, async () => (await breakersOf(run)).breakers.length === 1);
    const { pepId } = await open.client.identity.describe();
    const { callee, id } = must((await breakersOf(run)).breakers[0], "a breaker");
    const at = Math.floor(run.clock.nowMs() / 1000);
    const common = { iss: alice.subject, aud: [pepId], iat: at, exp: at + 300 };
    const failure = { wid, subject: callee, class: "data", code: "wrong_result", transient: false, severity: 5 };
    const token = await signToken(
      "failure-signal+jwt",
      { ...common, jti: v4(), ...failure, origin: true },
      alice.signer,
    );
    expect(await open.client.cascade.signal({ token })).toMatchObject({ outcome: "accepted", code: null, opened: 1 });
    expect((await breakersOf(run)).breakers[0]).toMatchObject({ state: "open", reason: "failure_signal" });
    const state = { breaker_id: id, callee, state: "closed", since: at, reason: "probe_ok", seq: 9 };
    const stats = { calls: 0, failures: 0, slow: 0, window_s: 60 };
    const forged = await signToken("circuit-state+jwt", { ...common, jti: v4(), ...state, stats }, alice.signer);
    await expect(open.client.cascade.signal({ token: forged })).rejects.toMatchObject({
      data: { code: "token_wrong_type" },
    });
    open.host.close();
  });

  it("[CAS-5] keeps its timer when the host is opened again", async () => {
    const run = await started();
    await until(run, async () => (await stateOf(run)) === "open");
    await run.open.host.engine.idle();
    run.open.host.close();
    const again = { ...run, open: await run.opened() };
    expect(await stateOf(again)).toBe("open");
    await until(again, async () => (await stateOf(again)) === "half_open");
    again.open.host.close();
  });

  it("[CAS-S8] [OVR-12] is stopped at once all the same", async () => {
    const run = await started();
    await until(run, async () => (await stateOf(run)) === "open");
    await give(run.open, await run.alice.signal("stop", { kind: "workflow", id: run.wid }));
    await until(run, async () => (await countsOf(run.open.client, run.wid)).running === 0);
    const { signals, latched } = await run.open.client.override.list();
    expect([latched, signals[0]?.latched]).toEqual([1, true]);
    run.open.host.close();
  });

  it("[CAS-19] waits behind an edge that an operator tripped, and goes on when it is released", async () => {
    const run = await started();
    const { open, alice, wid } = run;
    await until(run, async () => (await breakersOf(run)).breakers.length === 1);
    const { pepId } = await open.client.identity.describe();
    const { caller, callee } = must((await breakersOf(run)).breakers[0], "a breaker");
    const order = async (what: "trip" | "release") => {
      const at = Math.floor(run.clock.nowMs() / 1000);
      const token = await signToken(
        "breaker-order+jwt",
        {
          iss: alice.subject,
          aud: [pepId],
          iat: at,
          exp: at + 300,
          jti: v4(),
          breaker: { caller, callee, group: "*" },
          order: what,
          reason: "looks wrong",
          role: "operator",
          auth_time: at,
          amr: ["swk", "user"],
        },
        alice.signer,
      );
      return open.client.cascade.order({ token });
    };
    expect(await order("trip")).toMatchObject({ moved: 1 });
    await until(run, async () => (await waitingOf(run)).length > 3);
    run.clock.advance(600_000);
    expect(await breakersOf(run)).toMatchObject({
      breakers: [{ state: "forced_open", by: alice.subject, untilMs: null }],
      heldEdges: [{ caller, callee, by: alice.subject }],
    });
    expect(await order("release")).toMatchObject({ moved: 1 });
    await until(run, async () => (await open.client.workflow.get({ wid })).workflow.status === "finished");
    open.host.close();
  });
});
