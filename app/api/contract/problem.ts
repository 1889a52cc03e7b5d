import * as z from "zod/mini";

/** RFC 9457 problem details with the digest's members (COM-8). Never carries a token. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  claim: z.optional(z.string()),
  jti: z.optional(z.string()),
  /** Whether the same request may succeed later, for `unavailable` problems. */
  retry: z.optional(z.boolean()),
});
export type Problem = z.infer<typeof problemSchema>;
