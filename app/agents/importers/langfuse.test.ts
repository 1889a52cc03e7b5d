import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { canonicalText } from "../../protocol/jcs/canonical.ts";
import { codeOf, fileOf, importText, runOf, taskOf, warned } from "./import.fixture.ts";
import { importRun } from "./import-run.ts";
import { summarizeRun } from "./summary.ts";

const folder = new URL("../../../e2e/fixtures/langfuse/", import.meta.url);
const bundled = new URL("../../../public/runs/", import.meta.url);
const expected = JSON.parse(readFileSync(new URL("expected-counts.json", folder), "utf8")) as Record<
  string,
  { observations: number; types: Record<string, number>; without_parent: number; parent_missing: number }
>;
const urlOf = (name: string): URL =>
  /^(beeai|pydantic)/.test(name) ? new URL(`${name}.gz`, bundled) : new URL(name, folder);
const recording = async (name: string) => runOf(await importRun([fileOf(readFileSync(urlOf(name)), name)]));

const observation = (id: string, more: object = {}) => ({
  id,
  traceId: "t",
  parentObservationId: null,
  type: "SPAN",
  name: id,
  startTime: "2025-08-01T10:00:00.000Z",
  endTime: "2025-08-01T10:00:01.500Z",
  ...more,
});
const trace = (observations: object[], more: object = {}): string =>
  JSON.stringify({ trace: { id: "t", name: "made", ...more }, observations });

describe("recorded Langfuse traces", () => {
  it.each(Object.keys(expected))("%s has the counts counted separately", async (name) => {
    const run = await recording(name);
    const { types, ...plain } = expected[name] ?? { types: {} };
    expect(run.counts).toMatchObject(plain);
    const counted = Object.entries(run.counts).filter(([key]) => key.startsWith("types."));
    expect(Object.fromEntries(counted)).toEqual(
      Object.fromEntries(Object.entries(types).map(([type, count]) => [`types.${type}`, count])),
    );
    expect(run).toMatchObject({ callers: "edges", observedOnly: true, schedule: "recorded" });
    expect(summarizeRun(run)).toMatchObject({ tasks: run.tasks.length, edges: run.tasks.length - 1, roots: 1 });
    expect(canonicalText(run).ok).toBe(true);
  });

  it("parents, times, agents, tokens and costs survive", async () => {
    const run = await recording("openai-agents-2025-09-30.trace.json");
    expect(run.agents.map((agent) => [agent.id, agent.kind])).toEqual([
      ["agent-workflow", "agent"],
      ["hello-world", "agent"],
    ]);
    expect(taskOf(run, "90d94774e8e3724d")).toMatchObject({
      caller: "d950b668796240b5",
      agent: "hello-world",
      action: "chat",
      startMs: 1039,
      durationMs: 1150,
      narrative: "What's the weather in Tokyo?",
      usage: { inputTokens: 85, outputTokens: 29, cost: { amount: "0.000402", currency: "USD" } },
    });
    expect(taskOf(run, "5b99c3e3411ed17b")).toMatchObject({ action: "get_weather", args: { city: "Tokyo" } });
  });

  it("JSON text inside JSON is opened, and what has no place is kept", async () => {
    const run = await recording("koog-2025-08-26.trace.json");
    expect(taskOf(run, "33188493784a060d")).toMatchObject({ action: "bye_tool", args: { name: "Bob" } });
    expect(taskOf(run, "33188493784a060d").attributes).toMatchObject({
      metadata: { attributes: { "gen_ai.tool.call.id": expect.any(String) } },
    });
    expect(taskOf(run, "e44e72cf2d221781").narrative).toMatch(/^Greet and say goodbye/);
  });

  it("tokens that an agent repeats for its model calls are counted once", async () => {
    const run = await recording("pydantic-ai-tools-2025-12-04.trace.json");
    expect(run.counts).toMatchObject({ input_tokens: 1315, output_tokens: 209 });
    expect(run.warnings).toContainEqual(expect.objectContaining({ code: "usage_summed", count: 3 }));
    expect(taskOf(run, "5b5c52d029f28206").attributes["usage of callees"]).toMatchObject({ inputTokens: 682 });
    expect(taskOf(run, "eb0cc14cf7943ad5").usage?.cost).toEqual({ amount: "0.000061049999", currency: "USD" });
  });

  it("a trace of a single observation is a run", async () => {
    const run = await recording("google-gemini-2025-08-01.trace.json");
    expect(run.tasks).toHaveLength(1);
    expect(run.tasks[0]).toMatchObject({
      narrative: "What is Langfuse?",
      usage: { inputTokens: 6, outputTokens: 2055 },
    });
  });
});

describe("what the recorded traces do not have", () => {
  it("costs as text, failures, missing ends and missing parents are read", async () => {
    const run = runOf(
      await importText(
        trace([
          observation("a", { level: "ERROR", statusMessage: "quota" }),
          observation("b", { parentObservationId: "a", endTime: null }),
          observation("c", { parentObservationId: "gone", costDetails: { total: "1.5e-05" }, totalCost: "9" }),
          observation("e", { parentObservationId: "", type: "EVENT", endTime: null }),
          observation("d", { parentObservationId: "a", input: JSON.stringify(JSON.stringify({ prompt: "twice" })) }),
        ]),
      ),
    );
    expect(taskOf(run, "a")).toMatchObject({ outcome: "failure", error: "quota", durationMs: 1500 });
    expect(taskOf(run, "b")).toMatchObject({ outcome: "unfinished", caller: "a" });
    expect(taskOf(run, "c")).toMatchObject({ caller: null, usage: { cost: { amount: "0.000015", currency: "USD" } } });
    expect(taskOf(run, "d").narrative).toBe("twice");
    expect(taskOf(run, "e")).toMatchObject({ outcome: "success", durationMs: 0, caller: null });
    expect(warned(run)).toEqual(expect.arrayContaining(["parent_missing", "unfinished"]));
    expect(run.counts).toMatchObject({ without_parent: 2, parent_missing: 1 });
  });

  it("[XDA-53] tokens from a cache stand beside the others, and are added to them", async () => {
    const usageDetails = { input: 12, output: 3, total: 23 };
    const run = runOf(
      await importText(
        trace([
          observation("a", { usageDetails: { ...usageDetails, input_cached_tokens: 8 } }),
          observation("b", { usageDetails: { ...usageDetails, cache_read_input_tokens: "8" } }),
          observation("c", { usageDetails }),
          // What an instrumentation tells of all its input tokens is no part of those that Langfuse left.
          observation("d", {
            usageDetails,
            metadata: {
              attributes: { "gen_ai.usage.input_tokens": 20, "gen_ai.usage.cache_read.input_tokens": 8 },
            },
          }),
        ]),
      ),
    );
    for (const id of ["a", "b"])
      expect(taskOf(run, id).usage).toMatchObject({ inputTokens: 20, outputTokens: 3, cachedTokens: 8 });
    for (const id of ["c", "d"])
      expect(taskOf(run, id).usage).toEqual({ inputTokens: 12, outputTokens: 3, cost: null });
  });

  it("the public API's trace, a list of observations and hostile names are read as data", async () => {
    const hostile = observation("__proto__", { name: "\u202Eevil<b>", metadata: { ["__proto__"]: 1 } });
    for (const document of [{ id: "t", name: "n", observations: [hostile] }, [hostile]]) {
      const run = runOf(await importText(JSON.stringify(document)));
      expect(run.tasks[0]).toMatchObject({ id: "__proto__", name: "\u202Eevil<b>", action: "evil_b" });
    }
  });

  it.each([
    ["a time that is none", trace([observation("a", { startTime: "yesterday" })]), "$.observations.0.startTime"],
    ["an observation without id", trace([{ type: "SPAN", startTime: "" }]), "$.observations.0.id"],
    ["an id given twice", trace([observation("a"), observation("a")]), "$.observations.1.id"],
    ["no observation", trace([]), "$"],
  ])("%s is refused with its place", async (_what, text, place) => {
    expect(await importText(text)).toMatchObject({ ok: false, error: { code: "import_malformed", place } });
  });

  it("a circle of parents and too many observations are refused", async () => {
    const circle = [observation("a", { parentObservationId: "b" }), observation("b", { parentObservationId: "a" })];
    expect(codeOf(await importText(trace(circle)))).toBe("import_cycle");
    const many = [observation("a"), observation("b"), observation("c")];
    expect(codeOf(await importText(trace(many), { maxTasks: 2 }))).toBe("import_too_many_tasks");
  });
});
