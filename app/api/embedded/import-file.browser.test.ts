import { describe, expect, it } from "vitest";
import type { RecordedRun } from "../../protocol/run/recorded-run.ts";
import { BUNDLED_RUNS, importBundledRun } from "./bundled-runs.ts";
import { type ImportProgress, importFile } from "./import-file.ts";

const wfformat = (tasks: number): string => {
  const items = Array.from({ length: tasks }, (_, index) => ({
    id: `t${index}`,
    name: `step_${index}`,
    parents: index === 0 ? [] : ["t0"],
  }));
  const execution = {
    makespanInSeconds: 1,
    tasks: items.map(({ id }) => ({ id, runtimeInSeconds: 1, note: "x".repeat(300) })),
  };
  return JSON.stringify({
    name: "made",
    schemaVersion: "1.5",
    workflow: { specification: { tasks: items }, execution },
  });
};
const file = (content: BlobPart, name = "run.json"): File => new File([content], name);
const gzip = (text: string): Promise<ArrayBuffer> =>
  new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer();

describe("importing a file in a worker of its own", () => {
  it("gives the run and tells the progress up to the last byte", async () => {
    const progress: ImportProgress[] = [];
    const given = file(wfformat(2000));
    const run = await importFile([given], { onProgress: (step) => progress.push(step) });
    expect(run.ok && run.value.tasks).toHaveLength(2000);
    expect(progress.length).toBeGreaterThan(1);
    expect(progress.at(-1)).toEqual({ bytes: given.size, totalBytes: given.size });
    expect(progress.every((step, index) => step.bytes >= (progress[index - 1]?.bytes ?? 0))).toBe(true);
  });

  it("unpacks gzip by its first bytes, and refuses what is cut off", async () => {
    const packed = await gzip(wfformat(500));
    const run = await importFile([file(packed, "run.txt")]);
    expect(run.ok && run.value.tasks).toHaveLength(500);
    const cut = await importFile([file(packed.slice(0, packed.byteLength / 2), "run.gz")]);
    expect(cut).toMatchObject({
      ok: false,
      error: { code: "import_malformed", file: "run.gz", expected: "a whole gzip file" },
    });
  });

  it("names the file, the place and what was expected", async () => {
    const result = await importFile([file('{"workflow": {"spec', "cut.json")]);
    expect(result).toMatchObject({
      ok: false,
      error: { code: "import_malformed", file: "cut.json", place: "line 1, column 20", expected: "one JSON document" },
    });
    expect(await importFile([])).toMatchObject({ ok: false, error: { code: "import_empty" } });
    expect(await importFile([file("")])).toMatchObject({ ok: false, error: { code: "import_empty" } });
  });

  it("ends at once when it is cancelled, before it starts or while it reads", async () => {
    expect(await importFile([file("{}")], { signal: AbortSignal.abort() })).toMatchObject({
      ok: false,
      error: { code: "import_cancelled" },
    });
    const cancel = new AbortController();
    const seen: number[] = [];
    const result = await importFile([file(wfformat(15_000))], {
      signal: cancel.signal,
      onProgress: ({ bytes }) => {
        seen.push(bytes);
        cancel.abort();
      },
    });
    expect(result).toMatchObject({ ok: false, error: { code: "import_cancelled" } });
    expect(seen).toHaveLength(1);
  });

  it("takes the parts of a rolled log", async () => {
    const event = (name: string, members: object): string =>
      `${JSON.stringify({ Event: `SparkListener${name}`, ...members })}\n`;
    const start = event("ApplicationStart", { "App Name": "made", "App ID": "a", Timestamp: 1 });
    const stage = event("StageSubmitted", { "Stage Info": { "Stage ID": 0, "Submission Time": 2 } });
    const run = await importFile([file(stage, "events_2_a"), file(start, "events_1_a")]);
    expect(run).toMatchObject({ ok: true, value: { name: "made", tasks: [{ id: "stage-0.0" }] } });
  });
});

describe("the runs that come with the console", () => {
  it.each(BUNDLED_RUNS.map((bundled) => [bundled.title, bundled] as const))(
    "%s",
    { timeout: 60_000 },
    async (_title, bundled) => {
      const result = await importBundledRun(bundled);
      const run = (result.ok ? result.value : result.error) as RecordedRun;
      expect(run.source.origin).toEqual(bundled.source);
      expect(run.source.scenario).toBe(bundled.source === null ? true : undefined);
      expect([run.format, run.tasks.length]).toEqual([bundled.format, bundled.tasks]);
      if (bundled.source !== null) expect(["Apache-2.0", "MIT"]).toContain(bundled.source.licence);
      else expect(bundled.description).toContain("No such network, devices or customers exist.");
    },
  );

  it("one that is not there is said", async () => {
    const [first] = BUNDLED_RUNS;
    const result = first === undefined ? null : await importBundledRun({ ...first, url: "/runs/none.json" });
    expect(result).toMatchObject({ ok: false, error: { file: "none.json" } });
  });
});
