import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { type Bench, digestOf, ids, startedWorkflow } from "../../engine/engine.fixture.ts";
import type { LedgerEntry, LogExport } from "../../protocol/audit/claims.ts";
import type { RecordedRun } from "../../protocol/run/recorded-run.ts";
import { codeOf, importText, runOf, taskOf, warned } from "./import.fixture.ts";
import { summarizeRun } from "./summary.ts";

async function work(bench: Bench, name: string, pred: readonly string[], seconds: number): Promise<string> {
  const task = bench.task(name);
  await bench.submit(await bench.intent(task, "build_site", pred));
  await bench.engine.submit({ kind: "effect", wid: bench.wid, task, latch: null });
  bench.clock.advance(seconds);
  const stated = await bench.submit(await bench.ect(task, "build_site", pred));
  must(stated.ok ? stated : null, JSON.stringify(stated));
  return task;
}

async function exported(bench: Bench, objects: Readonly<Record<string, unknown>> = {}): Promise<LogExport> {
  const entries: LedgerEntry[] = [];
  for await (const chunk of bench.storage.log.read(ids.domain, 0, 1000)) entries.push(...chunk);
  const root = "A".repeat(43);
  const counts = { from: 0, entries: entries.length, heads: 0, keys: 0, objects: Object.keys(objects).length };
  const manifest = {
    log_id: ids.logId,
    domain: ids.domain,
    exported_at: 1,
    ...counts,
    root,
    tree_size: entries.length,
  };
  return { signalbox_log: 1, manifest, keys: [], heads: [], entries, objects: objects as LogExport["objects"] };
}

const recorded = async (first: string): Promise<RecordedRun> => {
  const tasks = [
    { id: first, name: "Build the site", parents: [] },
    { id: "test", name: "Test it", parents: [first] },
  ];
  const execution = { makespanInSeconds: 1, tasks: [] };
  const workflow = { specification: { tasks }, execution };
  return runOf(await importText(JSON.stringify({ name: "site", schemaVersion: "1.5", workflow })));
};

describe("our own log export", () => {
  it("[XA-19] a run is rebuilt from its ECTs: predecessors, agents, times", async () => {
    const bench = await startedWorkflow();
    const first = await work(bench, "build", [], 5);
    const second = await work(bench, "test", [first], 7);
    const run = runOf(await importText(JSON.stringify(await exported(bench))));
    expect(run).toMatchObject({ format: "signalbox-log", observedOnly: true, makespanMs: 12_000, name: ids.domain });
    expect(taskOf(run, second)).toMatchObject({
      parents: [{ id: first, inferred: false }],
      agent: "deployer",
      action: "build_site",
      startMs: 5000,
      durationMs: 7000,
    });
    expect(run.agents).toEqual([{ id: "deployer", name: "deployer", kind: "agent" }]);
    expect(run.counts).toMatchObject({ ects: 3, run_starts: 1, workflows: 1, joins: 0, "tokens.intent+jwt": 2 });
    expect(warned(run)).toEqual(["run_not_included", "not_verified"]);
    expect(summarizeRun(run)).toMatchObject({ tasks: 2, edges: 1, roots: 1, leaves: 1, levels: 2, failed: 0 });
  });

  it("a recorded run among its objects gives the tasks their names", async () => {
    const bench = await startedWorkflow();
    const first = await work(bench, "build", [], 1);
    const run = runOf(
      await importText(JSON.stringify(await exported(bench, { [digestOf("run")]: await recorded("build") }))),
    );
    expect(run.name).toBe("site");
    expect(taskOf(run, first)).toMatchObject({ name: "Build the site", attributes: { recorded_id: "build" } });
    expect(warned(run)).toEqual(["not_verified"]);
  });

  it("predecessors beyond the export are left out and said", async () => {
    const bench = await startedWorkflow();
    const first = await work(bench, "build", [], 1);
    const second = await work(bench, "test", [first], 1);
    const log = await exported(bench);
    const cut = { ...log, entries: log.entries.slice(-4) };
    const run = runOf(await importText(JSON.stringify(cut)));
    expect(run.tasks.map((task) => [task.id, task.parents.length])).toEqual([[second, 0]]);
    expect(run.warnings).toContainEqual(
      expect.objectContaining({ code: "parent_unknown", where: `${second} -> ${first}` }),
    );
  });

  it("an export without ECTs, with a damaged token or of another shape is refused with its place", async () => {
    const log = await exported(await startedWorkflow());
    const place = async (document: unknown) => {
      const result = await importText(JSON.stringify(document));
      return [codeOf(result), result.ok ? "" : result.error.place];
    };
    const [first] = log.entries;
    expect(await place(log)).toEqual(["import_malformed", "$.entries"]);
    expect(await place({ ...log, entries: [{ ...first, token: "a.b" }] })).toEqual([
      "import_malformed",
      "$.entries.0.token",
    ]);
    expect(await place({ ...log, entries: [{ ...first, seq: -1 }] })).toEqual(["import_malformed", "$.entries.0.seq"]);
    expect(await place({ signalbox_log: 2 })).toEqual(["import_malformed", "$.signalbox_log"]);
  });
});
