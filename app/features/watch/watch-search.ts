import * as z from "zod";
import { TASK_STATES, type TaskState } from "../../api/contract/common.ts";

/** What a link to this pane carries; what is wrong in it is left out, never an error. */
export const watchSearchSchema = z.object({
  wid: z.string().optional().catch(undefined),
  /** Digest of a stored run that is to be started. */
  run: z.string().optional().catch(undefined),
  view: z.enum(["graph", "table"]).optional().catch(undefined),
  dir: z.enum(["down", "right"]).optional().catch(undefined),
  lanes: z.boolean().optional().catch(undefined),
  fold: z.enum(["auto", "on", "off"]).optional().catch(undefined),
  /** Opened groups, by their first members: `t3-40`. */
  open: z.string().optional().catch(undefined),
  /** Selected tasks: `t3-40`, or `+57` when they are too many for a link. */
  sel: z.string().optional().catch(undefined),
  /** The drawer is open. */
  detail: z.boolean().optional().catch(undefined),
  q: z.string().max(200).optional().catch(undefined),
  /** States that are shown: `waiting-failed`. */
  state: z.string().optional().catch(undefined),
  agent: z.string().optional().catch(undefined),
  action: z.string().optional().catch(undefined),
});
export type WatchSearch = z.infer<typeof watchSearchSchema>;

export type SetSearch = (patch: Partial<WatchSearch>, options?: { readonly replace?: boolean }) => void;

/** More tasks than this do not go into a link. */
export const MAX_LINKED = 20;

/** Task numbers of a link that exist in a run of `tasks` tasks. */
export function parseNumbers(text: string | undefined, tasks: number): number[] {
  if (text === undefined || text.startsWith("+")) return [];
  const numbers = text
    .replace(/^t/, "")
    .split("-")
    .map((part) => (/^\d{1,6}$/.test(part) ? Number(part) : -1));
  return [...new Set(numbers.filter((number) => number >= 0 && number < tasks))];
}

/** Begins with a letter, so that no router takes a single number for more than text. */
export function formatNumbers(numbers: readonly number[]): string | undefined {
  if (numbers.length === 0) return undefined;
  return numbers.length <= MAX_LINKED ? `t${numbers.join("-")}` : `+${numbers.length}`;
}

export function parseStates(text: string | undefined): TaskState[] {
  return TASK_STATES.filter((state) => text?.split("-").includes(state) ?? false);
}
