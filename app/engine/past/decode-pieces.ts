import { fromUtf8 } from "../../base/bytes.ts";
import { MAP, PLAIN, readsAsMark, SET, unpack, unpackMembers } from "../snapshot-codec.ts";

/** Characters that are read at once: well below a millisecond of work. */
const PIECE = 1 << 16;

/**
 * What `decodeState` gives, piece by piece, so that others need not wait for all of a long state. Throws for bytes that
 * `encodeState` has not written.
 */
export function* decodePieces(bytes: Uint8Array, piece = PIECE): Generator<void, unknown> {
  const text = fromUtf8(bytes);
  if (!text.ok) throw new Error("a state is UTF-8");
  return yield* large({ text: text.value, at: 0, piece, read: 0 }, false);
}

/** Where in the text it is read. */
interface Cursor {
  readonly text: string;
  at: number;
  readonly piece: number;
  /** Characters read since others had the thread. */
  read: number;
}

type Members = Record<string, unknown>;

const QUOTE = 34;
const COMMA = 44;
const OPEN_LIST = 91;
const BACKSLASH = 92;
const CLOSE_LIST = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/** The value at the cursor; `isPlain`: an object that is what it looks like, though it may look like a mark. */
function* large(cursor: Cursor, isPlain: boolean): Generator<void, unknown> {
  const { text } = cursor;
  const first = text.charCodeAt(cursor.at);
  if (first !== OPEN_LIST && first !== OPEN_OBJECT) return small(cursor, isPlain) ?? null;
  cursor.at += 1;
  if (first === OPEN_LIST) {
    const items: unknown[] = [];
    while (text.charCodeAt(cursor.at) !== CLOSE_LIST) {
      const item = small(cursor, false);
      items.push(item === undefined ? yield* large(cursor, false) : item);
      if (text.charCodeAt(cursor.at) === COMMA) cursor.at += 1;
      if (cursor.read > cursor.piece) yield* rest(cursor);
    }
    cursor.at += 1;
    return items;
  }
  const members: Members = {};
  while (text.charCodeAt(cursor.at) !== CLOSE_OBJECT) {
    const end = endOfString(text, cursor.at);
    const name: unknown = JSON.parse(text.slice(cursor.at, end));
    if (typeof name !== "string") throw new Error("a member has a name");
    cursor.at = end + 1; // and the colon
    // Alone in its object it is a mark, and its value is what it looks like.
    const isAlone = name === PLAIN && Object.keys(members).length === 0 && isLast(cursor);
    const member = small(cursor, isAlone && !isPlain);
    put(members, name, member === undefined ? yield* large(cursor, isAlone && !isPlain) : member);
    if (text.charCodeAt(cursor.at) === COMMA) cursor.at += 1;
    if (cursor.read > cursor.piece) yield* rest(cursor);
  }
  cursor.at += 1;
  return isPlain ? members : marked(members);
}

/** A member of any name, also of one that would set the object's prototype. */
function put(members: Members, name: string, value: unknown): void {
  if (name in members)
    Object.defineProperty(members, name, { value, writable: true, enumerable: true, configurable: true });
  else members[name] = value;
}

function* rest(cursor: Cursor): Generator<void, void> {
  cursor.read = 0;
  yield;
}

/** The value at the cursor where it is small enough to be read at once; undefined where not. */
function small(cursor: Cursor, isPlain: boolean): unknown {
  const end = endOf(cursor, cursor.piece);
  if (end < 0) return undefined;
  const value: unknown = JSON.parse(cursor.text.slice(cursor.at, end));
  cursor.read += end - cursor.at;
  cursor.at = end;
  return isPlain && isMembers(value) ? unpackMembers(value) : unpack(value);
}

const isMembers = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What is inside is read already. */
function marked(value: unknown): unknown {
  if (!isMembers(value) || !readsAsMark(value)) return value;
  const { [MAP]: map, [SET]: set } = value;
  if (Array.isArray(map)) {
    const made = new Map<unknown, unknown>();
    for (let at = 0; at < map.length; at += 2) made.set(map[at], map[at + 1]);
    return made;
  }
  if (Array.isArray(set)) return new Set(set);
  return isMembers(value[PLAIN]) ? value[PLAIN] : undefined;
}

/** Whether the member at the cursor is the last one of its object. */
const isLast = (cursor: Cursor): boolean => cursor.text.charCodeAt(endOf(cursor, cursor.text.length)) === CLOSE_OBJECT;

/** Behind the value at the cursor; -1 where it is longer than `length` characters. */
function endOf({ text, at: from }: Cursor, length: number): number {
  const most = Math.min(text.length, from + length);
  let depth = 0;
  for (let at = from; at < most; ) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else at += 1;
    if (code === OPEN_LIST || code === OPEN_OBJECT) depth += 1;
    else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth -= 1;
    else if (code !== QUOTE && depth === 0) at = endOfWord(text, at);
    if (depth === 0) return at;
  }
  return -1;
}

/** Behind a number, `true`, `false` or `null`. */
function endOfWord(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === COMMA || code === CLOSE_LIST || code === CLOSE_OBJECT) return at;
  }
  return text.length;
}

/** Behind the text that begins at `from`. */
function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at > 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return at + 1;
  }
  throw new Error("a text has an end");
}
