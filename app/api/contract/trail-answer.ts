import * as z from "zod";
import { compactSchema, uuidSchema } from "../../protocol/jose/formats.ts";

/** An entry of an answer, after its signature and its disclosures were checked. */
export const answeredEntrySchema = z.object({
  jti: uuidSchema,
  wid: uuidSchema.nullable(),
  execAct: z.string(),
  outcome: z.string(),
  /** Whose act it was, as the gateway says. */
  actor: z.string(),
  /** Epoch seconds by its domain's clock. */
  at: z.int(),
  /** Claims that were disclosed, and how many are only digests here. */
  disclosed: z.array(z.object({ name: z.string(), value: z.json() })),
  hidden: z.int(),
});

/** What one domain answered, or why there is nothing of it. */
export const domainAnswerSchema = z.object({
  domain: z.string(),
  /**
   * `held`: an operator of the domain is to approve it first (XDA-S7). `silent`: it did not answer in time, cannot, or its
   * answer does not verify.
   */
  state: z.enum(["answered", "denied", "held", "silent"]),
  code: z.string().nullable(),
  detail: z.string(),
  /** It told all that its own trail has of it. */
  complete: z.boolean(),
  /** The `audit-trail+jwt` of its gateway. */
  token: compactSchema.nullable(),
  entries: z.array(answeredEntrySchema),
  /** Kept back: claims by the rules for whoever asks, claims that were erased, whole entries that must not leave. */
  redacted: z.object({ audience: z.int(), erased: z.int(), transfer_forbidden: z.int() }),
  /** These counts are rounded up to powers of two (XDA-S8). */
  rounded: z.boolean(),
  gaps: z.array(z.object({ after: z.string(), before: z.string().nullable(), reason: z.string() })),
  external: z.array(z.object({ stitchId: uuidSchema, domain: z.string() })),
  /** The page that goes on; null where there is none. */
  next: z.int().nullable(),
});
export type DomainAnswer = z.infer<typeof domainAnswerSchema>;
