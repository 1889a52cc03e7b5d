import { type IRecognitionException, type IToken, tokenMatcher } from "chevrotain";
import { err, ok, type Result } from "../../base/result.ts";
import type { Expression, QueryProblem } from "./expression.ts";
import { grammar } from "./grammar.ts";
import { problem } from "./term.ts";
import { Close, Field, Not, Open, OpenQuote, Quoted, tokensOf, Word } from "./tokens.ts";

/** Longest query, UTF-16 code units. */
export const QUERY_MAX = 2000;
/** Terms of a query: each may have to put together a part of the log. */
const TERMS_MAX = 100;
const TERMS = [Field, Word, Quoted];
/** Parentheses and `not` within each other. */
const DEPTH_MAX = 64;

/** Reads a query (XA-21), or says everything that is wrong with it and where, in the order of the text (XA-22). */
export function parseQuery(text: string): Result<Expression, readonly QueryProblem[]> {
  if (text.length > QUERY_MAX) {
    const place = { offset: QUERY_MAX, length: text.length - QUERY_MAX };
    return err([problem("query_too_long", place, `a query has at most ${QUERY_MAX} characters`, null)]);
  }
  const tokens = tokensOf(text);
  const quote = tokens.find((token) => tokenMatcher(token, OpenQuote));
  if (quote !== undefined) {
    const place = { offset: quote.startOffset, length: quote.image.length };
    return err([problem("query_quote_open", place, "the quotes are not closed", `${quote.image}"`)]);
  }
  const over = tokens.filter((token) => TERMS.some((type) => tokenMatcher(token, type)))[TERMS_MAX];
  if (over !== undefined) {
    const place = { offset: over.startOffset, length: over.image.length };
    return err([problem("query_too_long", place, `a query has at most ${TERMS_MAX} terms`, null)]);
  }
  const deep = tooDeep(tokens);
  if (deep !== null) {
    const place = { offset: deep.startOffset, length: deep.image.length };
    return err([problem("query_too_deep", place, `at most ${DEPTH_MAX} parentheses lie within each other`, null)]);
  }
  grammar.input = tokens;
  grammar.problems = [];
  const expression = grammar.query();
  const problems = [...grammar.problems, ...grammar.errors.map((error) => syntaxProblem(error, text))];
  if (problems.length === 0) return ok(expression);
  return err(problems.sort((a, b) => a.offset - b.offset).filter(isFirstAtPlace));
}

/** What follows from a mistake at the same place adds nothing. */
const isFirstAtPlace = (one: QueryProblem, at: number, all: readonly QueryProblem[]): boolean =>
  all[at - 1]?.offset !== one.offset;

function tooDeep(tokens: readonly IToken[]): IToken | null {
  let depth = 0;
  let nots = 0;
  for (const token of tokens) {
    nots = tokenMatcher(token, Not) ? nots + 1 : 0;
    if (tokenMatcher(token, Open)) depth += 1;
    if (tokenMatcher(token, Close)) depth -= 1;
    if (depth + nots > DEPTH_MAX) return token;
  }
  return null;
}

function syntaxProblem(
  { token, previousToken }: IRecognitionException & { previousToken?: IToken },
  text: string,
): QueryProblem {
  if (Number.isNaN(token.startOffset) || token.image === "") {
    // At the end: the place is what has been left without its other half.
    const before = previousToken !== undefined && !Number.isNaN(previousToken.startOffset) ? previousToken : null;
    const end = text.trimEnd().length;
    const offset = before?.startOffset ?? Math.max(0, end - 1);
    return problem(
      "query_incomplete",
      { offset, length: Math.max(1, end - offset) },
      "something is missing after this",
      null,
    );
  }
  const place = { offset: token.startOffset, length: Math.max(1, token.image.trimEnd().length) };
  return problem("query_unexpected", place, `"${token.image.trim().slice(0, 40)}" makes no sense here`, null);
}
