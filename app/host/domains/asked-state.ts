import { type AskedState, givenOf, isSameQuestion } from "../../protocol/audit/held-question.ts";
import type { AskedBook, AskedQuestion } from "./asked-book.ts";
import { type AskingPorts, seatAt } from "./asking.ts";
import { type HeldAt, heldQuestions } from "./deciding.ts";

export interface AskedNow extends AskedQuestion {
  readonly state: AskedState;
  /** The question as its domain holds it, where it does. */
  readonly held: HeldAt | null;
  /** The page to fetch next, or again; null where nothing can be fetched. */
  readonly fetchPage: number | null;
}

/** What this console's people asked, each with what the domain's log says of it now: newest first (XDA-77). */
export async function askedQuestions(ports: AskingPorts, book: AskedBook): Promise<AskedNow[]> {
  const [rows, held] = await Promise.all([book.all(), heldQuestions(ports)]);
  const readable = new Map<string, boolean>();
  for (const { domain } of rows)
    if (!readable.has(domain)) readable.set(domain, (await seatAt(ports, domain)) !== null);
  return rows.map((row) => {
    const one = held.find(({ domain, query }) => domain === row.domain && isSameQuestion(query, row.query)) ?? null;
    return askedNow(row, one, readable.get(row.domain) === true);
  });
}

/** The log's word counts before what was said once; a domain that cannot be read now leaves what it said last. */
export function askedNow(row: AskedQuestion, held: HeldAt | null, isReadable: boolean): AskedNow {
  const { reply } = row;
  const now = (state: AskedState, fetchPage: number | null = null): AskedNow => ({ ...row, state, held, fetchPage });
  const said = reply === null ? "asked" : reply.state;
  if (held === null) return now(said === "held" ? (isReadable ? "expired" : "waiting") : said);
  switch (held.state) {
    case "held":
      return now("waiting");
    case "refused":
      return now("refused");
    case "approved":
    case "used": {
      const page = nextPage(held, reply);
      // What was approved may be more than there is.
      if (held.state === "approved" && page !== null) return now("approved", page);
      return now("fetched", held.isOver ? null : held.query.page);
    }
    case "lapsed":
      if (givenOf(held) > 0) return now("fetched");
      return now(said === "held" || reply === null || reply.atS <= held.until ? "expired" : said);
  }
}

/**
 * Where the answer goes on: what was fetched last may not have come back, and is fetched again, which counts once. Null where
 * it ended.
 */
function nextPage(held: HeldAt, reply: AskedQuestion["reply"]): number | null {
  const last = held.fetched.filter(({ page_size: size }) => size === held.query.page_size).at(-1);
  if (last === undefined) return held.query.page;
  return reply?.state === "answered" ? reply.next : last.page;
}
