import type { QueryProblem } from "../../protocol/query/expression.ts";
import { parseQuery } from "../../protocol/query/parse.ts";
import { Bits } from "./bits.ts";
import type { QueryIndex } from "./query-index.ts";

/** What is loaded when the first query is asked: the language and its index. */

export { entryDoc } from "./entry-doc.ts";
export { createQueryIndex } from "./query-index.ts";

export interface Asked {
  readonly bits: Bits;
  readonly problems: readonly QueryProblem[];
}

/** Reads a query and answers it. With a problem it selects nothing. */
export function createAsk(index: QueryIndex): (text: string, nowS: number) => Asked {
  return (text, nowS) => {
    const parsed = parseQuery(text);
    if (!parsed.ok) return { bits: new Bits(index.size), problems: parsed.error };
    const { bits, unknown } = index.select(parsed.value, nowS);
    const [first] = unknown;
    if (first === undefined) return { bits, problems: [] };
    const problems = unknown.map(
      ({ offset, length, of }): QueryProblem => ({
        code: "query_event_unknown",
        offset,
        length,
        detail: `the log has no entry ${/^\d+$/.test(of) ? of : "with this token id"}`,
        suggestion: null,
      }),
    );
    return { bits: new Bits(index.size), problems };
  };
}
