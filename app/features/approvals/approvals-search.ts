import * as z from "zod";
import { gateStateSchema } from "../../api/contract/gate.ts";

/** What of the approvals pane is in the URL: the open request, the state filter (pending when absent) and the workflow. */
export const approvalsSearchSchema = z.object({
  request: z.string().optional().catch(undefined),
  state: z
    .union([gateStateSchema, z.literal("all")])
    .optional()
    .catch(undefined),
  wid: z.string().optional().catch(undefined),
});
export type ApprovalsSearch = z.infer<typeof approvalsSearchSchema>;

/** Input of `gate.queue` for a search: no filter shows what waits for a human. */
export function queueInput(search: ApprovalsSearch): { state?: z.infer<typeof gateStateSchema>; wid?: string } {
  const state = search.state ?? "pending";
  return {
    ...(state === "all" ? {} : { state }),
    ...(search.wid === undefined ? {} : { wid: search.wid }),
  };
}
