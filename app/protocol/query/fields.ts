import { ORDERED_FIELDS, type OrderedField, WORD_FIELDS, type WordField } from "./expression.ts";

/** Lowest first; the rank is the place. */
export const SEVERITIES = ["info", "notice", "warning", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];

type FieldName = WordField | OrderedField | "last" | "before" | "after";

/** A field of the language: its name, what it may be called as well, and what it is for. */
export interface Field {
  readonly name: FieldName;
  readonly aliases: readonly string[];
  /** What it holds, for the help and the completion. */
  readonly says: string;
  readonly example: string;
}

export const FIELDS: readonly Field[] = [
  { name: "typ", aliases: ["type"], says: "type of token", example: "typ:hitl-decision" },
  { name: "by", aliases: ["agent", "iss"], says: "who signed it: the whole id or its last part", example: "by:alice" },
  { name: "action", aliases: ["exec_act"], says: "action, record or verb", example: "action:deploy*" },
  { name: "outcome", aliases: [], says: "what came of it", example: "outcome:refused" },
  { name: "severity", aliases: [], says: "info, notice, warning or critical", example: "severity>=warning" },
  { name: "received", aliases: ["time"], says: "when the log took it in, UTC", example: "received>2026-11-01" },
  { name: "last", aliases: [], says: "received within this time: s, m, h, d or w", example: "last:15m" },
  { name: "before", aliases: [], says: "what an entry follows from, by cause", example: "before:120" },
  { name: "after", aliases: [], says: "what follows from an entry, by cause", example: "after:120" },
  { name: "wid", aliases: ["workflow"], says: "workflow", example: "wid:0195400c*" },
  { name: "task", aliases: [], says: "task it is about", example: "task:0195400c*" },
  { name: "name", aliases: [], says: "name of the recorded task", example: "name:build*" },
  { name: "jti", aliases: ["id"], says: "id of the token", example: "jti:0195400c*" },
  { name: "digest", aliases: ["hash"], says: "digest of the token, or one it names", example: "digest:AaYUfC34*" },
  { name: "seq", aliases: ["entry"], says: "number of the entry", example: "seq:100..200" },
  { name: "submitter", aliases: [], says: "who handed it in", example: "submitter:spiffe*" },
  { name: "domain", aliases: [], says: "trust domain of the log", example: "domain:console.local" },
];

const BY_NAME = new Map<string, FieldName>(
  FIELDS.flatMap(({ name, aliases }) => [name, ...aliases].map((called): [string, FieldName] => [called, name])),
);

/** The field of that name, or of that other name. */
export function fieldNamed(name: string): FieldName | null {
  return BY_NAME.get(name.toLowerCase()) ?? null;
}

export const isWordField = (name: string): name is WordField => WORD_FIELDS.some((field) => field === name);
export const isOrderedField = (name: string): name is OrderedField => ORDERED_FIELDS.some((field) => field === name);

/** The name that was most likely meant, if one is near. */
export function nearestField(name: string): string | null {
  return nearest(name.toLowerCase(), [...BY_NAME.keys()]);
}

/** Of some words the one with the fewest letters changed, if those are at most a third of it or two. */
export function nearest(word: string, words: readonly string[]): string | null {
  let best: string | null = null;
  let least = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const other of words) {
    const steps = distance(word, other);
    if (steps >= least || steps >= other.length) continue;
    least = steps;
    best = other;
  }
  return best;
}

/** Letters put in, left out, changed, or exchanged with the next one. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 4 || a.length > 40) return 99;
  const rows = Array.from({ length: a.length + 1 }, (_, row) => [row, ...new Array<number>(b.length).fill(0)]);
  const at = (row: number, column: number): number => rows[row]?.[column] ?? 0;
  for (let column = 0; column <= b.length; column += 1) (rows[0] ?? [])[column] = column;
  for (let row = 1; row <= a.length; row += 1)
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1] ? 0 : 1;
      const steps = [at(row - 1, column) + 1, at(row, column - 1) + 1, at(row - 1, column - 1) + same];
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1])
        steps.push(at(row - 2, column - 2) + 1);
      (rows[row] ?? [])[column] = Math.min(...steps);
    }
  return at(a.length, b.length);
}
