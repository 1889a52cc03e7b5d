import type { Json } from "../../base/json.ts";
import { parseStrictJson } from "../../protocol/jcs/strict-json.ts";

/** One place where two argument values differ: null where it is not there at all. JSON text, untrusted. */
export interface ArgumentChange {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

export interface ArgumentDiff {
  readonly changes: readonly ArgumentChange[];
  /** Places that are equal. */
  readonly same: number;
  /** False where one of them cannot be read or there was more than is compared: what is told is then not all. */
  readonly complete: boolean;
}

/** Places compared, so that an agent cannot keep the page busy. */
const MAX_PLACES = 20_000;

/** Where two canonical argument texts differ, place by place, in the order of the newer one. */
export function diffArguments(before: string, after: string): ArgumentDiff {
  const [old, now] = [parseStrictJson(before), parseStrictJson(after)];
  if (!old.ok || !now.ok) {
    const changes = before === after ? [] : [{ path: "", before, after }];
    return { changes, same: 0, complete: before === after };
  }
  const state: Walk = { changes: [], same: 0, left: MAX_PLACES };
  compare("", old.value, now.value, state);
  return { changes: state.changes, same: state.same, complete: state.left > 0 };
}

interface Walk {
  readonly changes: ArgumentChange[];
  same: number;
  left: number;
}

function compare(path: string, before: Json, after: Json, walk: Walk): void {
  if (walk.left <= 0) return;
  walk.left -= 1;
  if (isList(before) && isList(after)) {
    for (let at = 0; at < Math.max(before.length, after.length); at += 1)
      member(`${path}[${at}]`, before[at], after[at], walk);
    if (before.length + after.length === 0) walk.same += 1;
    return;
  }
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(after), ...Object.keys(before)])];
    for (const name of names) member(path === "" ? name : `${path}.${name}`, own(before, name), own(after, name), walk);
    if (names.length === 0) walk.same += 1;
    return;
  }
  const [old, now] = [JSON.stringify(before), JSON.stringify(after)];
  if (old === now) walk.same += 1;
  else walk.changes.push({ path, before: old, after: now });
}

function member(path: string, before: Json | undefined, after: Json | undefined, walk: Walk): void {
  if (before !== undefined && after !== undefined) compare(path, before, after, walk);
  else {
    walk.left -= 1;
    walk.changes.push({ path, before: textOf(before), after: textOf(after) });
  }
}

const textOf = (value: Json | undefined): string | null => (value === undefined ? null : JSON.stringify(value));
const own = (value: { readonly [member: string]: Json }, name: string): Json | undefined =>
  Object.hasOwn(value, name) ? value[name] : undefined;
const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
const isObject = (value: Json): value is { readonly [member: string]: Json } =>
  typeof value === "object" && value !== null && !isList(value);
