import * as z from "zod";
import type { Json, JsonObject } from "../../base/json.ts";
import { ok, type Result } from "../../base/result.ts";
import { isObject } from "./bounded-json.ts";
import { unnested } from "./prompt-text.ts";
import {
  type FormatContext,
  type FormatProblem,
  malformed,
  type RunFormatReader,
  tooManyTasks,
} from "./run-format-reader.ts";
import { amountOf, countOf, type RunSpan, type SpanUsage } from "./run-span.ts";
import { spanRun } from "./span-run.ts";
import { Warnings } from "./text.ts";

/**
 * Langfuse trace exports: `{trace, observations}` as the console downloads them, the trace object of the public API
 * with its observations inside, or a list of observations. Observations are spans; `input`, `output` and `metadata` are
 * JSON text inside JSON, sometimes twice.
 */

const observationSchema = z.looseObject({
  id: z.string().min(1).max(256),
  traceId: z.string().max(256).nullish(),
  parentObservationId: z.string().max(256).nullish(),
  type: z.string().max(64),
  name: z.string().nullish(),
  startTime: z.string(),
  endTime: z.string().nullish(),
  level: z.string().nullish(),
  statusMessage: z.string().nullish(),
  model: z.string().nullish(),
});
type Observation = z.infer<typeof observationSchema>;

/** Members that have a place in the normal form. */
const MAPPED = new Set([
  "id",
  "parentObservationId",
  "name",
  "startTime",
  "endTime",
  "input",
  "model",
  "metadata",
  "inputUsage",
  "outputUsage",
  "totalUsage",
  "totalCost",
]);

export const LANGFUSE: RunFormatReader = {
  title: "Langfuse trace export",
  detect: (document) => {
    const listed = observationsOf(document);
    if (listed === null || (isObject(document) && isObject(document.trace))) return listed !== null;
    const first = listed.list[0];
    const known = isObject(first) && "startTime" in first && "type" in first;
    return known && ("traceId" in first || "parentObservationId" in first);
  },
  open(context) {
    const reading: Reading = {
      spans: new Map(),
      names: [],
      types: new Map(),
      scores: 0,
      context,
      warnings: new Warnings(),
    };
    return { add: (document, place) => addTrace(reading, document, place || "$"), finish: () => finish(reading) };
  },
};

interface Reading {
  readonly spans: Map<string, RunSpan>;
  readonly names: string[];
  readonly types: Map<string, number>;
  scores: number;
  readonly context: FormatContext;
  readonly warnings: Warnings;
}

interface Listed {
  readonly trace: JsonObject | null;
  readonly list: readonly Json[];
  readonly path: string;
}

function observationsOf(document: Json): Listed | null {
  if (Array.isArray(document)) return { trace: null, list: document, path: "" };
  if (!isObject(document)) return null;
  const trace = isObject(document.trace) ? document.trace : null;
  if (Array.isArray(document.observations))
    return { trace: trace ?? document, list: document.observations, path: "observations." };
  if (trace !== null && Array.isArray(trace.observations))
    return { trace, list: trace.observations, path: "trace.observations." };
  return null;
}

function addTrace(reading: Reading, document: Json, place: string): Result<void, FormatProblem> {
  const listed = observationsOf(document);
  if (listed === null) return malformed(place, "a trace with observations", "there are none");
  if (typeof listed.trace?.name === "string") reading.names.push(listed.trace.name);
  const scores = Array.isArray(listed.trace?.scores) ? listed.trace.scores : [];
  reading.scores += scores.length;
  for (const [index, item] of listed.list.entries()) {
    const parsed = observationSchema.safeParse(item);
    const where = `${place === "$" ? "$." : `${place}: `}${listed.path}${index}`;
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      return malformed(
        [where, ...(issue?.path ?? [])].join("."),
        issue?.message ?? "an observation",
        "the observation does not have its members",
      );
    }
    const added = addObservation(reading, parsed.data, item as JsonObject, where, listed.trace, scores);
    if (!added.ok) return added;
  }
  return ok(undefined);
}

/** An event is a moment: it has ended where it began. */
function endOf(observation: Observation, startNs: bigint | undefined): bigint | null | undefined {
  if (observation.endTime !== null && observation.endTime !== undefined) return nanoseconds(observation.endTime);
  return observation.type === "EVENT" ? startNs : null;
}

const keyOf = (observation: Observation, id: string): string => `${observation.traceId ?? ""}/${id}`;

function addObservation(
  reading: Reading,
  observation: Observation,
  item: JsonObject,
  where: string,
  trace: JsonObject | null,
  scores: readonly Json[],
): Result<void, FormatProblem> {
  const startNs = nanoseconds(observation.startTime);
  const endNs = endOf(observation, startNs);
  if (startNs === undefined || endNs === undefined)
    return malformed(
      `${where}.${startNs === undefined ? "startTime" : "endTime"}`,
      "a time like 2025-08-01T13:56:54.163Z",
      "it is no time",
    );
  const key = keyOf(observation, observation.id);
  if (reading.spans.has(key)) return malformed(`${where}.id`, "ids that occur once", "two observations have this id");
  if (reading.spans.size >= reading.context.maxTasks) return tooManyTasks(where, reading.context.maxTasks);
  reading.types.set(observation.type, (reading.types.get(observation.type) ?? 0) + 1);
  const metadata = unnested(item.metadata ?? null);
  const attributes = isObject(metadata) && isObject(metadata.attributes) ? metadata.attributes : {};
  const parent = observation.parentObservationId || null;
  const own = scores.filter((score) =>
    isObject(score)
      ? score.observationId === observation.id || (parent === null && score.observationId === null)
      : false,
  );
  reading.spans.set(key, {
    key,
    id: observation.id,
    traceId: observation.traceId ?? "",
    parent: parent === null ? null : keyOf(observation, parent),
    name: observation.name ?? "",
    startNs,
    endNs,
    attributes,
    kinds: [observation.type],
    service: serviceOf(metadata) ?? (typeof trace?.name === "string" && trace.name !== "" ? trace.name : null),
    input: item.input ?? undefined,
    model: observation.model ?? undefined,
    usage: usageOf(item),
    failure: observation.level === "ERROR" ? (observation.statusMessage ?? "ERROR") : null,
    links: [],
    keep: (unmapped) => kept(item, metadata, unmapped, parent === null, own),
  });
  return ok(undefined);
}

/** Everything an observation says beyond its place in the run; empty members say nothing. */
function kept(
  item: JsonObject,
  metadata: Json,
  unmapped: JsonObject,
  root: boolean,
  scores: readonly Json[],
): JsonObject {
  const members = Object.entries(item)
    .filter(([name, value]) => !MAPPED.has(name) && !isEmpty(value))
    .map(([name, value]) => [name, name === "output" ? unnested(value) : value] as const);
  const { attributes: _attributes, resourceAttributes, ...rest } = isObject(metadata) ? metadata : { text: metadata };
  const told = {
    ...(Object.keys(unmapped).length === 0 ? {} : { attributes: unmapped }),
    // The same for every observation of a trace: said once, at its root.
    ...(root && resourceAttributes !== undefined ? { resourceAttributes } : {}),
    ...Object.fromEntries(Object.entries(rest).filter(([, value]) => !isEmpty(value))),
  };
  return {
    ...Object.fromEntries(members),
    ...(isEmpty(told) ? {} : { metadata: told }),
    ...(scores.length === 0 ? {} : { scores }),
  };
}

const isEmpty = (value: Json | undefined): boolean =>
  value === undefined ||
  value === null ||
  value === "" ||
  (typeof value === "object" && Object.keys(value).length === 0);

function serviceOf(metadata: Json): string | null {
  const resource = isObject(metadata) ? metadata.resourceAttributes : null;
  const name = isObject(resource) ? resource["service.name"] : null;
  return typeof name === "string" && name !== "" && !name.startsWith("unknown_service") ? name : null;
}

/** What Langfuse's integrations call input tokens from a cache: units beside those of `input`, not a part of them. */
const CACHED = ["input_cached_tokens", "cache_read_input_tokens", "input_cache_read"] as const;

/** Details are newer than the flat members; zero is what Langfuse writes for none. */
function usageOf(item: JsonObject): SpanUsage | undefined {
  const usage = unnested(item.usageDetails ?? null);
  const costs = unnested(item.costDetails ?? null);
  const cachedTokens = isObject(usage) ? (CACHED.map((name) => countOf(usage[name])).find(isCount) ?? null) : null;
  const uncached = countOf(isObject(usage) ? usage.input : undefined);
  const inputTokens = uncached === null ? countOf(item.inputUsage) || null : uncached + (cachedTokens ?? 0);
  const outputTokens = countOf(isObject(usage) ? usage.output : undefined) ?? (countOf(item.outputUsage) || null);
  const cost =
    amountOf(isObject(costs) ? costs.total : undefined) ?? amountOf(item.totalCost ?? item.calculatedTotalCost);
  return inputTokens === null && outputTokens === null && cost === null
    ? undefined
    : { inputTokens, outputTokens, cachedTokens: uncached === null ? null : cachedTokens, cost };
}

const isCount = (count: number | null): count is number => count !== null;

/** ISO 8601 with a zone, or Langfuse's own without one, which is UTC; undefined for what is no time. */
function nanoseconds(text: string): bigint | undefined {
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text.replace(" ", "T")}Z`;
  const ms = Date.parse(zoned);
  return Number.isNaN(ms) ? undefined : BigInt(ms) * 1_000_000n;
}

function finish({ spans, names, types, scores, context, warnings }: Reading) {
  const parents = [...spans.values()].map((span) => span.parent);
  return ok(
    spanRun(
      spans,
      {
        format: "langfuse",
        formatVersion: "",
        name: names[0] ?? null,
        file: context.file,
        counts: {
          observations: spans.size,
          without_parent: parents.filter((parent) => parent === null).length,
          parent_missing: parents.filter((parent) => parent !== null && !spans.has(parent)).length,
          scores,
          ...Object.fromEntries([...types].map(([type, count]) => [`types.${type}`, count])),
        },
      },
      warnings,
    ),
  );
}
