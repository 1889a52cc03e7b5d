import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DomainSetup } from "../../protocol/cascade/domain-setup.ts";
import { agent, CascadeWorld, codeOf, START_S, taskId, WID } from "./cascade-world.fixture.ts";

type Bulkhead = NonNullable<DomainSetup["bulkhead"]>;

function world(change: Partial<Bulkhead> = {}): CascadeWorld {
  const bulkhead = { max_concurrency: 2, on_breach: "queue" as const, queue_max: 2, queue_timeout_ms: 60_000 };
  return new CascadeWorld(["a", "b", "free"], (policy) => ({
    ...policy,
    failure_domains: [{ domain_id: "ab", members: ["a", "b"].map(agent), bulkhead: { ...bulkhead, ...change } }],
  }));
}

const statusOf = (of: CascadeWorld, name: string) => of.state.workflows.get(WID)?.tasks.get(taskId(name))?.status;
const kinds = (of: CascadeWorld): string[] =>
  of.log.flatMap(({ fact }) => (fact.typ === "record+jwt" ? [fact.claims.kind] : []));
const running = (of: CascadeWorld): number => of.domain("ab").running.size;

describe("the bulkhead of a failure domain", () => {
  it("[CAS-6] lets so many tasks of its agents run at once, lets so many wait, and refuses the rest", () => {
    const made = world();
    for (const [at, by] of ["a", "b", "a", "b", "a"].entries()) expect(codeOf(made.ask(by, `t${at}`))).toBe("accepted");
    expect(["t0", "t1", "t2", "t3", "t4"].map((name) => statusOf(made, name))).toEqual([
      "running",
      "running",
      "asked",
      "asked",
      "refused",
    ]);
    expect(made.state.workflows.get(WID)?.tasks.get(taskId("t4"))?.code).toBe("bulkhead_full");
    expect(codeOf(made.ask("free", "other"))).toBe("accepted");
    expect(statusOf(made, "other")).toBe("running");
    expect(made.refolded()).toEqual(made.state);
  });

  it("[CAS-6] lets in who has waited longest, in the frame in which a task ends, however it ends", () => {
    const made = world();
    for (const name of ["t0", "t1", "t2", "t3"]) made.ask("a", name);
    made.end("t0", "failure");
    expect([statusOf(made, "t2"), statusOf(made, "t3")]).toEqual(["running", "asked"]);
    expect(kinds(made).at(-1)).toBe("permitted");
    made.submit({ kind: "effect", wid: WID, task: taskId("t1"), latch: taskId("latch") });
    expect(statusOf(made, "t3")).toBe("running");
    expect(running(made)).toBe(2);
    expect(codeOf(made.ask("b", "t2"))).toBe("acp_subject_mismatch");
    expect(made.refolded()).toEqual(made.state);
  });

  it("[CAS-6] refuses who has waited too long, by the host's timer", () => {
    const made = world();
    for (const name of ["t0", "t1", "t2"]) made.ask("a", name);
    made.pass(59).timers();
    expect(statusOf(made, "t2")).toBe("asked");
    expect(made.domain("ab").queue).toEqual([{ task: taskId("t2"), untilMs: (START_S + 60) * 1000 }]);
    made.pass(1).timers();
    expect(statusOf(made, "t2")).toBe("refused");
    expect(made.state.workflows.get(WID)?.tasks.get(taskId("t2"))?.code).toBe("bulkhead_timeout");
    made.end("t0");
    expect(made.domain("ab").queue).toEqual([]);
    expect(made.refolded()).toEqual(made.state);
  });

  it("[CAS-6] sheds at once, or is isolated, where nobody may wait", () => {
    const shed = world({ on_breach: "shed" });
    for (const name of ["t0", "t1", "t2"]) shed.ask("a", name);
    expect([statusOf(shed, "t2"), shed.domain("ab").health.state]).toEqual(["refused", "normal"]);
    const isolating = world({ on_breach: "isolate" });
    for (const name of ["t0", "t1", "t2"]) isolating.ask("a", name);
    expect(statusOf(isolating, "t2")).toBe("refused");
    expect(isolating.domain("ab")).toMatchObject({ health: { state: "isolated" }, reason: "bulkhead" });
  });

  it("[CAS-7] refuses retries beyond a share of the first calls of the last minute, whatever room there is", () => {
    const made = world({ max_concurrency: 100, budget: { retries_ratio: 0.2 } });
    for (let at = 0; at < 9; at += 1) made.ask("a", `t${at}`);
    made.ask("b", "again-0", "build_site", [], 1);
    made.ask("b", "again-1", "build_site", [], 1);
    expect([statusOf(made, "again-0"), statusOf(made, "again-1")]).toEqual(["running", "refused"]);
    expect(made.state.workflows.get(WID)?.tasks.get(taskId("again-1"))?.code).toBe("retry_budget_spent");
    made.ask("a", "t9");
    made.ask("b", "again-2", "build_site", [], 2);
    expect(statusOf(made, "again-2")).toBe("running");
    made.pass(70).ask("b", "again-3", "build_site", [], 1);
    expect(statusOf(made, "again-3")).toBe("refused");
    expect(made.refolded()).toEqual(made.state);
  });

  it("[CAS-7] counts no retries where no budget is set up", () => {
    const made = world({ max_concurrency: 100 });
    made.ask("a", "again", "build_site", [], 3);
    expect(statusOf(made, "again")).toBe("running");
  });

  it("[CAS-S8] [OVR-12] is passed by a stop, which ends what waits as well as what runs", () => {
    const made = world();
    for (const name of ["t0", "t1", "t2"]) made.ask("a", name);
    expect(codeOf(made.stop())).toBe("accepted");
    expect(["t0", "t1", "t2"].map((name) => statusOf(made, name))).toEqual(["stopped", "stopped", "stopped"]);
    expect([running(made), made.domain("ab").queue]).toEqual([0, []]);
    expect(kinds(made).filter((kind) => kind === "permitted")).toHaveLength(2);
  });

  it("[CAS-6] never has more running or waiting than it may, whatever is asked for and however it ends", () => {
    const move = fc.oneof(
      { weight: 3, arbitrary: fc.record({ do: fc.constant("ask" as const), by: fc.constantFrom("a", "b", "free") }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant("end" as const), which: fc.nat({ max: 9 }) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("pass" as const), seconds: fc.nat({ max: 40 }) }) },
    );
    fc.assert(
      fc.property(fc.array(move, { maxLength: 50 }), (moves) => {
        const made = world();
        const asked: string[] = [];
        for (const one of moves) {
          if (one.do === "ask") {
            asked.push(`t${asked.length}`);
            made.ask(one.by, asked.at(-1) ?? "");
          } else if (one.do === "pass") made.pass(one.seconds).timers();
          else {
            const open = asked.filter((name) => statusOf(made, name) === "running");
            const name = open[one.which % (open.length || 1)];
            if (name !== undefined) made.end(name);
          }
          const { queue } = made.domain("ab");
          expect(running(made)).toBeLessThanOrEqual(2);
          expect(queue.length).toBeLessThanOrEqual(2);
          // Nobody waits where there is room.
          if (queue.length > 0) expect(running(made)).toBe(2);
          const inside = asked.filter((name) => {
            const task = made.state.workflows.get(WID)?.tasks.get(taskId(name));
            return task?.status === "running" && task.agent !== agent("free");
          });
          expect(inside).toHaveLength(running(made));
        }
        expect(made.refolded()).toEqual(made.state);
      }),
      { numRuns: 60 },
    );
  });
});
