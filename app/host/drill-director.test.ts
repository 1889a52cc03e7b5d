import { safe } from "@orpc/client";
import { describe, expect, it } from "vitest";
import { createLocalPool } from "../agents/local-pool.ts";
import { enrolledOperator, smallRun } from "../api/dispatch/operator.fixture.ts";
import { systemIds } from "../base/system.ts";
import { parseCompact } from "../protocol/jose/compact.ts";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import { atWork, scored, seen, startDrill, stopped } from "./drill-director.fixture.ts";
import { handClock } from "./hand-clock.fixture.ts";
import { openedHost } from "./host.fixture.ts";
import { builds, countsOf } from "./orders.fixture.ts";

const codeOf = (error: unknown): unknown => (error as { data?: { code?: string } }).data?.code;

async function opened(storage = createMemoryStorage()) {
  const clock = handClock();
  const pool = createLocalPool({ clock, ids: systemIds });
  const open = await openedHost({ storage, clock, pool });
  const alice = await enrolledOperator(open.client);
  return { ...open, alice, clock, pass: () => clock.advance(50) };
}

describe("a drill", () => {
  it("[S7] [S12] [C5] [N25] of an agent that lies is scored in the log when it was stopped and found out", async () => {
    const { client, host, alice, pass } = await opened();
    const { wid, agents } = await startDrill(client, alice, "one-lies", 3);
    expect((await client.workflow.get({ wid })).workflow.drill).toEqual({ script: "one-lies", size: 3 });
    await atWork(client, wid, 3, pass);
    expect((await client.drill.state({ wid })).now).toMatchObject({ commandMs: null, named: 0, agents: 3 });
    const jti = await stopped(client, alice, { kind: "workflow", id: wid });
    const during = await client.drill.state({ wid });
    expect(during.now).toMatchObject({ named: 3, acted: 0 });
    const score = await scored(client, wid, pass);
    expect(score).toMatchObject({
      result: "passed",
      reasons: [],
      clock: "host_ms",
      agents: 3,
      command: { jti, by: alice.subject, named: 3 },
      acknowledged: { agents: 3 },
      verified: { agents: 2 },
      violated: { agents: 1 },
      unconfirmed: 0,
      violations: [{ agent: agents[0] }],
      missed: [],
      acted: [],
    });
    // S7: after its next call, 300 ms later, it is shown as violating within a second.
    const found = (score.violations[0]?.at_ms ?? Infinity) - (score.command?.at_ms ?? 0);
    expect(found).toBeLessThan(1300);
    expect(score.seen.map(({ state }) => state)).toEqual(expect.arrayContaining(["commanded", "violated", "verified"]));
    const { token } = await client.audit.entry({ seq: score.seq });
    const record = parseCompact(token);
    expect(record.ok && record.value.payload).toMatchObject({ iss: host.engine.ids.pepId, kind: "drill_scored", wid });
    expect((await client.workflow.get({ wid })).workflow.status).toBe("finished");
    const proven = await client.drill.proven();
    expect(proven.controls.find(({ control }) => control === "stop")).toMatchObject({
      last: { how: "drill", wid, seq: score.seq },
      againDays: 7,
      overdue: false,
    });
    host.close();
  });

  it("[S9] [N25] is failed where the stop left out agents that went on in the name of a child", async () => {
    const { client, host, alice, pass } = await opened();
    const { wid, agents } = await startDrill(client, alice, "children-evade", 4);
    await atWork(client, wid, 4, pass);
    // Its children are stopped with it (OVR-17); the last agent works beside them.
    await stopped(client, alice, { kind: "agent", id: agents[0] ?? "" });
    await seen(async () => ((await client.drill.state({ wid })).now?.acted === 1 ? true : null), pass);
    await stopped(client, alice, { kind: "workflow", id: wid });
    const score = await scored(client, wid, pass);
    expect(score).toMatchObject({
      result: "failed",
      reasons: ["unnamed_acted"],
      command: { named: 3 },
      missed: [agents[3]],
      acted: [{ agent: agents[3] }],
    });
    host.close();
  });

  it("[OVR-25] touches no other workflow: aborting it ends its agents alone, and it proves nothing", async () => {
    const { client, host, alice, pass } = await opened();
    const real = await alice.start(builds(2), { speed: 1 });
    await seen(async () => ((await countsOf(client, real.wid)).running === 1 ? true : null), pass);
    const { wid, agents } = await startDrill(client, alice, "children-evade", 3);
    await atWork(client, wid, 3, pass);
    const before = await client.workflow.states({ wid: real.wid });
    // Stopped alone, the first agent has its tasks asked for by whoever runs beside it: of the drill, and of nothing else.
    await stopped(client, alice, { kind: "agent", id: agents[0] ?? "" });
    await seen(async () => ((await client.drill.state({ wid })).now?.acted === 1 ? true : null), pass);
    const nobody = { wid, by: "spiffe://console.local/human/nobody" };
    // Nor does the word of who may not keep out that of who may.
    const [denied] = await Promise.all([
      safe(client.drill.abort(nobody)),
      client.drill.abort({ wid, by: alice.subject }),
    ]);
    expect(codeOf(denied.error)).toBe("role_subject_unknown");
    const last = await host.engine.read((state) => state.drills.get(wid)?.score?.seq ?? null);
    expect((await client.audit.entry({ seq: last ?? -1 })).claims).toMatchObject({
      data: { called_off_by: alice.subject },
    });
    expect((await scored(client, wid, pass)).result).toBe("aborted");
    expect((await client.workflow.get({ wid })).workflow.status).toBe("finished");
    expect((await client.workflow.states({ wid: real.wid })).counts).toEqual(before.counts);
    const controls = (await client.drill.proven()).controls;
    expect(controls.every(({ last, overdue }) => last === null && overdue)).toBe(true);
    const again = await safe(client.drill.abort({ wid, by: alice.subject }));
    expect(codeOf(again.error)).toBe("drill_unknown");
    const other = await safe(client.drill.abort({ wid: real.wid, by: alice.subject }));
    expect(codeOf(other.error)).toBe("drill_unknown");
    host.close();
  });

  it("[S9] [S12] is stopped agent by agent in one act as well, beside work that goes on", async () => {
    const { client, host, alice, pass } = await opened();
    const real = await alice.start(builds(2), { speed: 1 });
    await seen(async () => ((await countsOf(client, real.wid)).running === 1 ? true : null), pass);
    const { wid, agents } = await startDrill(client, alice, "one-lies", 3);
    await atWork(client, wid, 3, pass);
    for (const id of agents) await stopped(client, alice, { kind: "agent", id });
    const score = await scored(client, wid, pass);
    expect(score).toMatchObject({
      result: "passed",
      command: { named: 3 },
      missed: [],
      acted: [],
      violated: { agents: 1 },
    });
    const states = await client.workflow.states({ wid: real.wid });
    expect([states.status, states.agents.map(({ state }) => state)]).toEqual(["running", ["working"]]);
    host.close();
  });

  it("[OVR-25] is marked by its operator's signature: neither a recorded run nor another script becomes one", async () => {
    const { client, host, alice } = await opened();
    const { digest } = await client.workflow.addRun(smallRun());
    const asDrill = await safe(startDrill(client, alice, "one-lies", 3, { digest }));
    expect(codeOf(asDrill.error)).toBe("start_mismatch");
    const unmarked = await safe(startDrill(client, alice, "one-lies", 3, { mark: null }));
    expect(codeOf(unmarked.error)).toBe("drill_unmarked");
    const unknown = await safe(
      startDrill(client, alice, "one-lies", 3, { mark: { script: "one-lies", size: 5, again_days: 7 } }),
    );
    expect(codeOf(unknown.error)).toBe("start_mismatch");
    const tooMany = await safe(client.drill.prepare({ script: "one-lies", size: 40, wid: crypto.randomUUID() }));
    expect(codeOf(tooMany.error)).toBe("drill_invalid");
    expect((await client.drill.history({})).drills).toEqual([]);
    expect((await client.workflow.listRuns()).runs.map((run) => run.digest)).toEqual([digest]);
    host.close();
  });

  it("[S12] [C5] is kept by the log: its history and what it proves are there when the console is opened again", async () => {
    const storage = createMemoryStorage();
    const first = await opened(storage);
    const { wid } = await startDrill(first.client, first.alice, "crash", 2);
    await atWork(first.client, wid, 2, first.pass);
    // It has crashed by its second task, and acknowledges nothing: its mailbox is closed 250 ms later.
    const stop = await first.alice.signal("stop", { kind: "workflow", id: wid });
    const { jti } = await first.client.override.signal({ token: stop });
    await scored(first.client, wid, first.pass);
    const token = await first.alice.signal("release", { kind: "workflow", id: wid }, { params: { of: jti } });
    await first.client.override.signal({ token });
    const before = await first.client.drill.history({});
    const proven = await first.client.drill.proven();
    expect(proven.controls.find(({ control }) => control === "release")?.last).toMatchObject({ how: "release", wid });
    first.host.close();
    const second = await openedHost({ storage, clock: first.clock });
    expect((await second.client.drill.history({})).drills).toEqual(before.drills);
    expect((await second.client.drill.proven()).controls).toEqual(proven.controls);
    second.host.close();
  });

  it("[S12] that nobody stops in time is failed, and that is what is recorded", async () => {
    const { client, host, alice, clock } = await opened();
    const { wid } = await startDrill(client, alice, "one-hangs", 2);
    const limitMs = (await client.drill.state({ wid })).now?.limitMs ?? 0;
    clock.advance(limitMs - 1);
    expect((await client.drill.state({ wid })).now).toMatchObject({ commandMs: null, elapsedMs: limitMs - 1 });
    const score = await scored(client, wid, () => clock.advance(1));
    expect(score).toMatchObject({ result: "failed", reasons: ["not_commanded"], command: null, seen: [] });
    const record = parseCompact((await client.audit.entry({ seq: score.seq })).token);
    expect(record.ok && record.value.payload.cause).toEqual({ timer: "drill_limit", of: wid });
    host.close();
  });

  it("[S12] [L6] goes on when the console is opened again in its middle, and is scored by the times of the log", async () => {
    const storage = createMemoryStorage();
    const first = await opened(storage);
    const { wid } = await startDrill(first.client, first.alice, "one-lies", 2);
    await atWork(first.client, wid, 2, first.pass);
    first.host.close();
    const pool = createLocalPool({ clock: first.clock, ids: systemIds });
    const second = await openedHost({ storage, clock: first.clock, pool });
    const alice = first.alice.rebound(second.client);
    await atWork(second.client, wid, 2, first.pass);
    await stopped(second.client, alice, { kind: "workflow", id: wid });
    const score = await scored(second.client, wid, first.pass);
    expect(score).toMatchObject({ result: "passed", clock: "log_s", violated: { agents: 1 }, command: { named: 2 } });
    second.host.close();
  });
});
