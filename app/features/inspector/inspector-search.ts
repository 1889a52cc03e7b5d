import * as z from "zod";

/** What a link to this pane carries: which token of the log, and as of when. A pasted token is never in it. */
export const inspectorSearchSchema = z.object({
  /** The workflow that was chosen in another pane; kept for the next one. */
  wid: z.string().optional().catch(undefined),
  /** Entry of the log. */
  entry: z.coerce.number().int().nonnegative().optional().catch(undefined),
  /** Token id, where no entry is named. */
  jti: z.string().max(256).optional().catch(undefined),
  /** Epoch seconds as of which it is verified, or `now`; otherwise its receipt, or now where it has none. */
  at: z
    .union([z.literal("now"), z.coerce.number().int().nonnegative()])
    .optional()
    .catch(undefined),
});
export type InspectorSearch = z.infer<typeof inspectorSearchSchema>;
export type SetInspectorSearch = (patch: Partial<InspectorSearch>, options?: { readonly replace?: boolean }) => void;
