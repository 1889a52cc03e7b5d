import type { Json } from "../../base/json.ts";

/** One line of a token's members: its dotted name, how deep it stands, and its value where it is not opened below. */
export interface Member {
  readonly path: string;
  readonly name: string;
  readonly depth: number;
  /** Null where its own members follow. */
  readonly text: string | null;
  readonly value: Json;
}

/** Members shown one by one at most, and how deep; the rest is one text. */
const MAX_MEMBERS = 120;
const MAX_DEPTH = 1;

export interface Opened {
  readonly members: readonly Member[];
  /** Members that are not shown one by one. */
  readonly more: number;
  /** Those, as one text; empty where there are none. */
  readonly rest: string;
}

/** The members of an object in their own order, bounded in number and depth, however large or deep the token is. */
export function openMembers(object: Readonly<Record<string, Json>>): Opened {
  const members: Member[] = [];
  const top = Object.entries(object);
  let taken = 0;
  for (const [name, value] of top) {
    if (members.length >= MAX_MEMBERS) break;
    add(members, name, name, value, 0);
    taken += 1;
  }
  const left = top.slice(taken);
  return {
    members,
    more: left.length,
    rest: left.length === 0 ? "" : JSON.stringify(Object.fromEntries(left), null, 1),
  };
}

function add(members: Member[], path: string, name: string, value: Json, depth: number): void {
  const inner = depth < MAX_DEPTH && isObject(value) ? Object.entries(value) : [];
  const opens = inner.length > 0 && members.length + inner.length < MAX_MEMBERS;
  members.push({ path, name, depth, text: opens ? null : textOf(value), value });
  if (opens) for (const [own, held] of inner) add(members, `${path}.${own}`, own, held, depth + 1);
}

const isObject = (value: Json): value is Readonly<Record<string, Json>> =>
  value !== null && typeof value === "object" && !Array.isArray(value);

function textOf(value: Json): string {
  if (typeof value === "string") return value;
  return JSON.stringify(value, null, value !== null && typeof value === "object" ? 1 : 0);
}
