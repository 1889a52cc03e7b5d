import * as z from "zod";
import { domainInput, entryRowSchema, operation, positionSchema } from "./common.ts";

/** XA-22: why a query selects nothing, with the place in its text, UTF-16 code units. */
export const queryProblemSchema = z.object({
  code: z.enum([
    "query_too_long",
    "query_too_deep",
    "query_unexpected",
    "query_incomplete",
    "query_quote_open",
    "query_field_unknown",
    "query_operator_unfit",
    "query_value_malformed",
    "query_range_empty",
    "query_event_unknown",
  ]),
  offset: z.int().nonnegative(),
  length: z.int().nonnegative(),
  detail: z.string(),
  /** What could stand in its place. */
  suggestion: z.string().nullable(),
});

export const queryInputSchema = z.object({
  expression: z.string().max(4000),
  domain: domainInput.shape.domain,
  order: z.enum(["newest", "oldest"]).default("newest"),
  cursor: z.coerce.number().int().optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});

export const queryAnswerSchema = z.object({
  position: positionSchema,
  rows: z.array(entryRowSchema),
  /** Entries selected, over all that were looked at. */
  total: z.int(),
  next: z.int().nullable(),
  complete: z.boolean(),
  indexed: z.int().nonnegative(),
  /** For the answer alone, without reading the rows, ms. */
  tookMs: z.number(),
  problems: z.array(queryProblemSchema),
});
export type QueryAnswer = z.infer<typeof queryAnswerSchema>;

/**
 * Entries that an expression of the query language means (XA-21). A mistake in it is an answer, not a failure: `problems`
 * says what and where, and no row is given. While the index is being made `complete` is false, and rows and total are of the
 * first `indexed` entries only (XA-24).
 */
export const queryOperation = operation
  .route({ method: "GET", path: "/audit/query" })
  .input(queryInputSchema)
  .output(queryAnswerSchema);

export const selectedSchema = z.object({
  position: positionSchema,
  /** A bit an entry, from entry 0 on, the lowest bit of each byte first: base64url. Of the first `indexed` entries. */
  bits: z.string(),
  total: z.int(),
  complete: z.boolean(),
  indexed: z.int().nonnegative(),
  problems: z.array(queryProblemSchema),
});

/** Which entries a query selects, without their rows: for a picture of the whole log. */
export const selectedOperation = operation
  .route({ method: "GET", path: "/audit/selected" })
  .input(queryInputSchema.pick({ expression: true, domain: true }))
  .output(selectedSchema);
