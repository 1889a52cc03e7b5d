import * as z from "zod/mini";

/** Each state of a crossing, what asks for somebody first. */
export const STATES = ["conflict", "dangling", "refused", "uncompared", "announced", "matched", "verified"] as const;

/** What a link to this pane carries: the workflow, which crossings, and the one in view. */
export const domainsSearchSchema = z.object({
  wid: z.catch(z.optional(z.string()), undefined),
  state: z.catch(z.optional(z.enum(STATES)), undefined),
  crossing: z.catch(z.optional(z.string()), undefined),
});
export type DomainsSearch = z.infer<typeof domainsSearchSchema>;
export type SetDomainsSearch = (patch: Partial<DomainsSearch>, options?: { readonly replace?: boolean }) => void;
