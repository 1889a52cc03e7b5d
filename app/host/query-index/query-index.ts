import { ID_FIELDS, type QueryDoc, TEXT_FIELDS, valuesOf } from "../../protocol/query/document.ts";
import { type Expression, type Place, WORD_FIELDS, type WordField } from "../../protocol/query/expression.ts";
import { SEVERITIES } from "../../protocol/query/fields.ts";
import { eventNumber } from "../../protocol/query/matches.ts";
import { digestPrefixOf, folded, idPrefixOf } from "../../protocol/query/words.ts";
import { Bits } from "./bits.ts";
import { Dictionary } from "./dictionary.ts";
import { DigestRuns } from "./digest-runs.ts";
import { type Causes, relatedTo } from "./related.ts";
import { TextIndex } from "./text-index.ts";

/** The entries an expression means, and the events it names that are not there. */
export interface Selected {
  readonly bits: Bits;
  readonly unknown: readonly (Place & { readonly of: string })[];
}

/** Answers queries from lists of entries by value, never by looking at every entry (XA-23). */
export interface QueryIndex {
  /** Entries it knows: those before this one. */
  readonly size: number;
  /** The next entry. */
  add(doc: QueryDoc): void;
  select(expression: Expression, nowS: number): Selected;
}

/** Characters of a whole digest. */
const DIGEST_LENGTH = 43;
const TEXTS: readonly WordField[] = TEXT_FIELDS;

export function createQueryIndex(causes: Causes): QueryIndex {
  const fields = new Map(WORD_FIELDS.filter((field) => field !== "digest").map((field) => [field, new Dictionary()]));
  const digests = new DigestRuns();
  const texts = new TextIndex();
  const received: number[] = [];
  /** Entries of each severity. */
  const ranks: number[][] = SEVERITIES.map(() => []);
  /** Times only go on, unless the log was damaged; then they are looked through. */
  let inOrder = true;
  const dictionary = (field: Exclude<WordField, "digest">): Dictionary => fields.get(field) ?? new Dictionary();

  const make = (size: number, nowS: number, unknown: (Place & { of: string })[]) => {
    const some = (fill: (bits: Bits) => void): Bits => {
      const bits = new Bits(size);
      fill(bits);
      return bits;
    };
    const severities = (from: number | null, to: number | null): Bits =>
      some((bits) => {
        const first = Math.max(0, from ?? 0);
        for (const seqs of ranks.slice(first, Math.max(first, (to ?? ranks.length) + 1)))
          for (const seq of seqs) bits.add(seq);
      });
    const times = (from: number | null, to: number | null): Bits => {
      if (!inOrder)
        return some((bits) => {
          received.forEach((value, seq) => {
            if ((from === null || value >= from) && (to === null || value <= to)) bits.add(seq);
          });
        });
      const first = from === null ? 0 : placeOf(received, from);
      return some((bits) => bits.addRange(first, to === null ? size : placeOf(received, to + 1)));
    };
    const event = (of: string): number | null => {
      const number = eventNumber(of);
      if (number === null) return dictionary("jti").firstOf(folded("jti", of));
      return number < size ? number : null;
    };
    const evaluate = (expression: Expression): Bits => {
      switch (expression.kind) {
        case "all":
          return some((bits) => bits.addRange(0, size));
        case "and":
          return expression.parts.map(evaluate).reduce((all, part) => all.and(part));
        case "or":
          return expression.parts.map(evaluate).reduce((all, part) => all.or(part));
        case "not":
          return evaluate(expression.part).not();
        case "text":
          return some((bits) => {
            const { text, exact } = expression;
            texts.into(bits, text, exact);
            const id = exact ? null : idPrefixOf(text);
            if (id !== null) for (const field of ID_FIELDS) dictionary(field).prefixInto(bits, id);
            const digest = exact ? null : digestPrefixOf(text);
            if (digest !== null) digests.prefixInto(bits, digest);
          });
        case "word":
          return some((bits) => {
            const { field, prefix } = expression;
            const value = folded(field, expression.value);
            if (field === "digest") {
              if (prefix || value.length === DIGEST_LENGTH) digests.prefixInto(bits, value);
            } else if (prefix) dictionary(field).prefixInto(bits, value);
            else dictionary(field).into(bits, value);
          });
        case "range": {
          const { field, from, to } = expression;
          if (field === "severity") return severities(from, to);
          if (field === "received") return times(from, to);
          return some((bits) => bits.addRange(from ?? 0, to === null ? size : to + 1));
        }
        case "last":
          return times(nowS - expression.seconds + 1, null);
        case "cause": {
          const seq = event(expression.of);
          if (seq !== null) return relatedTo(seq, expression.side, causes, size);
          unknown.push({ ...expression.place, of: expression.of });
          return new Bits(size);
        }
      }
    };
    return evaluate;
  };

  return {
    get size() {
      return received.length;
    },
    add: (doc) => {
      if (doc.receivedAt < (received.at(-1) ?? doc.receivedAt)) inOrder = false;
      received.push(doc.receivedAt);
      ranks[SEVERITIES.indexOf(doc.severity)]?.push(doc.seq);
      for (const digest of doc.digests) digests.add(digest, doc.seq);
      for (const [field, values] of fields)
        for (const value of valuesOf(doc, field)) {
          const { number, isNew } = values.add(value, doc.seq);
          if (isNew && TEXTS.includes(field)) texts.add(values, number, value);
        }
    },
    select: (expression, nowS) => {
      const unknown: (Place & { of: string })[] = [];
      return { bits: make(received.length, nowS, unknown)(expression), unknown };
    },
  };
}

/** The first place in a list in order whose value is not below the given one. */
function placeOf(values: readonly number[], value: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
