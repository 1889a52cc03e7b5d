import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { STALE } from "../../protocol/attention/limits.ts";
import type { Bench } from "../engine.fixture.ts";
import { aliceOf, codeOf, DEPLOY, handling, nowS, ruled, waiting } from "../gate/gate-tokens.fixture.ts";
import { MAX_SHELF_S } from "../gate/handling.ts";
import { answeredOf } from "./answered.ts";
import { standingItems } from "./standing.ts";

const DAY_S = 86_400;
const LONG = { ...DEPLOY, timeout_s: DAY_S };
const standing = (bench: Bench) => bench.engine.read((state) => standingItems(state, nowS(bench)));
const shelve = async (bench: Bench, request: string, change: object = {}) =>
  codeOf(await bench.submit(await handling(bench, aliceOf(bench), request, "shelve", change)));

describe("what stands open", () => {
  it("[A3] [A5] what is shelved is listed with who, why and until when, waits on, and is back at that second", async () => {
    const bench = await ruled([LONG]);
    const { request } = await waiting(bench, "deploy");
    const until = nowS(bench) + MAX_SHELF_S;
    expect(await shelve(bench, request, { until, reason: "known noise" })).toBe("accepted");
    bench.clock.advance(MAX_SHELF_S - 1);
    expect(await standing(bench)).toMatchObject({
      shelf: [{ request, by: aliceOf(bench).id, reason: "known noise", until }],
      waiting: 1,
      oldestS: MAX_SHELF_S - 1,
      nextDeadlineS: DAY_S - MAX_SHELF_S + 1,
    });
    bench.clock.advance(1);
    expect(await standing(bench)).toMatchObject({ shelf: [], waiting: 1 });
  });

  it("[A5] is stale after 24 h, the longest first, and gone once it is decided", async () => {
    const bench = await ruled([LONG]);
    const first = await waiting(bench, "first");
    bench.clock.advance(10);
    await waiting(bench, "second");
    bench.clock.advance(STALE.afterS - 10);
    expect(await standing(bench)).toMatchObject({ stale: [], items: [{ id: first.request }, {}] });
    bench.clock.advance(1);
    expect(await standing(bench)).toMatchObject({
      stale: [{ kind: "request", id: first.request, about: "deploy_site" }],
    });
    await bench.engine.submit({ kind: "gate_deadline", request: first.request });
    expect((await standing(bench)).stale).toEqual([]);
  });

  it("[A11] [S12] what a drill asks stands open for nobody, and is not counted as unanswered", async () => {
    const bench = await ruled([LONG]);
    const { request } = await waiting(bench, "rehearsed");
    const began = nowS(bench);
    expect(await standing(bench)).toMatchObject({ waiting: 1 });
    // The mark of its start, as if it had been started with it.
    await bench.engine.read((state) => {
      must(state.workflows.get(bench.wid), "the workflow").drill = { script: "self-test", size: 1, again_days: 7 };
    });
    expect(await standing(bench)).toMatchObject({ items: [], waiting: 0 });
    bench.clock.advance(DAY_S);
    await bench.engine.submit({ kind: "gate_deadline", request });
    expect(await bench.engine.read((state) => answeredOf(state, began, nowS(bench) + 1))).toMatchObject({ settled: 0 });
  });

  it("[R7] requests say how long they waited for their answer, and which share had none", async () => {
    const bench = await ruled([LONG]);
    const began = nowS(bench);
    for (const [index, waitS] of [5, 10, 60].entries()) {
      const { request } = await waiting(bench, `answered ${index}`);
      bench.clock.advance(waitS);
      expect(codeOf(await bench.submit(await bench.decision(request, "reject")))).toBe("accepted");
    }
    const silent = await waiting(bench, "silent");
    await waiting(bench, "still waits");
    bench.clock.advance(DAY_S);
    await bench.engine.submit({ kind: "gate_deadline", request: silent.request });
    const answered = await bench.engine.read((state) => answeredOf(state, began, nowS(bench) + 1));
    expect(answered).toMatchObject({ settled: 4, p50S: 10, p95S: 60, expired: { n: 1, of: 4, rate: null } });
  });
});

describe("what is stop-class", () => {
  it.each([
    ["its rule pauses the agent", { ...LONG, action: "pause" as const }, "hitl_stop_class"],
    ["it is about an action", LONG, "accepted"],
  ])("[A3] [ACP-38] is neither shelved nor put off by anybody for themselves: %s", async (_why, rule, code) => {
    const bench = await ruled([rule]);
    const { request } = await waiting(bench, "deploy");
    expect(await shelve(bench, request)).toBe(code);
    expect((await standing(bench)).shelf).toHaveLength(code === "accepted" ? 1 : 0);
    // Where everybody who is asked puts it off, nobody is asked.
    expect(codeOf(await bench.submit(await handling(bench, aliceOf(bench), request, "defer")))).toBe(code);
    expect((await standing(bench)).deferred).toBe(code === "accepted" ? 1 : 0);
  });

  it("[A3] [ACP-38] an order to stop is no request, and no verb puts it away", async () => {
    const bench = await ruled([LONG]);
    const { request } = await waiting(bench, "deploy");
    const stop = await bench.submit(await bench.stop());
    expect(codeOf(stop)).toBe("accepted");
    const jti = await bench.engine.read((state) => [...state.overrides.keys()][0] ?? "");
    expect(await shelve(bench, request, { request: { jti, hash: "A".repeat(43) } })).toBe("hitl_unknown_request");
  });
});
