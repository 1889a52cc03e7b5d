import * as z from "zod";
import { uuidSchema } from "../../protocol/jose/formats.ts";

/**
 * What a link to this pane carries: the workflow it is about, which signals, the one in view and which of its targets; or the
 * drills, one of them, and which of those that are over; or the rollbacks.
 */
export const controlSearchSchema = z.object({
  wid: z.string().optional().catch(undefined),
  signal: z.string().optional().catch(undefined),
  /** All signals when absent. */
  only: z.enum(["force", "stop", "pause", "modify", "takeover"]).optional().catch(undefined),
  /** All targets when absent. */
  targets: z.enum(["open", "violated"]).optional().catch(undefined),
  view: z.enum(["drills", "rollbacks"]).optional().catch(undefined),
  drill: z.string().optional().catch(undefined),
  past: z.enum(["passed", "failed", "aborted"]).optional().catch(undefined),
});
export type ControlSearch = z.infer<typeof controlSearchSchema>;
export type SetControlSearch = (patch: Partial<ControlSearch>, options?: { readonly replace?: boolean }) => void;

/** The workflow the signals are narrowed to. What is no workflow id narrows nothing; the pane says so. */
export function workflowOf({ wid }: ControlSearch): string | undefined {
  return wid !== undefined && uuidSchema.safeParse(wid).success ? wid : undefined;
}
