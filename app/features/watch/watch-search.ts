import * as z from "zod";
import { TASK_STATES, type TaskState } from "../../api/contract/common.ts";

/** What a link to this pane carries; what is wrong in it is left out, never an error. */
export const watchSearchSchema = z.object({
  wid: z.string().optional().catch(undefined),
  /** All workflows were asked for, where one alone would be opened by itself. */
  all: z.boolean().optional().catch(undefined),
  /** Digest of a stored run that is to be started. */
  run: z.string().optional().catch(undefined),
  view: z.enum(["graph", "table"]).optional().catch(undefined),
  dir: z.enum(["down", "right"]).optional().catch(undefined),
  lanes: z.boolean().optional().catch(undefined),
  fold: z.enum(["auto", "on", "off"]).optional().catch(undefined),
  /** Opened groups, by their first members: `t3.40`. */
  open: z.string().optional().catch(undefined),
  /** Selected tasks: `t3.40.5-204`, or `+5700` when they are too many and too scattered for a link. */
  sel: z.string().optional().catch(undefined),
  /** Where the graph is looked at: `z0.85_120_-45`, the zoom and the middle of the screen. */
  vp: z.string().optional().catch(undefined),
  /** The order of the table: `state_-name`, a minus for descending. */
  sort: z.string().optional().catch(undefined),
  /** Agents whose rows are closed in the table, by their numbers. */
  shut: z.string().optional().catch(undefined),
  /** The drawer is open. */
  detail: z.boolean().optional().catch(undefined),
  /** The list of circuit breakers is open. */
  breakers: z.boolean().optional().catch(undefined),
  q: z.string().max(200).optional().catch(undefined),
  /** States that are shown: `waiting-failed`. */
  state: z.string().optional().catch(undefined),
  agent: z.string().optional().catch(undefined),
  action: z.string().optional().catch(undefined),
});
export type WatchSearch = z.infer<typeof watchSearchSchema>;

export type SetSearch = (patch: Partial<WatchSearch>, options?: { readonly replace?: boolean }) => void;

export function parseStates(text: string | undefined): TaskState[] {
  return TASK_STATES.filter((state) => text?.split("-").includes(state) ?? false);
}
