import type { Json, JsonObject } from "../../base/json.ts";
import { ok, type Result } from "../../base/result.ts";
import { isObject } from "./bounded-json.ts";
import { otlpSpan, type SpanOrigin } from "./otlp-span.ts";
import { attributesOf } from "./otlp-values.ts";
import {
  type FormatContext,
  type FormatProblem,
  malformed,
  type RunFormatReader,
  tooManyTasks,
} from "./run-format-reader.ts";
import type { RunSpan } from "./run-span.ts";
import { spanRun } from "./span-run.ts";
import { Warnings } from "./text.ts";

/**
 * OTLP/JSON traces: resource spans, scope spans, spans. A message is the whole file or a line of it (the collector's file
 * exporter). Tempo's older names for the lists are read too, and spans as OpenTelemetry's JavaScript SDK holds them.
 */
export const OTLP: RunFormatReader = {
  title: "OTLP/JSON traces",
  detect: (document) => resourcesOf(document) !== null || sdkSpansOf(document) !== null,
  open(context) {
    const reading: Reading = {
      spans: new Map(),
      context,
      warnings: new Warnings(),
      counts: { messages: 0, links: 0, events: 0 },
      schemaUrl: "",
      resources: new Set(),
    };
    return { add: (document, place) => addMessage(reading, document, place), finish: () => finish(reading) };
  },
};

interface Reading {
  readonly spans: Map<string, RunSpan>;
  readonly context: FormatContext;
  readonly warnings: Warnings;
  readonly counts: { messages: number; links: number; events: number };
  schemaUrl: string;
  /** Resources that were said already, as text. */
  readonly resources: Set<string>;
}

interface Found {
  readonly path: string;
  readonly list: readonly Json[];
}

function firstList(value: JsonObject, names: readonly string[]): Found | null {
  for (const path of names) {
    const list = value[path];
    if (Array.isArray(list)) return { path, list };
  }
  return null;
}

const resourcesOf = (document: Json): Found | null =>
  isObject(document) ? firstList(document, ["resourceSpans", "batches"]) : null;

/** A list of SDK spans, or one of them on a line of its own. */
function sdkSpansOf(document: Json): readonly Json[] | null {
  const list = Array.isArray(document) ? document : [document];
  const first = list[0];
  return isObject(first) && isObject(first.spanContext) && "startTime" in first ? list : null;
}

function addMessage(reading: Reading, document: Json, place: string): Result<void, FormatProblem> {
  const at = (path: string): string => (place === "" ? `$.${path}` : `${place}: ${path}`);
  reading.counts.messages += 1;
  const found = resourcesOf(document);
  if (found !== null) return addResources(reading, found, at);
  const spans = sdkSpansOf(document);
  if (spans !== null) return addSpans(reading, { path: "", list: spans }, { resource: {}, scope: {} }, at);
  if (isObject(document) && ("resourceLogs" in document || "resourceMetrics" in document)) {
    reading.warnings.add("messages_left_out", "messages of logs and metrics", place || "$");
    return ok(undefined);
  }
  return malformed(place || "$", "a message with resourceSpans", "it has none");
}

type At = (path: string) => string;

function addResources(reading: Reading, found: Found, at: At): Result<void, FormatProblem> {
  for (const [index, item] of found.list.entries()) {
    const path = `${found.path}.${index}`;
    if (!isObject(item)) return malformed(at(path), "resource spans", "it is no object");
    const url = item.schemaUrl;
    if (typeof url === "string" && url !== "") reading.schemaUrl = url;
    const resource = isObject(item.resource) ? attributesOf(item.resource.attributes) : {};
    const scopes = firstList(item, ["scopeSpans", "instrumentationLibrarySpans"]) ?? { path: "scopeSpans", list: [] };
    for (const [number, scopeItem] of scopes.list.entries()) {
      const added = addScope(reading, scopeItem, resource, (rest) => at(`${path}.${scopes.path}.${number}${rest}`));
      if (!added.ok) return added;
    }
  }
  return ok(undefined);
}

function addScope(reading: Reading, item: Json, resource: JsonObject, at: At): Result<void, FormatProblem> {
  if (!isObject(item)) return malformed(at(""), "scope spans", "it is no object");
  const scope = item.scope ?? item.instrumentationLibrary;
  const plain = isObject(scope) ? { ...scope, ...attributesMember(scope) } : {};
  const spans = Array.isArray(item.spans) ? item.spans : [];
  return addSpans(reading, { path: ".spans.", list: spans }, { resource, scope: plain }, at);
}

const attributesMember = (scope: JsonObject): JsonObject =>
  scope.attributes === undefined ? {} : { attributes: attributesOf(scope.attributes) };

function addSpans(
  reading: Reading,
  { path, list }: Found,
  origin: Omit<SpanOrigin, "first">,
  at: At,
): Result<void, FormatProblem> {
  const resource = JSON.stringify(origin.resource);
  for (const [index, item] of list.entries()) {
    const where = (member: string): string => at([`${path}${index}`, member].filter((part) => part !== "").join("."));
    if (!isObject(item)) return malformed(where(""), "a span", "it is no object");
    const read = otlpSpan(item, { ...origin, first: !reading.resources.has(resource) });
    if (!read.ok) return malformed(where(read.error.member), read.error.expected, "the span does not have its members");
    reading.resources.add(resource);
    const { key, links } = read.value;
    if (reading.spans.has(key)) {
      reading.warnings.add("span_repeated", "spans that were exported more than once are kept once", where("spanId"));
      continue;
    }
    if (reading.spans.size >= reading.context.maxTasks) return tooManyTasks(where(""), reading.context.maxTasks);
    reading.counts.links += links.length;
    reading.counts.events += Array.isArray(item.events) ? item.events.length : 0;
    reading.spans.set(key, read.value);
  }
  return ok(undefined);
}

function finish({ spans, context, warnings, counts, schemaUrl }: Reading) {
  const parents = [...spans.values()].map((span) => span.parent);
  return ok(
    spanRun(
      spans,
      {
        format: "otlp",
        formatVersion: schemaUrl.split("/").at(-1) ?? "",
        name: null,
        file: context.file,
        counts: {
          spans: spans.size,
          traces: new Set([...spans.values()].map((span) => span.traceId.toLowerCase())).size,
          without_parent: parents.filter((parent) => parent === null).length,
          parent_missing: parents.filter((parent) => parent !== null && !spans.has(parent)).length,
          ...counts,
        },
      },
      warnings,
    ),
  );
}
