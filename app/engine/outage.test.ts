import { describe, expect, it } from "vitest";
import { err, ok } from "../base/result.ts";
import { type Bench, startedWorkflow } from "./engine.fixture.ts";
import { StateUncertain } from "./engine.ts";
import { patientEngine, untilStored } from "./patient-engine.ts";
import type { AppendError, Unavailable } from "./ports.ts";

const FULL: Unavailable = { code: "storage_full", retry: true, detail: "no room" };
const statusOf = (bench: Bench, task: string) =>
  bench.engine.read((state) => state.workflows.get(bench.wid)?.tasks.get(task)?.status);

/** Makes the next appends answer so; `stores` says whether the frame is written all the same. */
function failAppends(bench: Bench, times: number, error: AppendError, stores = false): void {
  const { log } = bench.storage;
  const append = log.append;
  let left = times;
  log.append = async (domain, size, frame) => {
    if (left === 0) return append(domain, size, frame);
    left -= 1;
    if (stores) await append(domain, size, frame);
    return err(error);
  };
}

describe("an engine whose storage fails", () => {
  it("shows nothing that is not durable, and goes on when there is room again", async () => {
    const bench = await startedWorkflow();
    const task = bench.task("build");
    const intent = await bench.intent(task, "build_site");
    failAppends(bench, 1, FULL);
    expect(await bench.submit(intent)).toEqual(err(FULL));
    expect(await statusOf(bench, task)).toBeUndefined();
    expect((await bench.submit(intent)).ok).toBe(true);
    expect(await statusOf(bench, task)).toBe("running");
  });

  it("tells a submitter and the listeners yes when an unknown outcome did commit", async () => {
    const bench = await startedWorkflow();
    const task = bench.task("build");
    const heard: string[] = [];
    bench.engine.onAppend((logged) => heard.push(...logged.map(({ fact }) => fact.typ)));
    failAppends(bench, 1, { code: "unknown", detail: "time-out" }, true);
    const answer = await bench.submit(await bench.intent(task, "build_site"));
    expect(answer.ok).toBe(true);
    expect(heard).toEqual(["intent+jwt", "record+jwt"]);
    expect(await statusOf(bench, task)).toBe("running");
  });

  it("says no when an unknown outcome did not commit", async () => {
    const bench = await startedWorkflow();
    const task = bench.task("build");
    failAppends(bench, 1, { code: "unknown", detail: "time-out" });
    expect((await bench.submit(await bench.intent(task, "build_site"))).ok).toBe(false);
    expect(await statusOf(bench, task)).toBeUndefined();
  });

  it("answers no reader while the log cannot be read again, and recovers when it can", async () => {
    const bench = await startedWorkflow();
    const task = bench.task("build");
    const { log } = bench.storage;
    const head = log.head;
    log.head = async () => err({ code: "storage_failed", retry: true, detail: "closed" });
    failAppends(bench, 1, FULL);
    expect((await bench.submit(await bench.intent(task, "build_site"))).ok).toBe(false);
    await expect(statusOf(bench, task)).rejects.toThrow(StateUncertain);
    log.head = head;
    expect(await statusOf(bench, task)).toBeUndefined();
    expect((await bench.submit(await bench.intent(task, "build_site"))).ok).toBe(true);
  });

  it("rejects only the command whose decision fails; the others of its batch are decided", async () => {
    const bench = await startedWorkflow();
    const good = await bench.intent(bench.task("good"), "build_site");
    const bad = await bench.intent(bench.task("bad"), "build_site");
    const [first, second] = [await bench.engine.receive(good), await bench.engine.receive(bad)];
    if (!first.ok || !second.ok) throw new Error("both verify");
    // A fact that no decision makes: a fold that throws.
    const broken = { ...second.value.fact, claims: null } as never;
    const answers = await Promise.allSettled([
      bench.engine.submit({ kind: "token", ...first.value }),
      bench.engine.submit({ kind: "token", verified: second.value.verified, fact: broken }),
      bench.engine.submit({ kind: "token", ...second.value }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(await statusOf(bench, bench.task("good"))).toBe("running");
    expect(await statusOf(bench, bench.task("bad"))).toBe("running");
  });

  it("[COM-11] rejects the command that would have it sign what nobody can read back, and goes on", async () => {
    const bench = await startedWorkflow();
    const task = bench.task("build");
    await bench.submit(await bench.intent(task, "build_site"));
    await bench.engine.submit({ kind: "effect", wid: bench.wid, task, latch: null });
    const good = await bench.engine.receive(await bench.intent(bench.task("good"), "build_site"));
    if (!good.ok) throw new Error("it verifies");
    const withheld = (code: string) => bench.engine.submit({ kind: "effect_withheld", wid: bench.wid, task, code });
    const answers = await Promise.allSettled([
      withheld("x".repeat(20_000)),
      bench.engine.submit({ kind: "token", ...good.value }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
    expect([await statusOf(bench, task), await statusOf(bench, bench.task("good"))]).toEqual(["effect", "running"]);
    expect((await bench.reopen()).fault()).toBeNull();
    expect((await withheld("override_active")).ok).toBe(true);
  });
});

describe("a patient engine", () => {
  const immediately = { nowMs: () => 0, monotonicMs: () => 0 };

  it("asks again until storage takes it, waiting longer each time, and hands on every other answer", async () => {
    const waits: number[] = [];
    const clock = {
      ...immediately,
      after: (ms: number, run: () => void) => {
        waits.push(ms);
        run();
        return () => undefined;
      },
    };
    let left = 7;
    const answer = await untilStored({ clock, over: () => false }, async () => {
      left -= 1;
      return left > 0 ? err(FULL) : ok("stored");
    });
    expect(answer).toEqual(ok("stored"));
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 5000]);
    const damaged: Unavailable = { code: "storage_failed", retry: false, detail: "damaged" };
    expect(await untilStored({ clock, over: () => false }, async () => err(damaged))).toEqual(err(damaged));
    expect(await untilStored({ clock, over: () => true }, async () => err(FULL))).toEqual(err(FULL));
  });

  it("[ACP-10] loses no deadline to a storage that is full for a moment", async () => {
    const bench = await startedWorkflow();
    const task = bench.task("deploy");
    await bench.submit(await bench.intent(task, "deploy_site"));
    await bench.submit(await bench.request(task, "deploy_site"));
    const request = await bench.engine.read((state) => state.workflows.get(bench.wid)?.tasks.get(task)?.request ?? "");
    const approval = await bench.decision(request, "approve");
    bench.clock.advance(61);
    failAppends(bench, 2, FULL);
    const clock = {
      ...bench.clock,
      after: (_ms: number, run: () => void) => {
        run();
        return () => undefined;
      },
    };
    const patient = patientEngine(bench.engine, { clock, over: () => false });
    expect((await patient.submit({ kind: "gate_deadline", request })).ok).toBe(true);
    expect(await bench.submit(approval)).toMatchObject({ ok: false, error: { code: "hitl_not_pending" } });
  });

  it("[ACP-10] takes no approval after the deadline, though its record is not there yet", async () => {
    const bench = await startedWorkflow();
    const task = bench.task("deploy");
    await bench.submit(await bench.intent(task, "deploy_site"));
    await bench.submit(await bench.request(task, "deploy_site"));
    const request = await bench.engine.read((state) => state.workflows.get(bench.wid)?.tasks.get(task)?.request ?? "");
    bench.clock.advance(61);
    const late = await bench.submit(await bench.decision(request, "approve"));
    expect(late).toMatchObject({ ok: false, error: { code: "hitl_not_pending" } });
    expect(await statusOf(bench, task)).toBe("waiting");
  });
});
