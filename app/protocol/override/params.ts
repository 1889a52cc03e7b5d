import * as z from "zod";
import { constraintsSchema } from "../acp/claims.ts";
import type { OverrideClaims } from "./claims.ts";

/** A test of delivery and acknowledgement that changes nothing (OVR-25). */
const drill = z.boolean().optional();

/** `params` of the actions, by action (override.md section b). A name that is not there is refused, never overlooked. */
export const pauseParamsSchema = z.strictObject({
  mode: z.enum(["after_task", "now"]),
  /** Only ever true: a pause throws nothing away. */
  keep_state: z.literal(true).optional(),
  drill,
});
export type PauseParams = z.infer<typeof pauseParamsSchema>;

export const modifyParamsSchema = z.strictObject({
  /** Not the currency, which is the unit of a limit and none itself. */
  set: constraintsSchema
    .omit({ currency: true })
    .refine((set) => Object.keys(set).length > 0, "at least one constraint"),
  only_narrow: z.boolean(),
  drill,
});
export type ModifyParams = z.infer<typeof modifyParamsSchema>;

export const takeoverParamsSchema = z.strictObject({
  /** What the operator takes over [ours: only all of it, or what the console offers]. */
  controls: z.array(z.string().min(1).max(64)).max(32).optional(),
  drill,
});

export const adviseParamsSchema = z.strictObject({
  /** Plain text for the agent, never an instruction it has to follow (OVR-S8). */
  text: z.string().min(1).max(2000),
  suggested: z.string().min(1).max(2000).optional(),
});

/** How a pause holds; what its params do not say in so many words holds at once. */
export function pauseMode(claims: Pick<OverrideClaims, "action" | "params">): PauseParams["mode"] {
  return claims.action === "pause" && claims.params.mode === "after_task" ? "after_task" : "now";
}

/** The signal that a `resume` or `release` ends, or null. */
export function endedSignal(claims: Pick<OverrideClaims, "action" | "params">): string | null {
  const ends = claims.action === "resume" || claims.action === "release";
  return ends && typeof claims.params.of === "string" ? claims.params.of : null;
}

/**
 * Whether a signal carries out one task of a taken over agent (OVR-30) [ours]: a `resume` of that task, of the takeover. It
 * ends nothing; a takeover itself is of agents or workflows.
 */
export function carriesOut(
  claims: Pick<OverrideClaims, "action" | "scope">,
  of: Pick<OverrideClaims, "action"> | undefined,
): boolean {
  return claims.action === "resume" && claims.scope.kind === "task" && of?.action === "takeover";
}

export const isDrill = (claims: Pick<OverrideClaims, "params">): boolean => claims.params.drill === true;
