import type { Json, JsonObject } from "../../base/json.ts";
import { actionOf, splitWords } from "./text.ts";

/**
 * What the attributes of spans are called, newest name first: OpenTelemetry's GenAI conventions (still in development,
 * 1.27 to 1.41), OpenInference, the Vercel AI SDK, Traceloop and Pydantic Logfire. A name that is in no list stays an
 * attribute and is shown as it is. Bump the version when a list changes: a run's digest depends on it.
 */
export const VOCABULARY_VERSION = 1;

const NAMES = {
  operation: ["gen_ai.operation.name"],
  kind: ["openinference.span.kind", "traceloop.span.kind", "ai.operationId"],
  agent: ["gen_ai.agent.name", "agent.name", "agent_name", "gen_ai.agent.id", "ai.telemetry.functionId"],
  tool: ["gen_ai.tool.name", "ai.toolCall.name", "tool.name"],
  toolArgs: ["gen_ai.tool.call.arguments", "ai.toolCall.args", "tool.parameters", "tool_arguments"],
  prompt: [
    "gen_ai.input.messages",
    "gen_ai.prompt",
    "ai.prompt.messages",
    "ai.prompt",
    "input.value",
    "traceloop.entity.input",
  ],
  model: ["gen_ai.request.model", "llm.model_name", "ai.model.id", "embedding.model_name"],
  provider: ["gen_ai.provider.name", "llm.provider", "ai.model.provider", "gen_ai.system", "llm.system"],
  inputTokens: [
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.prompt_tokens",
    "llm.token_count.prompt",
    "ai.usage.inputTokens",
    "ai.usage.promptTokens",
    "ai.usage.tokens",
  ],
  /** Part of the input tokens in each of these conventions. */
  cachedTokens: [
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_read_input_tokens",
    "llm.token_count.prompt_details.cache_read",
    "ai.usage.cachedInputTokens",
  ],
  outputTokens: [
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.completion_tokens",
    "llm.token_count.completion",
    "ai.usage.outputTokens",
    "ai.usage.completionTokens",
  ],
  /** US dollars in every instrumentation that writes one. */
  cost: ["gen_ai.usage.cost", "llm.cost.total", "operation.cost"],
  errorType: ["error.type", "exception.type"],
  reads: ["gen_ai.data_source.id"],
} as const satisfies Record<string, readonly string[]>;

export type SpanConcept = keyof typeof NAMES;

/** Attributes of one span: what was looked up counts as mapped, the rest can be shown. */
export class SpanAttributes {
  readonly all: JsonObject;
  readonly #mapped = new Set<string>();

  constructor(all: JsonObject) {
    this.all = all;
  }

  take(concept: SpanConcept): Json | undefined {
    const name = NAMES[concept].find((candidate) => Object.hasOwn(this.all, candidate));
    if (name === undefined) return undefined;
    this.#mapped.add(name);
    return this.all[name];
  }

  text(concept: SpanConcept): string | null {
    const value = this.take(concept);
    return typeof value === "string" && value !== "" ? value : null;
  }

  unmapped(): JsonObject {
    return Object.fromEntries(Object.entries(this.all).filter(([name]) => !this.#mapped.has(name)));
  }
}

/** What a span did, whatever its instrumentation calls it. */
export type SpanKind = "agent" | "tool" | "model" | "embedding" | "retrieval" | "step";

const KINDS: Readonly<Record<string, SpanKind>> = {
  // gen_ai.operation.name
  create_agent: "agent",
  invoke_agent: "agent",
  invoke_workflow: "step",
  plan: "step",
  execute_tool: "tool",
  chat: "model",
  text_completion: "model",
  generate_content: "model",
  embeddings: "embedding",
  retrieval: "retrieval",
  // openinference.span.kind, traceloop.span.kind and Langfuse's types, in lower case
  agent: "agent",
  tool: "tool",
  llm: "model",
  generation: "model",
  embedding: "embedding",
  retriever: "retrieval",
  reranker: "retrieval",
  // ai.operationId
  "ai.toolcall": "tool",
  "ai.generatetext.dogenerate": "model",
  "ai.streamtext.dostream": "model",
  "ai.generateobject.dogenerate": "model",
  "ai.streamobject.dostream": "model",
  "ai.embed.doembed": "embedding",
  "ai.embedmany.doembed": "embedding",
};

/** The first of the names given that means something; a span that says nothing of itself is a step. */
export function kindOf(...names: readonly (string | null)[]): SpanKind {
  for (const name of names) {
    const kind = name === null ? undefined : KINDS[name.toLowerCase()];
    if (kind !== undefined) return kind;
  }
  return "step";
}

/** The `exec_act` of a span: the tool it ran, the operation it was, or else its own name. */
export function spanAction(kind: SpanKind, operation: string | null, tool: string | null, name: string): string {
  if (kind === "tool") return actionOf(splitWords(tool ?? name));
  if (operation !== null) return actionOf(operation);
  if (kind === "model") return "chat";
  if (kind === "embedding") return "embeddings";
  return actionOf(splitWords(name));
}
