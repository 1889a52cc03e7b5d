import * as z from "zod";
import { gateStateSchema } from "../../api/contract/gate.ts";
import { consequenceSchema } from "../../protocol/acp/claims.ts";
import { uuidSchema } from "../../protocol/jose/formats.ts";

/** What of the approvals pane is in the URL: the open request, and the filters: state (pending when absent), workflow and more. */
export const approvalsSearchSchema = z.object({
  request: z.string().optional().catch(undefined),
  state: z
    .union([gateStateSchema, z.literal("timed_out"), z.literal("all")])
    .optional()
    .catch(undefined),
  wid: z.string().optional().catch(undefined),
  consequence: consequenceSchema.optional().catch(undefined),
  agent: z.string().optional().catch(undefined),
  action: z.string().optional().catch(undefined),
  /** Also what is put away for now. */
  aside: z.literal(true).optional().catch(undefined),
  /** What the queue asks of people, in the place of the queue. */
  view: z.literal("attention").optional().catch(undefined),
  /** What that is measured over: a day when absent. */
  span: z.enum(["week", "month"]).optional().catch(undefined),
});
export type ApprovalsSearch = z.infer<typeof approvalsSearchSchema>;

export const isUuid = (text: string): boolean => uuidSchema.safeParse(text).success;

/** The workflow the queue is narrowed to. What is no workflow id narrows nothing; the pane says so. */
export function workflowOf({ wid }: ApprovalsSearch): string | undefined {
  return wid !== undefined && isUuid(wid) ? wid : undefined;
}

/** Input of `gate.queue` for a search: no filter shows what waits for a human. What timed out has one of two states. */
export function queueInput(search: ApprovalsSearch): { state?: z.infer<typeof gateStateSchema>; wid?: string } {
  const state = search.state ?? "pending";
  const wid = workflowOf(search);
  return {
    ...(state === "all" || state === "timed_out" ? {} : { state }),
    ...(wid === undefined ? {} : { wid }),
  };
}
