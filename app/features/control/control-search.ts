import * as z from "zod";

/** What a link to this pane carries: the signal in view. */
export const controlSearchSchema = z.object({ signal: z.string().optional().catch(undefined) });
export type ControlSearch = z.infer<typeof controlSearchSchema>;
