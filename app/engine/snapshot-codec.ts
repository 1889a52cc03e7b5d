import { fromUtf8, utf8 } from "../base/bytes.ts";

/*
 * A state as bytes: JSON, in which a Map is `{"$map": [key, value, key, value, ...]}`, a Set is `{"$set": [...]}`, and an
 * object that would read as one of the three is `{"$plain": object}`. What a state holds comes back the same: JSON values,
 * Maps and Sets, in their order. As in JSON, a member that is undefined is absent, one of a list is null, and -0 is 0.
 */
export const MAP = "$map";
export const SET = "$set";
export const PLAIN = "$plain";

/** Characters of a piece: some 5 ms of work, after which whoever encodes may let others run. */
const PIECE = 1 << 20;

type Members = Record<string, unknown>;

/** The bytes of a state, piece by piece; it must hold still until the last one is taken. */
export function* encodeState(state: unknown): Generator<Uint8Array<ArrayBuffer>> {
  const text: Text = { parts: [], length: 0 };
  yield* write(state, text);
  yield take(text);
}

/** The value of encoded bytes, or undefined for bytes that are none. */
export function decodeState(bytes: Uint8Array): unknown {
  const text = fromUtf8(bytes);
  if (!text.ok) return undefined;
  try {
    return unpack(JSON.parse(text.value));
  } catch {
    // Not what `encodeState` writes; what that means is for the caller to say.
    return undefined;
  }
}

interface Text {
  parts: string[];
  length: number;
}

function put(text: Text, part: string): void {
  text.parts.push(part);
  text.length += part.length;
}

function take(text: Text): Uint8Array<ArrayBuffer> {
  const bytes = utf8(text.parts.join(""));
  text.parts = [];
  text.length = 0;
  return bytes;
}

/** Writes what has no mark in it, nearly all of a state, as the JSON it is; only what is around a mark is taken apart. */
function* write(value: unknown, text: Text): Generator<Uint8Array<ArrayBuffer>> {
  if (!isMarked(value)) {
    put(text, plain(value));
  } else if (value instanceof Map) {
    put(text, `{"${MAP}":`);
    yield* writeAll(flatten(value), text);
    put(text, "}");
  } else if (value instanceof Set) {
    put(text, `{"${SET}":`);
    yield* writeAll(value, text);
    put(text, "}");
  } else if (Array.isArray(value)) {
    yield* writeAll(value, text);
  } else {
    const marked = readsAsMark(value);
    put(text, marked ? `{"${PLAIN}":{` : "{");
    let between = "";
    for (const name of Object.keys(value)) {
      if (value[name] === undefined) continue;
      put(text, `${between}${JSON.stringify(name)}:`);
      between = ",";
      yield* write(value[name], text);
    }
    put(text, marked ? "}}" : "}");
  }
}

function* writeAll(values: Iterable<unknown>, text: Text): Generator<Uint8Array<ArrayBuffer>> {
  put(text, "[");
  let between = "";
  for (const value of values) {
    put(text, between);
    between = ",";
    // A generator for each of 100,000 plain values would cost more than all the rest.
    if (isMarked(value)) yield* write(value, text);
    else put(text, plain(value));
    if (text.length >= PIECE) yield take(text);
  }
  put(text, "]");
}

function plain(value: unknown): string {
  return JSON.stringify(value ?? null);
}

function* flatten(map: ReadonlyMap<unknown, unknown>): Generator<unknown> {
  for (const [key, value] of map) {
    yield key;
    yield value;
  }
}

function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null;
}

/** Whether there is a Map, a Set, or what would read as one, anywhere in it. */
function isMarked(value: unknown): value is Members {
  if (!isObject(value)) return false;
  if (value instanceof Map || value instanceof Set) return true;
  if (Array.isArray(value)) return value.some(isMarked);
  if (readsAsMark(value)) return true;
  for (const name in value) if (isMarked(value[name])) return true;
  return false;
}

export function readsAsMark(object: Members): boolean {
  let only: string | null = null;
  for (const name in object) {
    if (object[name] === undefined) continue;
    if (only !== null) return false;
    only = name;
  }
  return only === MAP || only === SET || only === PLAIN;
}

/** In place: what JSON.parse made belongs to nobody else. */
export function unpack(value: unknown): unknown {
  if (!isObject(value)) return value;
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at += 1) value[at] = unpack(value[at]);
    return value;
  }
  if (!readsAsMark(value)) return unpackMembers(value);
  if (Array.isArray(value[MAP])) return mapOf(value[MAP]);
  if (Array.isArray(value[SET])) return new Set(value[SET].map(unpack));
  return isObject(value[PLAIN]) ? unpackMembers(value[PLAIN]) : undefined;
}

export function unpackMembers(object: Members): Members {
  for (const name in object) object[name] = unpack(object[name]);
  return object;
}

function mapOf(flat: readonly unknown[]): Map<unknown, unknown> {
  const map = new Map<unknown, unknown>();
  for (let at = 0; at < flat.length; at += 2) map.set(unpack(flat[at]), unpack(flat[at + 1]));
  return map;
}
