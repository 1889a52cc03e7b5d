import { createToken, Lexer } from "chevrotain";

/**
 * The tokens of the query language. After a field and its operator a value follows, in which letters mean nothing but
 * themselves up to the next blank or parenthesis: ids are full of colons.
 */

/** The end of a word: so that `order` is not `or` and more. */
const END = '(?![^\\s()"])';
const word = (text: string): RegExp => new RegExp(`${text}${END}`, "i");

const Blank = createToken({ name: "Blank", pattern: /\s+/, group: Lexer.SKIPPED });
export const Open = createToken({ name: "Open", pattern: /\(/ });
export const Close = createToken({ name: "Close", pattern: /\)/ });
export const And = createToken({ name: "And", pattern: word("and") });
export const Or = createToken({ name: "Or", pattern: word("or") });
export const Not = createToken({ name: "Not", pattern: word("not") });
export const Field = createToken({ name: "Field", pattern: /[a-z][a-z_]*(?=\s*[:=<>])/i });
export const Operator = createToken({ name: "Operator", pattern: /(?:>=|<=|[:=<>])\s*/, push_mode: "value" });
export const Quoted = createToken({ name: "Quoted", pattern: /"(?:[^"\\]|\\[\s\S])*"\*?/ });
export const OpenQuote = createToken({ name: "OpenQuote", pattern: /"(?:[^"\\]|\\[\s\S])*\\?/ });
export const Word = createToken({ name: "Word", pattern: /[^\s()"]+/ });

const BlankAfterValue = createToken({ name: "BlankAfterValue", pattern: /\s+/, group: Lexer.SKIPPED, pop_mode: true });
const CloseAfterValue = createToken({ name: "CloseAfterValue", pattern: /\)/, pop_mode: true, categories: [Close] });
/** Nothing takes it: a parenthesis in the place of a value. */
const OpenInValue = createToken({ name: "OpenInValue", pattern: /\(/, pop_mode: true });
export const DotDot = createToken({ name: "DotDot", pattern: /\.\./ });
export const QuotedValue = createToken({ name: "QuotedValue", pattern: /"(?:[^"\\]|\\[\s\S])*"\*?/ });
const OpenQuoteValue = createToken({
  name: "OpenQuoteValue",
  pattern: /"(?:[^"\\]|\\[\s\S])*\\?/,
  categories: [OpenQuote],
});
export const Value = createToken({ name: "Value", pattern: /(?:(?!\.\.)[^\s()"])+/ });

const MAIN = [Blank, Open, Close, And, Or, Not, Field, Operator, Quoted, OpenQuote, Word];
const VALUE = [BlankAfterValue, CloseAfterValue, OpenInValue, DotDot, QuotedValue, OpenQuoteValue, Value];

export const VOCABULARY = [...MAIN, ...VALUE];

const lexer = new Lexer(
  { modes: { main: MAIN, value: VALUE }, defaultMode: "main" },
  { positionTracking: "onlyOffset" },
);

export function tokensOf(text: string) {
  return lexer.tokenize(text).tokens;
}
