import type { LanesPart } from "../../../api/contract/lanes.ts";
import { fromBase64url } from "../../../base/bytes.ts";
import { err, ok, type Result } from "../../../base/result.ts";

/** Words an entry has; each is kept once, an entry has its place in the list, and 0 is none. */
export const LANE_WORDS = ["typ", "actor", "wid", "action", "outcome", "name"] as const;
export type LaneWord = (typeof LANE_WORDS)[number];

/** A whole log in columns, index = place in the log. About 70 bytes an entry, and no object for each. */
export interface LaneLog {
  readonly domain: string;
  readonly size: number;
  /** Epoch seconds: the log's time, which has no parts of a second. */
  readonly at: Uint32Array;
  /** Where an entry stands in time, epoch ms: those of one second in the log's order, evenly over it. */
  readonly ms: Float64Array;
  readonly word: Readonly<Record<LaneWord, Uint32Array>>;
  readonly words: Readonly<Record<LaneWord, readonly string[]>>;
  readonly severity: Uint8Array;
  /** 1 more than the first entry about the same task; 0 for none. */
  readonly task: Uint32Array;
  /** 1 more than the task's place in its recorded run; 0 where it is not known. */
  readonly place: Uint32Array;
  readonly unknown: Uint8Array;
  /** Where the causes of an entry begin in `causes` and `kinds`; one more than there are entries. */
  readonly starts: Uint32Array;
  readonly causes: Uint32Array;
  readonly kinds: Uint8Array;
  /** Causes that came into the log after what follows from them. */
  readonly late: ReadonlyMap<number, readonly number[]>;
  /** Places in time order where the log's clock has gone back; null where time order is the log's order. */
  readonly byTime: Uint32Array | null;
}

/** Grows with the log, part by part. */
export interface LaneLogBuilder {
  /** Takes a part that begins where the last one ended; any other is refused and changes nothing. */
  append(part: LanesPart): Result<void, { readonly code: "part_misfit" | "part_malformed" }>;
  readonly size: number;
  /** The log as it is now; what was given out before stays as it was. */
  log(): LaneLog;
  /** Memory of the columns, bytes. */
  bytes(): number;
}

const FIRST = 4096;
/** The place of "late" in LANE_CAUSES. */
const LATE = 3;

interface Arrays {
  at: Uint32Array<ArrayBuffer>;
  ms: Float64Array<ArrayBuffer>;
  word: Record<LaneWord, Uint32Array<ArrayBuffer>>;
  severity: Uint8Array<ArrayBuffer>;
  task: Uint32Array<ArrayBuffer>;
  place: Uint32Array<ArrayBuffer>;
  unknown: Uint8Array<ArrayBuffer>;
  starts: Uint32Array<ArrayBuffer>;
}

export function createLaneLog(domain: string): LaneLogBuilder {
  let size = 0;
  let arrays = allocate(FIRST, null);
  let causes = new Uint32Array(FIRST);
  let kinds = new Uint8Array(FIRST);
  let ends = 0;
  let inOrder = true;
  const words = wordLists();
  const late = new Map<number, number[]>();

  const makeRoom = (entries: number, more: number): void => {
    let room = arrays.at.length;
    while (room < entries) room *= 2;
    if (room > arrays.at.length) arrays = allocate(room, arrays);
    let edges = causes.length;
    while (edges < ends + more) edges *= 2;
    if (edges > causes.length) {
      causes = grown(causes, new Uint32Array(edges));
      kinds = grown(kinds, new Uint8Array(edges));
    }
  };

  return {
    get size() {
      return size;
    },
    append: (part) => {
      if (part.domain !== domain || part.from !== size) return err({ code: "part_misfit" });
      const read = readPart(part);
      if (read === null) return err({ code: "part_malformed" });
      makeRoom(size + part.count, read.causes.length);
      const { word } = arrays;
      for (const name of LANE_WORDS) {
        const to = read.words[name].length === 0 ? null : words.places(name, part.words[name]);
        const given = read.words[name];
        const column = word[name];
        if (to !== null) for (let k = 0; k < given.length; k += 1) column[size + k] = to[given[k] as number] ?? 0;
      }
      arrays.at.set(read.at, size);
      arrays.severity.set(read.severity, size);
      arrays.task.set(read.task, size);
      arrays.place.set(read.place, size);
      arrays.unknown.set(read.unknown, size);
      let edge = 0;
      for (let k = 0; k < part.count; k += 1) {
        const own = size + k;
        arrays.starts[own] = ends;
        for (let n = read.counts[k] as number; n > 0; n -= 1, edge += 1) {
          const other = read.causes[edge] as number;
          if (read.kinds[edge] === LATE) late.set(other, [...(late.get(other) ?? []), own]);
          else {
            causes[ends] = other;
            kinds[ends] = read.kinds[edge] as number;
            ends += 1;
          }
        }
      }
      const from = size;
      size += part.count;
      arrays.starts[size] = ends;
      inOrder = placeInTime(arrays, from, size) && inOrder;
      return ok(undefined);
    },
    log: () => ({
      domain,
      size,
      at: arrays.at.subarray(0, size),
      ms: arrays.ms.subarray(0, size),
      word: wordColumns((name) => arrays.word[name].subarray(0, size)),
      words: words.lists,
      severity: arrays.severity.subarray(0, size),
      task: arrays.task.subarray(0, size),
      place: arrays.place.subarray(0, size),
      unknown: arrays.unknown.subarray(0, size),
      starts: arrays.starts.subarray(0, size + 1),
      causes: causes.subarray(0, ends),
      kinds: kinds.subarray(0, ends),
      late,
      byTime: inOrder ? null : timeOrder(arrays.ms.subarray(0, size)),
    }),
    bytes: () =>
      [arrays.at, arrays.ms, arrays.severity, arrays.task, arrays.place, arrays.unknown, arrays.starts, causes, kinds]
        .concat(LANE_WORDS.map((name) => arrays.word[name]))
        .reduce((sum, one) => sum + one.byteLength, 0),
  };
}

/** Entries that another follows from, and of which kind (index into LANE_CAUSES). */
export function causesOf(log: LaneLog, seq: number): readonly (readonly [cause: number, kind: number])[] {
  const found: (readonly [number, number])[] = [];
  for (let at = log.starts[seq] ?? 0; at < (log.starts[seq + 1] ?? 0); at += 1)
    found.push([log.causes[at] as number, log.kinds[at] as number]);
  for (const cause of log.late.get(seq) ?? []) found.push([cause, LATE]);
  return found;
}

/** A word of an entry, or null. */
export function wordOf(log: LaneLog, name: LaneWord, seq: number): string | null {
  return log.words[name][log.word[name][seq] ?? 0] ?? null;
}

/** Tokens an entry names that are in the log to this day not. */
export function missingCauses(log: LaneLog, seq: number): number {
  return Math.max(0, (log.unknown[seq] ?? 0) - (log.late.get(seq)?.length ?? 0));
}

function wordColumns<Value>(of: (name: LaneWord) => Value): Record<LaneWord, Value> {
  return {
    typ: of("typ"),
    actor: of("actor"),
    wid: of("wid"),
    action: of("action"),
    outcome: of("outcome"),
    name: of("name"),
  };
}

function grown<Numbers extends Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>>(
  from: Numbers | undefined,
  to: Numbers,
): Numbers {
  if (from !== undefined) to.set(from);
  return to;
}

function allocate(room: number, from: Arrays | null): Arrays {
  return {
    at: grown(from?.at, new Uint32Array(room)),
    ms: grown(from?.ms, new Float64Array(room)),
    word: wordColumns((name) => grown(from?.word[name], new Uint32Array(room))),
    severity: grown(from?.severity, new Uint8Array(room)),
    task: grown(from?.task, new Uint32Array(room)),
    place: grown(from?.place, new Uint32Array(room)),
    unknown: grown(from?.unknown, new Uint8Array(room)),
    starts: grown(from?.starts, new Uint32Array(room + 1)),
  };
}

/** Lists of words over all parts; place 0 is none. */
function wordLists() {
  const lists = wordColumns((): (string | null)[] => [null]);
  const known = wordColumns(() => new Map<string, number>());
  return {
    // Only place 0 is no word, and nothing reads it: an entry without a word has it.
    lists: lists as unknown as Record<LaneWord, string[]>,
    /** The places in the whole list of a part's places: index 0 is none. */
    places: (name: LaneWord, given: readonly string[]): readonly number[] => [
      0,
      ...given.map((word) => {
        const before = known[name].get(word);
        if (before !== undefined) return before;
        const place = lists[name].push(word) - 1;
        known[name].set(word, place);
        return place;
      }),
    ],
  };
}

/** Puts entries in their place in time; false where the clock has gone back. The second that the last part ended in is told anew. */
function placeInTime({ at, ms }: Arrays, from: number, to: number): boolean {
  let first = from;
  while (first > 0 && at[first - 1] === at[from]) first -= 1;
  let inOrder = true;
  for (let begin = first; begin < to; ) {
    let end = begin + 1;
    while (end < to && at[end] === at[begin]) end += 1;
    const startMs = (at[begin] as number) * 1000;
    for (let k = begin; k < end; k += 1) ms[k] = startMs + (1000 * (k - begin)) / (end - begin);
    if (begin > 0 && (at[begin] as number) < (at[begin - 1] as number)) inOrder = false;
    begin = end;
  }
  return inOrder;
}

function timeOrder(ms: Float64Array): Uint32Array {
  const order = Uint32Array.from({ length: ms.length }, (_, seq) => seq);
  return order.sort((a, b) => (ms[a] as number) - (ms[b] as number) || a - b);
}

/** The numbers of a part, or null where they are not as many as it says. */
function readPart(part: LanesPart) {
  const { count } = part;
  const at = numbers32(part.at);
  const words = wordColumns((name) => numbers16(part[name]) ?? new Uint16Array(0));
  const severity = fromBase64url(part.severity);
  const task = numbers32(part.task);
  const place = numbers32(part.place);
  const unknown = fromBase64url(part.unknown);
  const counts = fromBase64url(part.counts);
  const causes = numbers32(part.causes);
  const kinds = fromBase64url(part.kinds);
  if (at === null || severity === null || task === null || place === null) return null;
  if (unknown === null || counts === null || causes === null || kinds === null) return null;
  const perEntry = [at, severity, task, place, unknown, counts, ...LANE_WORDS.map((name) => words[name])];
  if (perEntry.some((column) => column.length !== count)) return null;
  const edges = counts.reduce((sum, one) => sum + one, 0);
  if (causes.length !== edges || kinds.length !== edges) return null;
  return { at, words, severity, task, place, unknown, counts, causes, kinds };
}

function numbers32(text: string): Uint32Array | null {
  const bytes = fromBase64url(text);
  return bytes === null || bytes.length % 4 !== 0 ? null : new Uint32Array(bytes.buffer, 0, bytes.length / 4);
}

function numbers16(text: string): Uint16Array | null {
  const bytes = fromBase64url(text);
  return bytes === null || bytes.length % 2 !== 0 ? null : new Uint16Array(bytes.buffer, 0, bytes.length / 2);
}
