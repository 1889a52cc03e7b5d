import { describe, expect, it } from "vitest";
import { enrolledOperator, smallRun, until } from "../api/dispatch/operator.fixture.ts";
import { systemClock } from "../base/system.ts";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import { startDrill } from "./drill-director.fixture.ts";
import { openedHost } from "./host.fixture.ts";
import { metered, modelRun, setTariff, tokensTariff } from "./metering.fixture.ts";

const finished = (client: Parameters<typeof until>[0], wid: string) =>
  until(client, async () => ((await client.workflow.get({ wid })).workflow.status === "finished" ? true : null));

describe("what agents use is metered", () => {
  it("[XDA-14] [XDA-15] [XDA-20] from the recording, once a task, in a chain, and by nobody twice over a restart", async () => {
    const storage = createMemoryStorage();
    const first = await openedHost({ storage, metering: { everyMs: 20 } });
    const alice = await enrolledOperator(first.client);
    const { wid } = await alice.start(
      modelRun([
        [1200, 150],
        [800, 90],
        [10, 1],
      ]),
    );
    await finished(first.client, wid);
    // Closed before the last of them may have been metered.
    first.host.close();
    const again = await openedHost({ storage, metering: { everyMs: 20 } });
    const { records, total } = await metered(again.client, 3);
    expect(total).toBe(3);
    expect(records.map(({ seq }) => seq)).toEqual([2, 1, 0]);
    expect(new Set(records.map(({ task }) => task)).size).toBe(3);
    const [, , one] = records;
    expect(one).toMatchObject({
      wid,
      payer: "console.local",
      execAct: "build_site",
      state: "metered",
      overLimit: false,
    });
    expect(
      one?.items.map(({ resource, quantity, estimated, model }) => [resource, quantity, estimated, model]),
    ).toEqual([
      ["api_call", "1", false, null],
      ["llm_input_token", "1200", false, "model-a"],
      ["llm_output_token", "150", false, "model-a"],
      ["agent_time", "2", false, null],
    ]);
    const usage = await again.client.accounting.usage({ by: "agent", buckets: 10 });
    expect(usage.total).toEqual({ tokens: 2251, calls: 3, timeS: 6, cost: {}, estimated: false });
    expect(usage.groups.map(({ key, records: count }) => [key, count])).toEqual([
      [`spiffe://console.local/agent/${wid}/builder`, 3],
    ]);
    expect(usage.meters).toMatchObject([{ mpId: "gateway", records: 3 }]);
    expect(usage.unpriced).toBe(12);
    // A third time it opens nothing is due.
    again.host.close();
    const third = await openedHost({ storage, metering: { everyMs: 20 } });
    await third.host.engine.issueHead();
    expect((await third.client.accounting.records({})).total).toBe(3);
    third.host.close();
  });

  it("[XDA-19] [XDA-42] tells estimates from counts, and meters nothing that a recording does not tell", async () => {
    const { host, client } = await openedHost({ metering: { everyMs: 20 } });
    const alice = await enrolledOperator(client);
    const run = modelRun([[5, 6]]);
    const [task] = run.tasks;
    const scenario = { ...run, source: { ...run.source, scenario: true as const } };
    const silent = { ...run, name: "Silent", tasks: [{ ...task, usage: null, durationMs: 0 }] } as typeof run;
    const told = await alice.start(scenario);
    const untold = await alice.start(silent);
    const { records } = await metered(client, 2);
    const items = (wid: string) =>
      records.find((record) => record.wid === wid)?.items.map(({ resource, estimated }) => [resource, estimated]);
    expect(items(told.wid)).toEqual([
      ["api_call", false],
      ["llm_input_token", true],
      ["llm_output_token", true],
      ["agent_time", true],
    ]);
    expect(items(untold.wid)).toEqual([["api_call", false]]);
    host.close();
  });

  it("[XDA-15] [XDA-40] charges a workflow to the payer its tariff names, in a chain of that payer's own", async () => {
    const { host, client } = await openedHost({ metering: { everyMs: 20 } });
    const alice = await enrolledOperator(client);
    const wid = "0195400c-0000-4000-8000-00000000000a";
    await setTariff(client, alice, "console.local");
    await setTariff(client, alice, "partner.example", [wid], { tariff_id: "t-partner" });
    await alice.start(modelRun([[12_000, 1500]]), { wid });
    const own = await alice.start(modelRun([[1000, 0]]));
    const { records } = await metered(client, 2);
    const of = (one: string) => records.find((record) => record.wid === one);
    expect(of(wid)).toMatchObject({ payer: "partner.example", seq: 0, state: "rated", currency: "EUR" });
    expect(of(own.wid)).toMatchObject({ payer: "console.local", seq: 0, state: "rated" });
    expect(of(wid)?.meter).not.toBe(of(own.wid)?.meter);
    const usage = await client.accounting.usage({ by: "domain", buckets: 1 });
    expect(usage.groups.map(({ key, cost }) => [key, cost])).toEqual([
      ["partner.example", { EUR: "0.0585" }],
      ["console.local", { EUR: "0.003" }],
    ]);
    expect(usage.series.map(({ cost }) => cost)).toEqual([["0.0585"], ["0.003"]]);
    host.close();
  });

  it("[XDA-53] [XDA-47] how long a request was before people, and tokens from a cache, also in the FOCUS file", async () => {
    let aheadMs = 0;
    const clock = { ...systemClock, nowMs: () => systemClock.nowMs() + aheadMs };
    const { host, client } = await openedHost({ clock, metering: { everyMs: 20 } });
    const alice = await enrolledOperator(client);
    await setTariff(client, alice, "console.local", undefined, {
      lines: [
        ...tokensTariff.lines,
        { resource: "llm_cached_token", unit: "token", price: "0.000001", rounding: "half_even", scale: 6 },
        { resource: "human_review", unit: "s", price: "0.01", rounding: "half_even", scale: 6 },
      ],
    });
    const run = smallRun("Reviewed", 1);
    const usage = { inputTokens: 100, outputTokens: null, cachedTokens: 40, cost: null };
    const { wid } = await alice.start({ ...run, tasks: run.tasks.map((task) => ({ ...task, usage })) });
    const gate = await until(client, async () => (await client.gate.queue({ wid, state: "pending" })).rows[0] ?? null);
    aheadMs = 20_000;
    await alice.decide(gate.request, "approve");
    const { records } = await metered(client, 2, wid);
    const items = (name: string) =>
      records
        .find(({ taskName }) => taskName === name)
        ?.items.map(({ resource, quantity, estimated }) => [resource, Number(quantity), estimated]);
    expect(items("build-0")).toEqual([
      ["api_call", 1, false],
      ["llm_input_token", 60, false],
      ["llm_cached_token", 40, false],
      ["agent_time", 1, false],
    ]);
    const reviewed = items("deploy")?.find(([resource]) => resource === "human_review");
    expect(reviewed).toEqual(["human_review", expect.any(Number), true]);
    // The clock of the log went on by so much between the request and the decision.
    expect(reviewed?.[1]).toBeGreaterThanOrEqual(19);
    const focus = await client.accounting.focus({ format: "json" });
    expect(focus.problems).toEqual([]);
    const skus = (JSON.parse(focus.text) as { SkuId: string }[]).map(({ SkuId }) => SkuId);
    expect(skus).toEqual(expect.arrayContaining(["llm_cached_token", "human_review"]));
    host.close();
  });

  it("[XDA-42] charges a drill to nobody", async () => {
    const { host, client } = await openedHost({ metering: { everyMs: 20 } });
    const alice = await enrolledOperator(client);
    const drill = await startDrill(client, alice, "one-lies", 3);
    const ended = async () => (await client.audit.entries({ wid: drill.wid, typ: "exec+jwt", limit: 50 })).rows;
    await until(client, async () => ((await ended()).some(({ task }) => task !== null) ? true : null));
    const { wid } = await alice.start(modelRun([[1, 1]]));
    const { records } = await metered(client, 1);
    expect(records.map((record) => record.wid)).toEqual([wid]);
    host.close();
  });

  it("[XDA-22] [S3] a meter that cannot keep its key stops nothing: the stop halts, and it is said", async () => {
    const storage = createMemoryStorage();
    const refusing = {
      ...storage,
      values: {
        ...storage.values,
        get: storage.values.get.bind(storage.values),
        keys: storage.values.keys.bind(storage.values),
        delete: storage.values.delete.bind(storage.values),
        put: async (key: string, value: unknown) =>
          key.startsWith("signer/meter")
            ? { ok: false as const, error: { code: "storage_full" as const, retry: false, detail: "no room" } }
            : storage.values.put(key, value),
      },
    };
    const { host, client } = await openedHost({ storage: refusing, metering: { everyMs: 20 } });
    const alice = await enrolledOperator(client);
    const run = modelRun([
      [1, 1],
      [1, 1],
    ]);
    const long = { ...run, tasks: run.tasks.map((task, at) => ({ ...task, durationMs: at === 0 ? 1000 : 3_600_000 })) };
    const { wid } = await alice.start(long, { speed: 1000 });
    await until(client, async () => ((await client.workflow.get({ wid })).workflow.counts.done === 1 ? true : null));
    const stop = await client.override.signal({ token: await alice.signal("stop", { kind: "workflow", id: wid }) });
    await until(client, async () => ((await client.workflow.get({ wid })).workflow.status === "stopped" ? true : null));
    expect((await client.override.list()).signals.find(({ jti }) => jti === stop.jti)?.latched).toBe(true);
    const said = await until(client, async () => (await client.accounting.usage({ by: "agent", buckets: 1 })).trouble);
    expect(said).toBe("no room");
    expect((await client.accounting.records({})).total).toBe(0);
    host.close();
  });
});
