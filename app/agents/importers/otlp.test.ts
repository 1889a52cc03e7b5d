import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { canonicalText } from "../../protocol/jcs/canonical.ts";
import { codeOf, fileOf, importText, runOf, taskOf, warned } from "./import.fixture.ts";
import { importRun } from "./import-run.ts";
import { summarizeRun } from "./summary.ts";

const sample = (name: string): Buffer => readFileSync(new URL(`../../../e2e/fixtures/otlp/${name}`, import.meta.url));
const captured = new URL("../../../public/runs/openinference-vercel-spans.json.gz", import.meta.url);

type Members = Record<string, unknown>;
const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const int = (key: string, intValue: string | number) => ({ key, value: { intValue } });
const span = (spanId: string, parentSpanId: string, name: string, attributes: object[] = [], more: Members = {}) => ({
  traceId: "5b8efff798038103d269b633813fc60c",
  spanId,
  parentSpanId,
  name,
  startTimeUnixNano: "1544712660000000000",
  endTimeUnixNano: "1544712660500000000",
  attributes,
  ...more,
});
const message = (spans: readonly object[], service = "shop"): string =>
  JSON.stringify({
    resourceSpans: [
      { resource: { attributes: [text("service.name", service)] }, scopeSpans: [{ scope: { name: "lib" }, spans }] },
    ],
  });
const imported = async (...spans: readonly object[]) => runOf(await importText(message(spans)));

describe("published OTLP messages", () => {
  it("the official trace sample keeps its ids, times and attributes", async () => {
    const run = runOf(await importRun([fileOf(sample("trace.json"), "trace.json")]));
    expect(run).toMatchObject({ format: "otlp", observedOnly: true, startedAtMs: 1_544_712_660_000, makespanMs: 1000 });
    expect(run.agents).toEqual([{ id: "my-service", name: "my.service", kind: "service" }]);
    expect(run.tasks[0]).toMatchObject({
      id: "EEE19B7EC3C1B174",
      name: "I'm a server span",
      caller: null,
      durationMs: 1000,
    });
    expect(run.tasks[0]?.attributes).toMatchObject({
      "my.span.attr": "some value",
      span: {
        traceId: "5B8EFFF798038103D269B633813FC60C",
        kind: 2,
        startTimeUnixNano: "1544712660000000000",
        endTimeUnixNano: "1544712661000000000",
        scope: { name: "my.library", attributes: { "my.scope.attribute": "some scope attribute" } },
        resource: { "service.name": "my.service" },
      },
    });
    expect(warned(run)).toEqual(["parent_missing"]);
  });

  it("logs are no trace", async () => {
    expect(codeOf(await importRun([fileOf(sample("logs.json"), "logs.json")]))).toBe("import_unknown_format");
  });

  it("ten captured spans with gen_ai attributes are read as the SDK holds them", async () => {
    const run = runOf(await importRun([fileOf(readFileSync(captured), "spans.json.gz")]));
    expect(run.counts).toMatchObject({ spans: 10, traces: 10, without_parent: 10, parent_missing: 0, events: 2 });
    expect(taskOf(run, "39d6e9b3ddec9996")).toMatchObject({
      agent: "test-generate-text",
      action: "chat",
      startMs: 1,
      narrative: "Write a haiku about programming.",
      args: { model: "gpt-4o-mini", provider: "openai.responses" },
      usage: { inputTokens: 14, outputTokens: 20, cost: null },
    });
    expect(taskOf(run, "39d6e9b3ddec9996").durationMs).toBeCloseTo(1779.415667, 6);
    expect(taskOf(run, "53e12604843b0399")).toMatchObject({ action: "embeddings", usage: { inputTokens: 10 } });
    expect(taskOf(run, "39d6e9b3ddec9996").attributes).toMatchObject({ "ai.response.finishReason": "stop" });
    expect(canonicalText(run).ok).toBe(true);
  });
});

describe("OpenTelemetry GenAI and OpenInference attributes", () => {
  it("agents, tools, model calls and failures get their places; the rest stays attributes", async () => {
    const run = await imported(
      span("a1", "", "invoke_agent planner", [
        text("gen_ai.operation.name", "invoke_agent"),
        text("gen_ai.agent.name", "planner"),
        text("gen_ai.conversation.id", "c-1"),
      ]),
      span("b1", "a1", "chat gpt", [
        text("gen_ai.operation.name", "chat"),
        text("gen_ai.request.model", "gpt"),
        text(
          "gen_ai.input.messages",
          '[{"role":"system","content":"be kind"},{"role":"user","parts":[{"type":"text","content":"hi"}]}]',
        ),
        int("gen_ai.usage.input_tokens", "12"),
        int("gen_ai.usage.output_tokens", 3),
      ]),
      span("c1", "b1", "execute_tool getWeather", [
        text("gen_ai.operation.name", "execute_tool"),
        text("gen_ai.tool.name", "getWeather"),
        text("gen_ai.tool.call.arguments", '{"city":"Bern"}'),
        text("error.type", "timeout"),
      ]),
      span("d1", "a1", "search", [
        text("openinference.span.kind", "RETRIEVER"),
        text("retrieval.documents.0.document.id", "doc-7"),
      ]),
    );
    expect(run.agents).toEqual([{ id: "planner", name: "planner", kind: "agent" }]);
    expect(run.tasks.map((task) => [task.id, task.caller, task.action, task.outcome])).toEqual([
      ["a1", null, "invoke_agent", "success"],
      ["b1", "a1", "chat", "success"],
      ["c1", "b1", "get_weather", "failure"],
      ["d1", "a1", "search", "success"],
    ]);
    expect(taskOf(run, "b1")).toMatchObject({
      narrative: "hi",
      usage: { inputTokens: 12, outputTokens: 3, cost: null },
    });
    expect(taskOf(run, "c1")).toMatchObject({ args: { city: "Bern" }, error: "timeout" });
    expect(taskOf(run, "d1").inputs).toEqual(["doc-7"]);
    expect(taskOf(run, "a1").attributes).toMatchObject({ "gen_ai.conversation.id": "c-1" });
    expect(summarizeRun(run)).toMatchObject({ edges: 3, roots: 1, leaves: 2, levels: 3, failed: 1 });
  });

  it.each([
    ["OpenTelemetry", "gen_ai.usage.input_tokens", "gen_ai.usage.cache_read.input_tokens"],
    ["OpenInference", "llm.token_count.prompt", "llm.token_count.prompt_details.cache_read"],
    ["the AI SDK", "ai.usage.inputTokens", "ai.usage.cachedInputTokens"],
  ])("[XDA-53] tokens from a cache are read as %s tells them, as a part of all", async (_whose, all, cached) => {
    const run = await imported(
      span("a1", "", "chat", [text("gen_ai.operation.name", "chat"), int(all, 12), int(cached, 8)]),
      span("b1", "", "chat", [text("gen_ai.operation.name", "chat"), int(all, 12)]),
    );
    expect(taskOf(run, "a1").usage).toMatchObject({ inputTokens: 12, cachedTokens: 8 });
    expect(taskOf(run, "b1").usage).not.toHaveProperty("cachedTokens");
  });

  it("OpenInference messages spread over attributes and prompts in events are read", async () => {
    const event = { name: "gen_ai.user.message", attributes: [text("content", "from an event")] };
    const run = await imported(
      span("a1", "", "LLM", [
        text("openinference.span.kind", "LLM"),
        text("llm.input_messages.1.message.role", "user"),
        text("llm.input_messages.1.message.content", "second"),
        text("llm.input_messages.0.message.role", "user"),
        text("llm.input_messages.0.message.content", "first"),
        int("llm.token_count.prompt", "7"),
        { key: "llm.cost.total", value: { doubleValue: 0.25 } },
      ]),
      span("b1", "", "chat", [text("gen_ai.operation.name", "chat")], { events: [event] }),
    );
    expect(taskOf(run, "a1")).toMatchObject({
      narrative: "second",
      usage: { inputTokens: 7, outputTokens: null, cost: { amount: "0.25", currency: "USD" } },
    });
    expect(taskOf(run, "b1").narrative).toBe("from an event");
  });

  it("a link to a span that ended before is a join, marked inferred; other links stay attributes", async () => {
    const later = { startTimeUnixNano: "1544712661000000000", endTimeUnixNano: "1544712662000000000" };
    const run = await imported(
      span("a1", "", "map"),
      span("b1", "", "reduce", [], { ...later, links: [{ spanId: "a1" }, { spanId: "c1" }] }),
      span("c1", "", "other", [], later),
    );
    expect(taskOf(run, "b1").parents).toEqual([{ id: "a1", inferred: true }]);
    expect(taskOf(run, "b1").attributes).toMatchObject({ span: { links: [{ spanId: "a1" }, { spanId: "c1" }] } });
  });

  it("typed values are plain values: integers a number cannot hold stay text", async () => {
    const list = { arrayValue: { values: [{ stringValue: "a" }, { boolValue: false }] } };
    const map = { kvlistValue: { values: [int("n", "5")] } };
    const run = await imported(
      span("a1", "", "x", [
        int("big", "9223372036854775807"),
        { key: "list", value: list },
        { key: "map", value: map },
      ]),
    );
    expect(taskOf(run, "a1").attributes).toMatchObject({
      big: "9223372036854775807",
      list: ["a", false],
      map: { n: 5 },
    });
  });

  it("nanoseconds survive: a span of 333 ns takes 0.000333 ms", async () => {
    const run = await imported(
      span("a1", "", "x"),
      span("b1", "", "y", [], { startTimeUnixNano: "1544712660000000001", endTimeUnixNano: "1544712660000000334" }),
    );
    expect(taskOf(run, "b1")).toMatchObject({ startMs: 0.000001, durationMs: 0.000333 });
  });
});

describe("messages, lines and parts", () => {
  it("one message a line is one run; logs between them are left out and said, ids match in any case", async () => {
    const lines = [
      message([span("AA11", "", "root")]),
      '{"resourceLogs":[]}',
      message([span("bb22", "aa11", "child")]),
    ];
    const run = runOf(await importText(`${lines.join("\n")}\n`));
    expect(taskOf(run, "bb22").caller).toBe("AA11");
    expect(warned(run)).toEqual(["messages_left_out"]);
  });

  it("a span exported twice is kept once; equal span ids of two traces stay apart", async () => {
    const other = { traceId: "00000000000000000000000000000001" };
    const run = await imported(
      span("a1", "", "x"),
      span("a1", "", "x"),
      span("b1", "", "y"),
      span("b1", "", "z", [], other),
    );
    expect(run.tasks.map((task) => task.id)).toEqual([
      "a1",
      "5b8efff798038103d269b633813fc60c.b1",
      "00000000000000000000000000000001.b1",
    ]);
    expect(warned(run)).toEqual(["span_repeated"]);
  });

  it("Tempo's names, text enums and numbers as times are read", async () => {
    const item = span("a1", "0000000000000000", "x", [], {
      kind: "SPAN_KIND_SERVER",
      startTimeUnixNano: 1_777_555_053_780_274_700,
      endTimeUnixNano: 0,
      status: { code: "STATUS_CODE_ERROR" },
      events: [{ name: "exception", attributes: [text("exception.type", "E"), text("exception.message", "no")] }],
    });
    const document = { batches: [{ instrumentationLibrarySpans: [{ spans: [item] }] }] };
    const run = runOf(await importText(JSON.stringify(document)));
    expect(run.tasks[0]).toMatchObject({ outcome: "failure", error: "E: no", caller: null, durationMs: 0 });
    expect(warned(run)).toEqual(["unfinished"]);
  });

  it.each([
    ["no span id", message([{ ...span("a1", "", "x"), spanId: 5 }]), "$.resourceSpans.0.scopeSpans.0.spans.0.spanId"],
    [
      "a time that is none",
      message([span("a1", "", "x", [], { endTimeUnixNano: "soon" })]),
      "$.resourceSpans.0.scopeSpans.0.spans.0.endTimeUnixNano",
    ],
    ["a line that is no message", `${message([span("a1", "", "x")])}\n{"a":1}`, "line 2"],
    ["a message without spans", message([]), "$"],
  ])("%s is refused with its place", async (_what, content, place) => {
    expect(await importText(content)).toMatchObject({ ok: false, error: { code: "import_malformed", place } });
  });

  it("circles and too many spans are refused", async () => {
    expect(codeOf(await importText(message([span("a1", "b1", "x"), span("b1", "a1", "y")])))).toBe("import_cycle");
    const many = message([span("a1", "", "x"), span("b1", "", "y")]);
    expect(codeOf(await importText(many, { maxTasks: 1 }))).toBe("import_too_many_tasks");
  });
});
