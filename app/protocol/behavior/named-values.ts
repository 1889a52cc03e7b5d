import * as z from "zod";
import type { Json } from "../../base/json.ts";

/**
 * What a task says about which thing it is about (BEH-63): arguments by JSON pointer (RFC 6901), each with a name of its value
 * that is the same wherever the value is, and nothing to whoever does not have the value already.
 */
export const MAX_NAMED = 8;
const MAX_DEPTH = 3;
const MAX_POINTER = 128;
const MAX_VALUE = 256;
/** Members looked at: of arguments without end the rest is not named. */
const MAX_LOOKED_AT = 256;

export const pointerSchema = z
  .string()
  .max(MAX_POINTER)
  .regex(/^(?:\/(?:[^~/]|~[01])*)+$/, "a JSON pointer, such as /order_id");

/** As an intent carries them: the first 128 bits of a keyed digest, base64url. */
export const namedSchema = z
  .record(pointerSchema, z.string().regex(/^[\w-]{22}$/))
  .refine((named) => Object.keys(named).length <= MAX_NAMED, { message: `at most ${MAX_NAMED}` });

/**
 * The arguments that can say it: text and whole numbers, the outermost first, then by name, as many as a task has room to name. Their
 * canonical text tells a number from the same digits as text.
 */
export function namedValues(
  args: Readonly<Record<string, Json>>,
): readonly (readonly [pointer: string, text: string])[] {
  const found: [string, string][] = [];
  let level: [string, Json][] = [["", args]];
  let looked = 0;
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth += 1) {
    const next: [string, Json][] = [];
    for (const [at, value] of level) {
      for (const [member, inner] of membersOf(value)) {
        looked += 1;
        if (looked > MAX_LOOKED_AT || found.length === MAX_NAMED) return found;
        const pointer = `${at}/${member.replaceAll("~", "~0").replaceAll("/", "~1")}`;
        if (pointer.length > MAX_POINTER || !pointer.isWellFormed()) continue;
        const text = textOf(inner);
        if (text !== null) found.push([pointer, text]);
        else if (typeof inner === "object" && inner !== null) next.push([pointer, inner]);
      }
    }
    level = next;
  }
  return found;
}

/** Of the names of some arguments those that still are of others: what a person changed nobody has named. */
export function stillNamed(
  named: Readonly<Record<string, string>>,
  before: Readonly<Record<string, Json>>,
  after: Readonly<Record<string, Json>>,
): Readonly<Record<string, string>> {
  const [was, is] = [new Map(namedValues(before)), new Map(namedValues(after))];
  return Object.fromEntries(
    Object.entries(named).filter(([pointer]) => is.has(pointer) && is.get(pointer) === was.get(pointer)),
  );
}

function membersOf(value: Json): readonly (readonly [string, Json])[] {
  if (Array.isArray(value)) return value.slice(0, MAX_LOOKED_AT).map((inner, at) => [String(at), inner]);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
}

function textOf(value: Json): string | null {
  if (typeof value === "number") return Number.isSafeInteger(value) ? JSON.stringify(value) : null;
  const fits = typeof value === "string" && value !== "" && value.length <= MAX_VALUE && value.isWellFormed();
  return fits ? JSON.stringify(value) : null;
}
