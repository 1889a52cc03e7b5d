import * as z from "zod";
import { DOMAIN_REASONS, DOMAIN_STATES } from "../../protocol/cascade/failure-domain.ts";
import { uriSchema } from "../../protocol/jose/formats.ts";

/** `data` of the record `domain_state`: one transition of a failure domain (cascade.md section c) [ours]. */
export const domainRecordSchema = z.object({
  domain: z.string(),
  from: z.enum(DOMAIN_STATES),
  to: z.enum(DOMAIN_STATES),
  reason: z.enum(DOMAIN_REASONS),
  /** The operator who ordered it. */
  by: uriSchema.optional(),
  /** Counts up for each domain. */
  seq: z.int().positive(),
});
export type DomainRecord = z.infer<typeof domainRecordSchema>;
