import type { Json, JsonObject } from "../../base/json.ts";
import { parseStrictJson } from "../../protocol/jcs/strict-json.ts";
import { isObject } from "./bounded-json.ts";

const MAX_NESTED_CHARACTERS = 4 * 1024 * 1024;

/** Recorders put JSON text into JSON, sometimes twice: the value inside, or the text itself when it is plain. */
export function unnested(value: Json): Json {
  let inner = value;
  for (let depth = 0; depth < 3 && typeof inner === "string"; depth += 1) {
    const text = inner.trim();
    if (text === "null") return null;
    if (!/^[[{"]/.test(text) || text.length > MAX_NESTED_CHARACTERS) return inner;
    const parsed = parseStrictJson(text);
    if (!parsed.ok) return inner;
    inner = parsed.value;
  }
  return inner;
}

/** The last thing that was asked in a prompt, as plain text: of messages the last one of a user. Null when there is none. */
export function promptText(value: Json | undefined, depth = 0): string | null {
  const inner = value === undefined ? null : unnested(value);
  if (inner === null || depth > 6) return null;
  if (typeof inner === "string") return inner === "" ? null : inner;
  if (Array.isArray(inner)) return lastAsked(inner, depth) ?? JSON.stringify(inner);
  if (!isObject(inner)) return String(inner);
  for (const name of ["content", "text", "parts", "message", "messages", "prompt", "contents", "input"]) {
    const found = inner[name] === undefined ? null : promptText(inner[name], depth + 1);
    if (found !== null) return found;
  }
  return depth === 0 ? JSON.stringify(inner) : null;
}

function lastAsked(items: readonly Json[], depth: number): string | null {
  const asked = items.findLast((item) => isObject(item) && (item.role === "user" || item.role === "human"));
  if (asked !== undefined) return promptText(asked, depth + 1);
  if (depth === 0 && items.some((item) => isObject(item) && "role" in item)) return promptText(items.at(-1), depth + 1);
  const texts = items.map((item) => promptText(item, depth + 1)).filter((text) => text !== null);
  return texts.length === 0 ? null : texts.join("\n");
}

const INDEXED = /^(llm\.input_messages|gen_ai\.prompt)\.(\d{1,4})\.(?:message\.)?(role|content)$/;

/** Messages spread over attributes, one per member: `llm.input_messages.0.message.content`. */
export function indexedMessages(attributes: JsonObject): Json | undefined {
  const messages = new Map<number, Record<string, Json>>();
  for (const [name, value] of Object.entries(attributes)) {
    const match = INDEXED.exec(name);
    if (match?.[3] === undefined) continue;
    const index = Number(match[2]);
    messages.set(index, { ...messages.get(index), [match[3]]: value });
  }
  if (messages.size === 0) return undefined;
  return [...messages].sort(([a], [b]) => a - b).map(([, message]) => message);
}
