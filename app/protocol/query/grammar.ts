// biome-ignore-all lint/correctness/noComponentHookFactories: an alternative of a rule is called ALT by the parser library

import { EmbeddedActionsParser, type IToken, tokenMatcher } from "chevrotain";
import { type Expression, joined, type QueryProblem } from "./expression.ts";
import { readTerm, readText, type TermParts } from "./term.ts";
import * as T from "./tokens.ts";

const NOTHING: Expression = { kind: "all" };
type Rule<Out> = () => Out;

/**
 * The grammar (execution-audit.md Q1):
 *
 *     query   = [ or ]
 *     or      = and { "or" and }
 *     and     = not { [ "and" ] not }
 *     not     = "not" not | primary
 *     primary = "(" or ")" | field operator values | text
 *     values  = value [ ".." [ value ] ] | ".." value
 *
 * It goes on after a mistake, so that all mistakes are told at once.
 */
class QueryGrammar extends EmbeddedActionsParser {
  /** What is wrong with fields and values, beside `errors`, which are about the order of tokens. */
  problems: QueryProblem[] = [];

  constructor() {
    super(T.VOCABULARY, { recoveryEnabled: true, maxLookahead: 2 });
    this.performSelfAnalysis();
  }

  readonly query: Rule<Expression> = this.RULE("query", () => this.OPTION(() => this.SUBRULE(this.anyOf)) ?? NOTHING, {
    recoveryValueFunc: () => NOTHING,
  });

  private readonly anyOf: Rule<Expression> = this.RULE(
    "anyOf",
    () => {
      const parts = [this.SUBRULE(this.allOf)];
      this.MANY(() => {
        this.CONSUME(T.Or);
        parts.push(this.SUBRULE2(this.allOf));
      });
      return this.ACTION(() => joined("or", parts));
    },
    { recoveryValueFunc: () => NOTHING },
  );

  private readonly allOf: Rule<Expression> = this.RULE(
    "allOf",
    () => {
      const parts = [this.SUBRULE(this.negated)];
      this.MANY(() => {
        this.OPTION(() => this.CONSUME(T.And));
        parts.push(this.SUBRULE2(this.negated));
      });
      return this.ACTION(() => joined("and", parts));
    },
    { recoveryValueFunc: () => NOTHING },
  );

  private readonly negated: Rule<Expression> = this.RULE(
    "negated",
    () =>
      this.OR([
        {
          ALT: (): Expression => {
            this.CONSUME(T.Not);
            return { kind: "not", part: this.SUBRULE(this.negated) };
          },
        },
        { ALT: () => this.SUBRULE(this.primary) },
      ]),
    { recoveryValueFunc: () => NOTHING },
  );

  private readonly primary: Rule<Expression> = this.RULE(
    "primary",
    () =>
      this.OR([
        {
          ALT: () => {
            this.CONSUME(T.Open);
            const inner = this.SUBRULE(this.anyOf);
            this.CONSUME(T.Close);
            return inner;
          },
        },
        { ALT: () => this.SUBRULE(this.term) },
        { ALT: () => this.text(this.CONSUME(T.Word)) },
        { ALT: () => this.text(this.CONSUME(T.Quoted)) },
      ]),
    { recoveryValueFunc: () => NOTHING },
  );

  private readonly term: Rule<Expression> = this.RULE(
    "term",
    () => {
      const field = this.CONSUME(T.Field);
      const operator = this.CONSUME(T.Operator);
      let from: IToken | null = null;
      let dots: IToken | null = null;
      let to: IToken | null = null;
      this.OR([
        {
          ALT: () => {
            dots = this.CONSUME(T.DotDot);
            to = this.SUBRULE(this.value);
          },
        },
        {
          ALT: () => {
            from = this.SUBRULE2(this.value);
            this.OPTION(() => {
              dots = this.CONSUME2(T.DotDot);
              this.OPTION2(() => {
                to = this.SUBRULE3(this.value);
              });
            });
          },
        },
      ]);
      return this.ACTION(() => this.taken(readTerm({ field, operator, from, dots, to } satisfies TermParts)));
    },
    { recoveryValueFunc: () => NOTHING },
  );

  private readonly value: Rule<IToken | null> = this.RULE(
    "value",
    () => this.OR<IToken | null>([{ ALT: () => this.CONSUME(T.Value) }, { ALT: () => this.CONSUME(T.QuotedValue) }]),
    { recoveryValueFunc: () => null },
  );

  private text(token: IToken): Expression {
    return this.ACTION(() => this.taken(readText(token, tokenMatcher(token, T.Quoted)))) ?? NOTHING;
  }

  private taken(read: Expression | QueryProblem): Expression {
    if ("kind" in read) return read;
    this.problems.push(read);
    return NOTHING;
  }
}

/** One is enough: it is set anew for every text. */
export const grammar = new QueryGrammar();
