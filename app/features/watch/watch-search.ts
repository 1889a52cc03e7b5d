import * as z from "zod/mini";
import { TASK_STATES, type TaskState } from "../../api/contract/task-state.ts";

const orNothing = <Value extends z.core.SomeType>(value: Value) => z.catch(z.optional(value), undefined);

/** What a link to this pane carries; what is wrong in it is left out, never an error. */
export const watchSearchSchema = z.object({
  wid: orNothing(z.string()),
  /** All workflows were asked for, where one alone would be opened by itself. */
  all: orNothing(z.boolean()),
  /** Digest of a stored run that is to be started. */
  run: orNothing(z.string()),
  view: orNothing(z.enum(["graph", "table"])),
  dir: orNothing(z.enum(["down", "right"])),
  lanes: orNothing(z.boolean()),
  fold: orNothing(z.enum(["auto", "on", "off"])),
  /** Opened groups, by their first members: `t3.40`. */
  open: orNothing(z.string()),
  /** Selected tasks: `t3.40.5-204`, or `+5700` when they are too many and too scattered for a link. */
  sel: orNothing(z.string()),
  /** Where the graph is looked at: `z0.85_120_-45`, the zoom and the middle of the screen. */
  vp: orNothing(z.string()),
  /** The order of the table: `state_-name`, a minus for descending. */
  sort: orNothing(z.string()),
  /** Agents whose rows are closed in the table, by their numbers. */
  shut: orNothing(z.string()),
  /** The drawer is open. */
  detail: orNothing(z.boolean()),
  /** The list of circuit breakers is open. */
  breakers: orNothing(z.boolean()),
  /** The list of leases and links is open. */
  links: orNothing(z.boolean()),
  /** The rollback panel: a cut plans one (`w` the whole workflow, `t5`, `c…`), an id shows the one under way, anything else all. */
  rollback: orNothing(z.string()),
  q: orNothing(z.string().check(z.maxLength(200))),
  /** States that are shown: `waiting-failed`. */
  state: orNothing(z.string()),
  agent: orNothing(z.string()),
  action: orNothing(z.string()),
});
export type WatchSearch = z.infer<typeof watchSearchSchema>;

export type SetSearch = (patch: Partial<WatchSearch>, options?: { readonly replace?: boolean }) => void;

export function parseStates(text: string | undefined): TaskState[] {
  return TASK_STATES.filter((state) => text?.split("-").includes(state) ?? false);
}
