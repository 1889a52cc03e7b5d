import * as z from "zod";
import { uriSchema } from "../jose/formats.ts";

/** CAS-6: bounds on what runs and waits in a domain, in sense of cascade.md (b). Without them nothing is bounded. */
const bulkheadSchema = z.strictObject({
  max_concurrency: z.int().min(1),
  on_breach: z.enum(["shed", "queue", "isolate"]),
  queue_max: z.int().nonnegative().default(0),
  queue_timeout_ms: z.int().min(1000).max(86_400_000).default(60_000),
  /** CAS-7: retries within 60 s, as a share of first calls. */
  budget: z.strictObject({ retries_ratio: z.number().min(0).max(1).default(0.1) }).optional(),
});

/**
 * A failure domain as the policy of a workflow sets it up [ours]: who belongs together. The policy is what an operator signs
 * before the start, and names the agents anyway.
 */
export const domainSetupSchema = z
  .strictObject({
    domain_id: z
      .string()
      .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, "a name of small letters, digits, dots, dashes and underscores"),
    /** Agents of the workflow; none where the domain holds other domains. */
    members: z.array(uriSchema).max(256),
    parent: z.string().min(1).max(63).optional(),
    bulkhead: bulkheadSchema.optional(),
  })
  .refine(({ members }) => new Set(members).size === members.length, { path: ["members"], message: "each agent once" });
export type DomainSetup = z.infer<typeof domainSetupSchema>;
