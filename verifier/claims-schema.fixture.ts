import * as z from "zod";
import { must } from "../app/base/assert.ts";
import type { TokenType } from "../app/protocol/jose/token-type.ts";
import { KNOWN_TYPS, tokenTypeOf } from "../app/protocol/token-types.ts";

/** What stands behind a reader of names of an earlier version, which the second verifier has itself. */
const claimsOf = ({ schema }: TokenType<unknown>): z.ZodType =>
  (schema as unknown as { readonly out?: z.ZodType }).out ?? schema; // a pipe of zod's has it

/**
 * The claims of every type as JSON Schema (2020-12), an object a line: written down in `claims.jsonl`, which is what both
 * verifiers have in common beside the specification. What relates claims to each other no such schema says.
 */
export function claimsSchemaText(): string {
  const lines = KNOWN_TYPS.map((typ) => {
    const type = must(tokenTypeOf(typ), "a known type");
    const { $schema: _, ...schema } = z.toJSONSchema(claimsOf(type), { io: "input" });
    // Of an override it depends on its level.
    const longest = type.maxLifetimeS.length === 0 ? type.maxLifetimeS({}) : null;
    return `${JSON.stringify({ typ, max_lifetime_s: longest, claims: schema })}\n`;
  });
  return lines.join("");
}
