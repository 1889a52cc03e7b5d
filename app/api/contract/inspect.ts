import * as z from "zod";
import { digestSchema, timeSchema, uriSchema } from "../../protocol/jose/formats.ts";
import { entryRowSchema, positionSchema, verificationStepSchema } from "./common.ts";

/** Characters of a text that is taken to be a token at all; a token has at most 16,384 (CTV 1). */
export const MAX_INSPECTED = 65_536;

/** A token by itself, or one of the log by its entry or its id; `at` is the time to verify it as of. */
export const inspectInputSchema = z.union([
  z.object({ token: z.string().max(MAX_INSPECTED), at: timeSchema.optional() }),
  z.object({ seq: z.int().nonnegative(), at: timeSchema.optional() }),
  z.object({ jti: z.string().min(1).max(256), at: timeSchema.optional() }),
]);
export type InspectInput = z.infer<typeof inspectInputSchema>;

export const inspectedSchema = z.object({
  position: positionSchema,
  /** The entry that holds exactly this token; null for one that is not in this log. */
  entry: entryRowSchema.nullable(),
  /** The token, where it was asked for by entry or id. */
  token: z.string().nullable(),
  /** As its header names it, in normal form; null where none can be read. */
  typ: z.string().nullable(),
  /** Whether it is a type of the family that is known here. */
  isKnown: z.boolean(),
  /** Empty where the token cannot be read. */
  header: z.record(z.string(), z.json()),
  claims: z.record(z.string(), z.json()),
  digest: digestSchema,
  /** Epoch seconds as of which it was verified, and why that: its receipt (COM-2), now, or as it was asked. */
  at: z.int(),
  asOf: z.enum(["receipt", "now", "given"]),
  /** Under which ids this console is addressed. */
  ownIds: z.array(uriSchema),
  /** The enrolled key that its header names, and from when that is not taken any more. */
  key: z.object({ kid: z.string(), subject: uriSchema, until: z.int().nullable() }).nullable(),
  /**
   * Numbered as their procedure has them: CTV, for ECTs D1, D2 and D4, for policies also P1, and ACP for a requirement that
   * has no step. `not_applicable` does not concern this token; `not_checked` cannot be found out here, and is no pass.
   */
  steps: z.array(
    verificationStepSchema.extend({
      procedure: z.string(),
      result: z.enum([...verificationStepSchema.shape.result.options, "not_applicable", "not_checked"]),
    }),
  ),
  /** Other tokens it names. */
  names: z.array(z.object({ rel: z.string(), jti: z.string(), entry: entryRowSchema.nullable() })),
  /** Entries that name it, in the order of the log. */
  namedBy: z.array(z.object({ rel: z.string(), entry: entryRowSchema })),
  /** False where there may be more of them. */
  isNamedByAll: z.boolean(),
});
export type Inspected = z.infer<typeof inspectedSchema>;
