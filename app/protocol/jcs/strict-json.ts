import type { Json } from "../../base/json.ts";
import { err, ok, type Result } from "../../base/result.ts";

export interface JsonProblem {
  readonly code: "json_malformed" | "json_duplicate_member" | "json_too_deep" | "json_lone_surrogate";
  readonly detail: string;
  /** Index of the character at which it shows. */
  readonly offset: number;
}

/** Deepest nesting read at all; ECT extensions have their own, smaller bound. */
const MAX_DEPTH = 64;

/**
 * Reads JSON as RFC 8259 has it and refuses what signed JSON must not hold: a repeated member name, whose reading
 * differs between implementations, and lone surrogates, which RFC 8785 has no bytes for. Values come from `JSON.parse`;
 * the scan only looks for what that lets through.
 */
export function parseStrictJson(text: string, maxDepth = MAX_DEPTH): Result<Json, JsonProblem> {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (error) {
    return err({ code: "json_malformed", detail: error instanceof Error ? error.message : "not JSON", offset: 0 });
  }
  const problem = scan(text, maxDepth);
  return problem === null ? ok(value) : err(problem);
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Walks text that is known to be valid JSON, keeping the member names of every open object. */
function scan(text: string, maxDepth: number): JsonProblem | null {
  const open: (Set<string> | null)[] = [];
  // Most text has neither escapes nor lone surrogates; then its strings are read by their quotes alone.
  const escapes = text.includes("\\");
  const wellFormed = text.isWellFormed();
  let at = 0;
  let name = false;
  while (at < text.length) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) {
      const end = escapes ? stringEnd(text, at) : text.indexOf('"', at + 1) + 1;
      if (name || escapes || !wellFormed) {
        const raw = text.slice(at, end);
        const value = raw.includes("\\") ? (JSON.parse(raw) as string) : raw.slice(1, -1);
        if (!value.isWellFormed())
          return { code: "json_lone_surrogate", detail: "a lone surrogate has no UTF-8 form", offset: at };
        const members = open.at(-1);
        if (name && members instanceof Set) {
          if (members.has(value))
            return {
              code: "json_duplicate_member",
              detail: `the member name ${JSON.stringify(value)} occurs twice`,
              offset: at,
            };
          members.add(value);
        }
      }
      name = false;
      at = end;
      continue;
    }
    if (char === OPEN_OBJECT || char === OPEN_ARRAY) {
      open.push(char === OPEN_OBJECT ? new Set() : null);
      if (open.length > maxDepth)
        return { code: "json_too_deep", detail: `nested deeper than ${maxDepth}`, offset: at };
      name = char === OPEN_OBJECT;
    } else if (char === CLOSE_OBJECT || char === CLOSE_ARRAY) {
      open.pop();
      name = false;
    } else if (char === COMMA) {
      name = open.at(-1) instanceof Set;
    }
    at += 1;
  }
  return null;
}

function stringEnd(text: string, start: number): number {
  let at = start + 1;
  for (let char = text.charCodeAt(at); char !== QUOTE; char = text.charCodeAt(at)) at += char === BACKSLASH ? 2 : 1;
  return at + 1;
}
