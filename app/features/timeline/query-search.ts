import { type Expression, joined, type QueryProblem } from "../../protocol/query/expression.ts";
import { parseQuery } from "../../protocol/query/parse.ts";
import { printQuery } from "../../protocol/query/print.ts";
import { type EntryFilter, filterOf, type TimelineSearch } from "./timeline-search.ts";

/** Chosen filters alone need no index for queries: the log's own list of rows answers them at once. */
export type Asked = { readonly filter: EntryFilter } | { readonly expression: string };

/** What of the log is shown, as one expression: the chosen filters and the query. */
export interface Chosen {
  /** What the host is asked for; null where the query cannot be read. */
  readonly asked: Asked | null;
  /** For `audit.query`; empty for everything, null where the query cannot be read. */
  readonly text: string | null;
  /** What is wrong with the query, with places in its own text. */
  readonly problems: readonly QueryProblem[];
}

const FIELD_OF = { wid: "wid", agent: "by", action: "action", outcome: "outcome", typ: "typ" } as const;

/** The one expression that the chosen filters and the query are together (XA-21). */
export function expressionOf(search: TimelineSearch): Chosen {
  const parsed = parseQuery(search.q ?? "");
  if (!parsed.ok) return { asked: null, text: null, problems: parsed.error };
  const filter = filterOf(search);
  const isQuery = parsed.value.kind !== "all";
  const text = printQuery(joined("and", [...termsOf(filter), ...(isQuery ? [parsed.value] : [])]));
  return { asked: isQuery ? { expression: text } : { filter }, text, problems: [] };
}

function termsOf(filter: EntryFilter): Expression[] {
  return (Object.keys(FIELD_OF) as (keyof typeof FIELD_OF)[]).flatMap((name): Expression[] => {
    const value = filter[name];
    return value === undefined ? [] : [{ kind: "word", field: FIELD_OF[name], value, prefix: false }];
  });
}

/** A problem that the host found in the whole expression, at its place in the query as it was typed. */
export function placedIn(query: string, whole: string, problem: QueryProblem): QueryProblem {
  const text = whole.slice(problem.offset, problem.offset + problem.length);
  const offset = query.toLowerCase().indexOf(text.toLowerCase());
  return offset === -1 ? { ...problem, offset: 0, length: query.length } : { ...problem, offset };
}
