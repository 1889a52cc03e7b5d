import type { Json, JsonObject } from "../../../base/json.ts";
import { narrowsArguments, wideningPath } from "../../../protocol/acp/narrow-arguments.ts";
import { canonicalText } from "../../../protocol/jcs/canonical.ts";
import { parseStrictJson } from "../../../protocol/jcs/strict-json.ts";
import { argumentsText } from "../arguments-text.ts";

/** Arguments that are approved in place of those that were asked for (ACP-36): what is shown is what is signed. */
export interface Less {
  readonly args: JsonObject;
  /** Their RFC 8785 text, and its SHA-256, base64url. */
  readonly canonicalArgs: string;
  readonly argsHash: string;
}

/** What a text of the field is: less than was asked for, the same, or why it cannot be approved. */
export type LessDraft =
  | { readonly kind: "less"; readonly args: JsonObject; readonly canonicalArgs: string }
  | { readonly kind: "same" }
  | { readonly kind: "problem"; readonly words: string };

/** Characters that draw nothing, or move what is around them: an agent's text may hold them, and a field cannot mark them. */
const UNSEEN = /[^\P{C}\n]|[\p{Zl}\p{Zp}]|[^\P{Zs} ]/gu;

/** What the field begins with: the arguments as JSON, every character that could not be seen in it written out (F4). */
export function lessText(canonicalArgs: string): string {
  return argumentsText(canonicalArgs, "indented").replace(UNSEEN, (characters) =>
    Array.from({ length: characters.length }, (_, at) => escaped(characters.charCodeAt(at))).join(""),
  );
}

const escaped = (unit: number): string => `\\u${unit.toString(16).padStart(4, "0")}`;

/** Longest text that is looked at with each letter, characters. */
export const LESS_MAX = 100_000;

/** Reads what somebody wrote in place of the arguments, and says at which place it asks for something else. */
export function readLess(canonicalArgs: string, text: string): LessDraft {
  const problem = (words: string): LessDraft => ({ kind: "problem", words });
  if (text.length > LESS_MAX) return problem("It is too long to be changed here: approve it or reject it.");
  const asked = parseStrictJson(canonicalArgs);
  if (!asked.ok || !isObject(asked.value))
    return problem("What was asked for cannot be read here: approve it or reject it.");
  const written = parseStrictJson(text);
  if (!written.ok) return problem(`This is not JSON: ${written.error.detail}.`);
  if (!isObject(written.value)) return problem("The arguments are one JSON object.");
  const path = wideningPath(asked.value, written.value);
  if (path !== null) return problem(wideningWords(path));
  const canonical = canonicalText(written.value);
  if (!canonical.ok) return problem("A value of it has no canonical form.");
  if (!narrowsArguments(asked.value, written.value)) return { kind: "same" };
  return { kind: "less", args: written.value, canonicalArgs: canonical.value };
}

function wideningWords(path: string): string {
  const place = path === "" ? "As a whole this" : `“${path}”`;
  return `${place} asks for something else: only a number nearer to zero or a shorter list is less.`;
}

const isObject = (value: Json): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
