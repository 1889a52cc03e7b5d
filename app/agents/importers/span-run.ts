import type { JsonObject } from "../../base/json.ts";
import type { RecordedRun, RunTask } from "../../protocol/run/recorded-run.ts";
import { isObject, keptArgs, keptAttributes } from "./bounded-json.ts";
import { indexedMessages, promptText, unnested } from "./prompt-text.ts";
import { amountOf, countOf, type RunSpan, type SpanUsage } from "./run-span.ts";
import { kindOf, SpanAttributes, type SpanKind, spanAction, VOCABULARY_VERSION } from "./span-vocabulary.ts";
import { AgentTable, blankTask, cut, type Warnings } from "./text.ts";

export interface SpanRunMeta {
  readonly format: RecordedRun["format"];
  readonly formatVersion: string;
  /** A name of the whole; a root span's name is taken when there is none. */
  readonly name: string | null;
  readonly file: string;
  readonly counts: Readonly<Record<string, number>>;
}

/** One span with what its attributes were found to mean. */
interface Read {
  readonly span: RunSpan;
  readonly attributes: SpanAttributes;
  readonly kind: SpanKind;
  readonly task: RunTask;
}

/**
 * The run that spans tell: a span is a task, its parent the caller. Traces are evidence of reports, not of enforcement,
 * so that the run is observed only (attachments 4.7).
 */
export function spanRun(spans: ReadonlyMap<string, RunSpan>, meta: SpanRunMeta, warnings: Warnings): RecordedRun {
  const agents = new AgentTable();
  const ids = uniqueIds(spans);
  const originNs = earliest(spans);
  const agentOf = agentFinder(spans, agents, meta.name);
  const read = new Map<string, Read>();
  for (const [key, span] of spans) {
    const context = { id: ids.get(key) ?? span.id, agent: agentOf(span), originNs, spans, ids, warnings };
    read.set(key, readSpan(span, context));
  }
  const sums = spansThatSumUp(spans, read);
  const tasks = [...read.values()].map(({ task, span, attributes }) =>
    finished(task, span, attributes, sums.has(span.key), warnings),
  );
  const roots = [...spans.values()].filter((span) => span.parent === null || !spans.has(span.parent));
  return {
    version: 1,
    format: meta.format,
    formatVersion: cut(meta.formatVersion, 64),
    name: cut(meta.name || roots[0]?.name || "", 256) || cut(meta.file, 256) || "trace",
    source: { file: meta.file, origin: null },
    callers: "edges",
    schedule: "recorded",
    observedOnly: true,
    startedAtMs: originNs === null ? null : Number(originNs / 1_000_000n),
    makespanMs: originNs === null ? null : makespan(spans, originNs),
    agents: agents.list(),
    tasks,
    counts: { ...meta.counts, ...tokensOf(tasks), vocabulary_version: VOCABULARY_VERSION },
    warnings: warnings.list(),
  };
}

interface SpanContext {
  readonly id: string;
  readonly agent: string;
  readonly originNs: bigint | null;
  readonly spans: ReadonlyMap<string, RunSpan>;
  readonly ids: ReadonlyMap<string, string>;
  readonly warnings: Warnings;
}

function readSpan(span: RunSpan, context: SpanContext): Read {
  const { id, ids, warnings } = context;
  const attributes = new SpanAttributes(span.attributes);
  const operation = attributes.text("operation");
  const tool = attributes.text("tool");
  const told = kindOf(operation, attributes.text("kind"), ...span.kinds);
  const kind = told === "step" && tool !== null ? "tool" : told;
  attributes.take("agent");
  const errorType = attributes.text("errorType");
  const failure = span.failure ?? errorType;
  const isOpen = span.endNs === null && span.hasEnded !== true;
  if (isOpen) warnings.add("unfinished", "spans whose end was not recorded", id);
  if (span.parent !== null && !spansHas(context, span.parent))
    warnings.add("parent_missing", "spans whose parent is not in the recording start their own tree", id);
  const task: RunTask = {
    ...blankTask(id, span.name, context.agent, spanAction(kind, operation, tool, span.name)),
    parents: linkedParents(span, context),
    caller: span.parent === null ? null : (ids.get(span.parent) ?? null),
    ...timesOf(span, context),
    outcome: failure !== null ? "failure" : isOpen ? "unfinished" : "success",
    error: failure === null ? null : cut(failure, 2000),
    inputs: readsOf(attributes),
    args: keptArgs(argsOf(kind, tool, span, attributes), () =>
      warnings.add("arguments_cut", "arguments longer than 16,384 characters are cut", id),
    ),
    narrative: narrativeOf(kind, span, attributes),
    usage: usageOf(span, attributes),
  };
  return { span, attributes, kind, task };
}

const spansHas = (context: SpanContext, key: string): boolean => context.spans.has(key);

/** Span ids as recorded; the trace's id comes before those that two traces have. */
function uniqueIds(spans: ReadonlyMap<string, RunSpan>): Map<string, string> {
  const times = new Map<string, number>();
  for (const { id } of spans.values()) times.set(id, (times.get(id) ?? 0) + 1);
  return new Map(
    [...spans].map(([key, { id, traceId }]) => [key, cut(times.get(id) === 1 ? id : `${traceId}.${id}`, 256)]),
  );
}

/**
 * The agent of a span: the nearest one named on it or above it. A span that is an agent by its kind only names one when
 * nothing above it does, for frameworks mark every step of an agent as one. Without any, the service it ran in.
 */
function agentFinder(
  spans: ReadonlyMap<string, RunSpan>,
  agents: AgentTable,
  runName: string | null,
): (span: RunSpan) => string {
  const known = new Map<string, { readonly key: string; readonly kind: string } | null>();
  const own = (span: RunSpan, above: boolean): { key: string; kind: string } | null => {
    const attributes = new SpanAttributes(span.attributes);
    const named = attributes.text("agent");
    if (named !== null) return { key: named, kind: "agent" };
    const isAgent = kindOf(attributes.text("operation"), attributes.text("kind"), ...span.kinds) === "agent";
    if (!isAgent) return null;
    const node = span.attributes["graph.node.id"];
    if (typeof node === "string" && node !== "") return { key: node, kind: "agent" };
    return above || span.name === "" ? null : { key: span.name, kind: "agent" };
  };
  const find = (start: RunSpan): { key: string; kind: string } | null => {
    const path: RunSpan[] = [];
    const seen = new Set<string>();
    let span: RunSpan | undefined = start;
    while (span !== undefined && !known.has(span.key) && !seen.has(span.key)) {
      seen.add(span.key);
      path.push(span);
      span = span.parent === null ? undefined : spans.get(span.parent);
    }
    let found = span === undefined ? null : (known.get(span.key) ?? null);
    for (const step of path.reverse()) {
      found = own(step, found !== null) ?? found;
      known.set(step.key, found);
    }
    return found;
  };
  return (span) => {
    const found = find(span);
    if (found !== null) return agents.idOf(found.key, found.key, found.kind);
    const service = span.service ?? runName ?? "agent";
    return agents.idOf(service, service, "service");
  };
}

/** A link to a span that ended before this one began is a join; that it waited for it is inferred. */
function linkedParents(span: RunSpan, { spans, ids }: SpanContext): RunTask["parents"] {
  const parents = new Set<string>();
  for (const key of span.links) {
    const linked = spans.get(key);
    const id = ids.get(key);
    if (linked === undefined || id === undefined || linked.endNs === null || span.startNs === null) continue;
    if (linked.endNs <= span.startNs && key !== span.parent) parents.add(id);
  }
  return [...parents].map((id) => ({ id, inferred: true }));
}

function timesOf(span: RunSpan, { originNs, id, warnings }: SpanContext): Pick<RunTask, "startMs" | "durationMs"> {
  if (span.startNs === null || originNs === null) return { startMs: null, durationMs: 0 };
  const startMs = toMs(span.startNs - originNs);
  if (span.endNs === null) return { startMs, durationMs: 0 };
  if (span.endNs < span.startNs) warnings.add("times_reversed", "spans that end before they start take no time", id);
  return { startMs, durationMs: Math.max(0, toMs(span.endNs - span.startNs)) };
}

/** Nanoseconds as milliseconds; exact to the nanosecond for spans of less than a hundred days. */
const toMs = (ns: bigint): number => Number(ns) / 1e6;

function earliest(spans: ReadonlyMap<string, RunSpan>): bigint | null {
  let first: bigint | null = null;
  for (const { startNs } of spans.values())
    if (startNs !== null && (first === null || startNs < first)) first = startNs;
  return first;
}

function makespan(spans: ReadonlyMap<string, RunSpan>, originNs: bigint): number {
  let last = originNs;
  for (const { startNs, endNs } of spans.values()) {
    const end = endNs ?? startNs;
    if (end !== null && end > last) last = end;
  }
  return toMs(last - originNs);
}

function readsOf(attributes: SpanAttributes): string[] {
  const source = attributes.text("reads");
  const documents = Object.entries(attributes.all)
    .filter(([name, value]) => /^retrieval\.documents\.\d+\.document\.id$/.test(name) && typeof value === "string")
    .map(([, value]) => String(value));
  return [...(source === null ? [] : [source]), ...documents].slice(0, 1000).map((name) => cut(name, 1024));
}

function argsOf(kind: SpanKind, tool: string | null, span: RunSpan, attributes: SpanAttributes): JsonObject {
  if (kind === "tool") {
    const given = attributes.take("toolArgs");
    const value = unnested(given ?? span.input ?? attributes.take("prompt") ?? null);
    if (isObject(value)) return value;
    return value === null ? {} : { input: value };
  }
  const model = span.model ?? attributes.text("model");
  const provider = attributes.text("provider");
  const value = tool === null ? null : unnested(attributes.take("toolArgs") ?? null);
  return {
    ...(model === null || model === undefined ? {} : { model }),
    ...(provider === null ? {} : { provider }),
    ...(tool === null ? {} : { tool }),
    ...(value === null ? {} : { arguments: value }),
  };
}

function narrativeOf(kind: SpanKind, span: RunSpan, attributes: SpanAttributes): string | null {
  if (kind === "tool") return null;
  const text = promptText(span.input ?? attributes.take("prompt") ?? indexedMessages(span.attributes));
  return text === null ? null : cut(text, 8000);
}

function usageOf(span: RunSpan, attributes: SpanAttributes): RunTask["usage"] {
  const told: SpanUsage = {
    inputTokens: countOf(attributes.take("inputTokens")),
    outputTokens: countOf(attributes.take("outputTokens")),
    cachedTokens: countOf(attributes.take("cachedTokens")),
    cost: amountOf(attributes.take("cost")),
  };
  const inputTokens = span.usage?.inputTokens ?? told.inputTokens;
  const outputTokens = span.usage?.outputTokens ?? told.outputTokens;
  const cost = span.usage?.cost ?? told.cost;
  // They are a part of those input tokens, or of none: formats and attributes do not count them the same way.
  const cachedTokens = (span.usage?.inputTokens == null ? told : span.usage).cachedTokens;
  if (inputTokens === null && outputTokens === null && cost === null) return null;
  return {
    ...{ inputTokens, outputTokens, cost: cost === null ? null : { amount: cost, currency: "USD" } },
    ...(cachedTokens === null ? {} : { cachedTokens }),
  };
}

/** Spans that report what spans below them report as well: counted once, where it was spent. */
function spansThatSumUp(spans: ReadonlyMap<string, RunSpan>, read: ReadonlyMap<string, Read>): Set<string> {
  const sums = new Set<string>();
  for (const { span, task } of read.values()) {
    if (task.usage === null) continue;
    let parent = span.parent;
    while (parent !== null && !sums.has(parent)) {
      sums.add(parent);
      parent = spans.get(parent)?.parent ?? null;
    }
  }
  return sums;
}

function finished(
  task: RunTask,
  span: RunSpan,
  attributes: SpanAttributes,
  sumsUp: boolean,
  warnings: Warnings,
): RunTask {
  const summed = sumsUp && task.usage !== null;
  if (summed)
    warnings.add(
      "usage_summed",
      "tokens and costs that callees report again are counted where they were spent",
      task.id,
    );
  const kept = span.keep(attributes.unmapped());
  return {
    ...task,
    usage: summed ? null : task.usage,
    attributes: keptAttributes(summed ? { ...kept, "usage of callees": task.usage } : kept, () =>
      warnings.add("attributes_cut", "attributes that are too long are cut", task.id),
    ),
  };
}

function tokensOf(tasks: readonly RunTask[]): Record<string, number> {
  const sum = (member: "inputTokens" | "outputTokens"): number =>
    tasks.reduce((total, task) => total + (task.usage?.[member] ?? 0), 0);
  return { input_tokens: sum("inputTokens"), output_tokens: sum("outputTokens") };
}
