import type { Json, JsonObject } from "../../base/json.ts";
import { ok, type Result } from "../../base/result.ts";
import { isObject } from "./bounded-json.ts";
import type { InspectEvent, InspectLog, InspectMessage, InspectSample } from "./inspect-schema.ts";
import { instantNs } from "./instant.ts";
import { type FormatProblem, malformed } from "./run-format-reader.ts";
import { countOf, type RunSpan } from "./run-span.ts";
import type { Warnings } from "./text.ts";

export interface SampleContext {
  readonly index: number;
  /** Where they are put. */
  readonly spans: Map<string, RunSpan>;
  count(name: string, by?: number): void;
  readonly warnings: Warnings;
}

/** Events that say how the state changed, and nothing that was done. */
const CHANGES: ReadonlySet<string> = new Set(["state", "store", "sample_init", "info", "logger", "subtask"]);

interface OpenSpan {
  readonly key: string;
  readonly agent: string | null;
}

/** A sample: a span of its own, below it what its events tell; its messages where it has no events. */
export function sampleSpans(
  log: InspectLog,
  sample: InspectSample,
  { index, spans, count, warnings }: SampleContext,
): Result<void, FormatProblem> {
  const where = `$.samples.${index}`;
  const traceId = `sample-${sample.id}-${sample.epoch}`;
  const root = `${index}`;
  const times = sample.events.map((event) => instantNs(event.timestamp));
  const bad = times.indexOf(null);
  if (bad !== -1) return malformed(`${where}.events.${bad}.timestamp`, "a time with its zone", "it is no time");
  const text = (value: unknown): string => textOf(value, sample.attachments);
  const span = (key: string, name: string, parent: string | null, more: Partial<RunSpan>): RunSpan => ({
    key,
    id: parent === null ? traceId : `${traceId}/${key.slice(root.length + 1)}`,
    traceId,
    parent,
    name,
    startNs: null,
    endNs: null,
    attributes: {},
    kinds: [],
    service: log.eval.task,
    failure: null,
    links: [],
    keep: (unmapped) => unmapped,
    ...more,
  });
  const ends = sample.events.map((event) => instantNs(event.completed ?? event.timestamp));
  const { messages: _messages, events: _events, attachments: _attachments, ...about } = sample;
  spans.set(
    root,
    span(root, `sample ${sample.id}`, null, {
      startNs: times[0] ?? null,
      endNs: ends.reduce<bigint | null>(
        (last, end) => (end !== null && (last === null || end > last) ? end : last),
        null,
      ),
      ...(sample.events.length === 0 ? { hasEnded: true } : {}),
      failure: sample.error?.message ?? null,
      input: sample.input as Json | undefined,
      // It came from JSON, so that it is JSON.
      keep: () => ({ ...(about as JsonObject) }),
    }),
  );
  if (sample.events.length === 0) {
    for (const [at, message] of sample.messages.entries())
      spans.set(`${root}.m${at}`, messageSpan(message, `${root}.m${at}`, root, span, text, count));
    return ok(undefined);
  }
  const open: OpenSpan[] = [];
  const byId = new Map<string, OpenSpan>();
  const lastBelow = new Map<string, string>();
  for (const [at, event] of sample.events.entries()) {
    count(`events.${event.event}`);
    const key = `${root}.${at}`;
    const startNs = times[at] ?? null;
    const around = byId.get(event.span_id ?? "") ?? open.at(-1) ?? { key: root, agent: null };
    const begins = event.event === "span_begin" || (event.event === "step" && event.action === "begin");
    const isEnd = event.event === "span_end" || (event.event === "step" && event.action === "end");
    if (isEnd) {
      const closed = event.event === "step" ? open.pop() : byId.get(event.id ?? "");
      const ended = closed === undefined ? undefined : spans.get(closed.key);
      if (ended === undefined)
        warnings.add("end_without_begin", "ends of spans that did not begin", `${traceId}, event ${at}`);
      else spans.set(ended.key, { ...ended, endNs: startNs });
      continue;
    }
    if (CHANGES.has(event.event)) {
      warnings.add(
        "changes_left_out",
        "events that only tell how the state changed are counted and left out",
        `${traceId}, event ${at}`,
      );
      continue;
    }
    const parent = begins
      ? (byId.get(event.parent_id ?? "") ??
        (event.event === "step" ? open.at(-1) : undefined) ?? { key: root, agent: null })
      : around;
    const own = ownAgent(event) ?? parent.agent;
    const previous = lastBelow.get(parent.key);
    const made = span(key, nameOf(event), parent.key, {
      ...eventPart(event, startNs, text),
      startNs,
      links: previous === undefined ? [] : [previous],
      ...(begins ? { endNs: null } : {}),
    });
    spans.set(key, {
      ...made,
      attributes: { ...made.attributes, ...(own === null ? {} : { "gen_ai.agent.name": own }) },
    });
    lastBelow.set(parent.key, key);
    if (!begins) continue;
    const opened = { key, agent: own };
    if (event.event === "step") open.push(opened);
    else if (typeof event.id === "string") byId.set(event.id, opened);
  }
  return ok(undefined);
}

/** As the agent of events of human input is called. */
export const PERSON = "Person";

/** Agents and scorers are named by their spans; a person by what they did. */
function ownAgent(event: InspectEvent): string | null {
  if (event.event === "input" || event.event === "approval") return PERSON;
  return (event.type === "agent" || event.type === "scorer") && typeof event.name === "string" ? event.name : null;
}

function nameOf(event: InspectEvent): string {
  if (event.event === "span_begin" || event.event === "step") return event.name ?? event.type ?? event.event;
  if (event.event === "tool" && typeof event.function === "string") return event.function;
  return event.event === "model" && typeof event.model === "string" ? `model ${event.model}` : event.event;
}

/** What an event of its kind tells beside its place and its beginning. */
function eventPart(event: InspectEvent, startNs: bigint | null, text: (value: unknown) => string): Partial<RunSpan> {
  const endNs = typeof event.completed === "string" ? instantNs(event.completed) : startNs;
  // It came from JSON, so that it is JSON.
  const told = event as unknown as JsonObject;
  const {
    event: _event,
    timestamp: _timestamp,
    completed: _completed,
    span_id: _span,
    call: _call,
    input,
    ...rest
  } = told;
  const keep = (unmapped: JsonObject): JsonObject => ({ ...rest, ...unmapped });
  const error = isObject(told.error) ? told.error : null;
  const failure =
    error !== null && typeof error.message === "string"
      ? `${typeof error.type === "string" ? `${error.type}: ` : ""}${error.message}`
      : typeof told.error === "string"
        ? told.error
        : null;
  if (event.event === "model") {
    const usage = isObject(told.output) && isObject(told.output.usage) ? told.output.usage : {};
    return {
      endNs,
      failure,
      keep,
      kinds: ["llm"],
      model: typeof told.model === "string" ? told.model : undefined,
      input: Array.isArray(input)
        ? input.map((message: Json) =>
            isObject(message) ? { role: message.role ?? "", content: text(message.content) } : message,
          )
        : input,
      usage: {
        inputTokens: countOf(usage.input_tokens),
        outputTokens: countOf(usage.output_tokens),
        cachedTokens: countOf(usage.input_tokens_cache_read),
        cost: null,
      },
    };
  }
  if (event.event === "tool")
    return { endNs, failure, keep, kinds: ["tool"], input: isObject(told.arguments) ? told.arguments : {} };
  if (event.event === "input") return { endNs, keep: () => ({}), input: text(input), failure };
  return { endNs, failure, keep };
}

/** A message of a sample without events: what was answered, or a result with its error; no times. */
function messageSpan(
  message: InspectMessage,
  key: string,
  root: string,
  span: (key: string, name: string, parent: string | null, more: Partial<RunSpan>) => RunSpan,
  text: (value: unknown) => string,
  count: (name: string) => void,
): RunSpan {
  const { role, content, error } = message;
  if (error != null) count(`tool_errors.${error.type}`);
  const name = role === "tool" ? (message.function ?? "tool") : role;
  const { content: _content, ...kept } = message;
  return span(key, name, root, {
    hasEnded: true,
    kinds: [role === "tool" ? "tool" : "step"],
    failure: error == null ? null : `${error.type}: ${error.message}`,
    input: role === "tool" ? {} : text(content),
    attributes: role === "user" ? { "gen_ai.agent.name": PERSON } : {},
    // It came from JSON, so that it is JSON.
    keep: () => ({ ...(kept as JsonObject), ...(role === "tool" ? { result: text(content) } : {}) }),
  });
}

const ATTACHED = /^attachment:\/\/([0-9a-f]{1,128})$/;

/** Text, with what is attached under its digest put in its place; parts of a message one after the other. */
function textOf(value: unknown, attachments: Readonly<Record<string, string>>): string {
  if (typeof value === "string") {
    const digest = ATTACHED.exec(value)?.[1];
    return digest !== undefined && Object.hasOwn(attachments, digest) ? (attachments[digest] ?? value) : value;
  }
  if (!Array.isArray(value)) return value === null || value === undefined ? "" : JSON.stringify(value);
  return value
    .slice(0, 1_000)
    .map((part: unknown) => (isObject(part) && typeof part.text === "string" ? textOf(part.text, attachments) : ""))
    .filter((part) => part !== "")
    .join("\n");
}
