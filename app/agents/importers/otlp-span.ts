import * as z from "zod";
import type { Json, JsonObject } from "../../base/json.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { isObject } from "./bounded-json.ts";
import { attributesOf, comparable, nanosOf, parentIdOf } from "./otlp-values.ts";
import type { RunSpan } from "./run-span.ts";

const spanSchema = z.looseObject({
  traceId: z.string().min(1).max(256),
  spanId: z.string().min(1).max(128),
  name: z.string().default(""),
});

/** What the spans of one resource and scope share. */
export interface SpanOrigin {
  readonly resource: JsonObject;
  readonly scope: JsonObject;
  /** Said with the first span of a resource only: it is the same for all of them. */
  readonly first: boolean;
}

export interface SpanProblem {
  readonly member: string;
  readonly expected: string;
}

/** One span of an OTLP message, or one as OpenTelemetry's JavaScript SDK holds it. */
export function otlpSpan(document: JsonObject, origin: SpanOrigin): Result<RunSpan, SpanProblem> {
  const item = isObject(document.spanContext) ? fromSdk(document, document.spanContext) : document;
  const parsed = spanSchema.safeParse(item);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return err({ member: issue?.path.join(".") ?? "", expected: issue?.message ?? "a span" });
  }
  const startNs = nanosOf(item.startTimeUnixNano);
  const endNs = nanosOf(item.endTimeUnixNano);
  if (startNs === undefined) return err({ member: "startTimeUnixNano", expected: "nanoseconds as decimal text" });
  if (endNs === undefined) return err({ member: "endTimeUnixNano", expected: "nanoseconds as decimal text" });
  const { traceId, spanId, name } = parsed.data;
  const keyOf = (trace: string, span: string): string => `${comparable(trace)}/${comparable(span)}`;
  const parent = parentIdOf(item.parentSpanId);
  const attributes = attributesOf(item.attributes);
  const events = listOf(item.events).map(plainEvent);
  const service = origin.resource["service.name"];
  return ok({
    key: keyOf(traceId, spanId),
    id: spanId,
    traceId,
    parent: parent === null ? null : keyOf(traceId, parent),
    name,
    startNs,
    endNs,
    attributes,
    kinds: [],
    service: typeof service === "string" && service !== "" ? service : null,
    input: promptEvent(events),
    failure: failureOf(item.status, events, attributes),
    links: listOf(item.links).flatMap((link) => {
      const to = isObject(link.context) ? link.context : link;
      return typeof to.spanId === "string"
        ? [keyOf(typeof to.traceId === "string" ? to.traceId : traceId, to.spanId)]
        : [];
    }),
    keep: (unmapped) => ({ ...unmapped, span: kept(item, events, origin) }),
  });
}

/** The SDK's names for the members of OTLP. */
function fromSdk(span: JsonObject, context: JsonObject): JsonObject {
  const { spanContext: _context, startTime, endTime, parentSpanContext, ...rest } = span;
  const parent = isObject(parentSpanContext) ? parentSpanContext.spanId : rest.parentSpanId;
  return {
    ...rest,
    traceId: context.traceId ?? null,
    spanId: context.spanId ?? null,
    ...(parent === undefined ? {} : { parentSpanId: parent }),
    startTimeUnixNano: nanosOf(startTime)?.toString() ?? startTime ?? null,
    endTimeUnixNano: nanosOf(endTime)?.toString() ?? endTime ?? null,
  };
}

const listOf = (value: Json | undefined): JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);

const plainEvent = (event: JsonObject): JsonObject => ({ ...event, attributes: attributesOf(event.attributes) });

const PROMPT_EVENTS: readonly string[] = ["gen_ai.user.message", "gen_ai.content.prompt"];

/** Conventions before 1.37 put prompts into events. */
function promptEvent(events: readonly JsonObject[]): Json | undefined {
  const event = events.findLast((candidate) => PROMPT_EVENTS.includes(String(candidate.name)));
  if (event === undefined || !isObject(event.attributes)) return undefined;
  const { attributes } = event;
  return attributes["gen_ai.prompt"] ?? attributes.content ?? attributes["gen_ai.event.content"];
}

function failureOf(status: Json | undefined, events: readonly JsonObject[], attributes: JsonObject): string | null {
  const code = isObject(status) ? status.code : null;
  if (code !== 2 && code !== "STATUS_CODE_ERROR" && code !== "ERROR") return null;
  const message = isObject(status) ? status.message : null;
  if (typeof message === "string" && message !== "") return message;
  const exception = events.find((event) => event.name === "exception")?.attributes;
  const told = isObject(exception) ? [exception["exception.type"], exception["exception.message"]] : [];
  const text = told.filter((part) => typeof part === "string").join(": ");
  const type = attributes["error.type"];
  return text || (typeof type === "string" ? type : "") || "the span's status is ERROR";
}

const MAPPED: readonly string[] = [
  "spanId",
  "parentSpanId",
  "name",
  "attributes",
  "events",
  "resource",
  "instrumentationScope",
];

function kept(item: JsonObject, events: readonly JsonObject[], origin: SpanOrigin): JsonObject {
  const members = Object.entries(item).filter(
    ([name, value]) => !MAPPED.includes(name) && !name.startsWith("dropped") && value !== "" && value !== null,
  );
  const dropped = Object.entries(item).filter(([name, value]) => name.startsWith("dropped") && value !== 0);
  return {
    ...Object.fromEntries([...members, ...dropped]),
    ...(events.length === 0 ? {} : { events }),
    ...(Object.keys(origin.scope).length === 0 ? {} : { scope: origin.scope }),
    ...(origin.first && Object.keys(origin.resource).length > 0 ? { resource: origin.resource } : {}),
  };
}
