import type { Json, JsonObject } from "../../base/json.ts";

/**
 * Whether changed arguments ask for less than the ones that were requested [ours] (ACP-36): the same members; a number
 * closer to zero on the same side; a list that leaves elements out and keeps the order of the others; everything else
 * unchanged. What a smaller number or a shorter list means is for the person to judge who sees both.
 */
export function narrowsArguments(from: JsonObject, to: JsonObject): boolean {
  return narrows(from, to) && !same(from, to);
}

/** Where changed arguments ask for something else, as a path like `files[2].path`; null when they narrow or are equal. */
export function wideningPath(from: Json, to: Json, path = ""): string | null {
  if (isObject(from) && isObject(to)) {
    const names = new Set([...Object.keys(from), ...Object.keys(to)]);
    for (const name of names) {
      const [before, after] = [member(from, name), member(to, name)];
      const at = path === "" ? name : `${path}.${name}`;
      if (before === undefined || after === undefined) return at;
      const wider = wideningPath(before, after, at);
      if (wider !== null) return wider;
    }
    return null;
  }
  return narrows(from, to) ? null : path;
}

function narrows(from: Json, to: Json): boolean {
  if (typeof from === "number" && typeof to === "number")
    return to === from || (Math.sign(to) === Math.sign(from) || to === 0 ? Math.abs(to) < Math.abs(from) : false);
  if (Array.isArray(from) && Array.isArray(to)) return leavesOut(from, to);
  if (isObject(from) && isObject(to)) {
    const names = Object.keys(from);
    return (
      names.length === Object.keys(to).length &&
      names.every((name) => {
        const [before, after] = [member(from, name), member(to, name)];
        return before !== undefined && after !== undefined && narrows(before, after);
      })
    );
  }
  return same(from, to);
}

/** Every element of `to` stands in `from`, in the same order. */
function leavesOut(from: readonly Json[], to: readonly Json[]): boolean {
  let at = 0;
  for (const element of to) {
    while (at < from.length && !same(from[at] ?? null, element)) at += 1;
    if (at === from.length) return false;
    at += 1;
  }
  return true;
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A member of the object itself: what every object inherits (`__proto__`, `toString`) is none of it. */
const member = (object: JsonObject, name: string): Json | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined;

function same(a: Json, b: Json): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((one, at) => same(one, b[at] ?? null));
  if (isObject(a) && isObject(b)) {
    const names = Object.keys(a);
    return (
      names.length === Object.keys(b).length &&
      names.every((name) => Object.hasOwn(b, name) && same(member(a, name) ?? null, member(b, name) ?? null))
    );
  }
  return a === b;
}
