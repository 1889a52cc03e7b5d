import { ID_FIELDS, type QueryDoc, TEXT_FIELDS, valuesOf } from "./document.ts";
import type { Expression } from "./expression.ts";
import { SEVERITIES } from "./fields.ts";
import { digestPrefixOf, folded, idPrefixOf, needleOf, spaced } from "./words.ts";

/** A log that is looked through entry by entry: what the language means (XA-21), which an index must agree with. */
export interface QueryWorld {
  readonly docs: readonly QueryDoc[];
  /** Epoch seconds. */
  readonly nowS: number;
  /** Entries before it that an entry follows from. */
  causesOf(seq: number): readonly number[];
}

/** Whether an entry is meant by an expression. */
export function matcherOf(expression: Expression, world: QueryWorld): (doc: QueryDoc) => boolean {
  switch (expression.kind) {
    case "all":
      return () => true;
    case "and": {
      const parts = expression.parts.map((part) => matcherOf(part, world));
      return (doc) => parts.every((matches) => matches(doc));
    }
    case "or": {
      const parts = expression.parts.map((part) => matcherOf(part, world));
      return (doc) => parts.some((matches) => matches(doc));
    }
    case "not": {
      const matches = matcherOf(expression.part, world);
      return (doc) => !matches(doc);
    }
    case "text":
      return textMatcher(expression.text, expression.exact);
    case "word": {
      const { field, prefix } = expression;
      const value = folded(field, expression.value);
      return (doc) => valuesOf(doc, field).some((one) => (prefix ? one.startsWith(value) : one === value));
    }
    case "range": {
      const { field, from, to } = expression;
      return (doc) => {
        const at = field === "seq" ? doc.seq : field === "received" ? doc.receivedAt : SEVERITIES.indexOf(doc.severity);
        return (from === null || at >= from) && (to === null || at <= to);
      };
    }
    case "last":
      return (doc) => doc.receivedAt > world.nowS - expression.seconds;
    case "cause": {
      const seq = eventOf(expression.of, world);
      const found = seq === null ? new Set<number>() : related(seq, expression.side, world);
      return (doc) => found.has(doc.seq);
    }
  }
}

function textMatcher(text: string, exact: boolean): (doc: QueryDoc) => boolean {
  const needle = needleOf(text, exact);
  const id = exact ? null : idPrefixOf(text);
  const digest = exact ? null : digestPrefixOf(text);
  return (doc) =>
    (needle !== null &&
      TEXT_FIELDS.some((field) => valuesOf(doc, field).some((value) => spaced(value).includes(needle)))) ||
    (id !== null && ID_FIELDS.some((field) => valuesOf(doc, field).some((value) => value.startsWith(id)))) ||
    (digest !== null && doc.digests.some((value) => value.startsWith(digest)));
}

/** The number that a query gives an event by, or null where it gives an id. */
export const eventNumber = (of: string): number | null => (/^\d{1,9}$/.test(of) ? Number(of) : null);

function eventOf(of: string, { docs }: QueryWorld): number | null {
  const number = eventNumber(of);
  if (number !== null) return number < docs.length ? number : null;
  return docs.find((doc) => doc.jti?.toLowerCase() === of.toLowerCase())?.seq ?? null;
}

function related(seq: number, side: "before" | "after", { docs, causesOf }: QueryWorld): ReadonlySet<number> {
  const found = new Set([seq]);
  const order = side === "before" ? [...docs].reverse() : docs;
  for (const doc of order) {
    if (side === "before" && found.has(doc.seq)) for (const cause of causesOf(doc.seq)) found.add(cause);
    if (side === "after" && causesOf(doc.seq).some((cause) => found.has(cause))) found.add(doc.seq);
  }
  found.delete(seq);
  return found;
}
