import type { Json } from "../../../base/json.ts";
import { canonicalText } from "../../../protocol/jcs/canonical.ts";
import { parseStrictJson } from "../../../protocol/jcs/strict-json.ts";
import { type ArgumentChange, type ArgumentDiff, diffArguments } from "../argument-diff.ts";

/**
 * What less differs in from what was asked for: an element that a list leaves out is told as left out, at its place in the
 * list that was asked for, and not as all that stand after it changed. What is not less is told place by place.
 */
export function diffLess(asked: string, less: string): ArgumentDiff {
  const [from, to] = [parseStrictJson(asked), parseStrictJson(less)];
  if (!from.ok || !to.ok) return diffArguments(asked, less);
  const walk: Walk = { changes: [], same: 0 };
  return narrowed("", from.value, to.value, walk) ? { ...walk, complete: true } : diffArguments(asked, less);
}

interface Walk {
  readonly changes: ArgumentChange[];
  same: number;
}

/** False where it is not less: then its changes are not to be told this way. */
function narrowed(path: string, from: Json, to: Json, walk: Walk): boolean {
  if (isEqual(from, to)) {
    walk.same += 1;
    return true;
  }
  if (isList(from) && isList(to)) return leftOut(path, from, to, walk);
  if (isObject(from) && isObject(to))
    return Object.keys(from).every(
      (name) =>
        Object.hasOwn(to, name) &&
        narrowed(path === "" ? name : `${path}.${name}`, from[name] ?? null, to[name] ?? null, walk),
    );
  if (typeof from !== "number" || typeof to !== "number") return false;
  walk.changes.push({ path, before: JSON.stringify(from), after: JSON.stringify(to) });
  return true;
}

function leftOut(path: string, from: readonly Json[], to: readonly Json[], walk: Walk): boolean {
  let kept = 0;
  for (const [at, element] of from.entries()) {
    const next = to[kept];
    if (next !== undefined && isEqual(element, next)) {
      kept += 1;
      walk.same += 1;
    } else walk.changes.push({ path: `${path}[${at}]`, before: JSON.stringify(element), after: null });
  }
  return kept === to.length;
}

function isEqual(a: Json, b: Json): boolean {
  const [one, other] = [canonicalText(a), canonicalText(b)];
  return one.ok && other.ok && one.value === other.value;
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
const isObject = (value: Json): value is { readonly [member: string]: Json } =>
  typeof value === "object" && value !== null && !isList(value);
