import type { Json, JsonObject } from "../../base/json.ts";
import { cut } from "./text.ts";

/** Bounds of what one task keeps of its recording; what is longer is cut and said so. */
const MAX_STRING = 8_192;
const MAX_ITEMS = 512;
const MAX_DEPTH = 12;
const MAX_ATTRIBUTES_CHARACTERS = 65_536;
const MAX_ARGS_CHARACTERS = 16_384;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Members of the source that have no place in the normal form, kept but bounded. `onCut` is called when something was lost. */
export function keptAttributes(members: JsonObject, onCut: () => void): Record<string, Json> {
  const kept: [string, Json][] = [];
  let left = MAX_ATTRIBUTES_CHARACTERS;
  for (const [name, value] of Object.entries(members)) {
    const bounded = bound(value, 0, onCut);
    const size = sizeOf(bounded) + name.length;
    if (size > left || kept.length >= MAX_ITEMS) {
      onCut();
      continue;
    }
    left -= size;
    kept.push([cut(name, 256), bounded]);
  }
  // fromEntries defines members, so that a member called __proto__ is data like any other.
  return Object.fromEntries(kept);
}

/** The arguments of a task; what is too long to be looked at is replaced by its beginning and its length. */
export function keptArgs(value: JsonObject, onCut: () => void): Record<string, Json> {
  const text = JSON.stringify(value);
  if (text.length <= MAX_ARGS_CHARACTERS && depthOf(value) <= MAX_DEPTH) return { ...value };
  onCut();
  return { preview: cut(text, MAX_ARGS_CHARACTERS / 2), characters: text.length };
}

/** Numbers that are zero say nothing a reader could miss: an absent metric is zero. Empty groups go with them. */
export function withoutZeros(value: Json): Json | undefined {
  if (value === 0 || (Array.isArray(value) && value.length === 0)) return undefined;
  if (!isObject(value)) return value;
  const members = Object.entries(value)
    .map(([name, member]) => [name, withoutZeros(member)] as const)
    .filter((pair): pair is readonly [string, Json] => pair[1] !== undefined);
  return members.length === 0 ? undefined : Object.fromEntries(members);
}

function bound(value: Json, depth: number, onCut: () => void): Json {
  if (typeof value === "string") {
    if (value.length > MAX_STRING) onCut();
    return cut(value, MAX_STRING);
  }
  if (typeof value !== "object" || value === null) return value;
  if (depth >= MAX_DEPTH) {
    onCut();
    return cut(JSON.stringify(value), 256);
  }
  if (Array.isArray(value)) {
    if (value.length > MAX_ITEMS) onCut();
    return value.slice(0, MAX_ITEMS).map((item: Json) => bound(item, depth + 1, onCut));
  }
  const members = Object.entries(value);
  if (members.length > MAX_ITEMS) onCut();
  return Object.fromEntries(
    members.slice(0, MAX_ITEMS).map(([name, member]) => [cut(name, 256), bound(member, depth + 1, onCut)]),
  );
}

const sizeOf = (value: Json): number => (typeof value === "string" ? value.length + 2 : JSON.stringify(value).length);

function depthOf(value: Json): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Object.values(value).reduce((deepest: number, member: Json) => Math.max(deepest, depthOf(member)), 0);
}
