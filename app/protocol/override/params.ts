import * as z from "zod";
import { constraintsSchema } from "../acp/claims.ts";
import { rollbackTargetSchema } from "../cascade/rollback-claims.ts";
import { digestSchema } from "../jose/formats.ts";
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

/** `plan_hash` is of the plan that was shown to those who sign: another one is refused [ours] (cascade.md C4). */
export const rollbackParamsSchema = z.strictObject({
  target: rollbackTargetSchema,
  keep_target: z.boolean().optional(),
  best_effort: z.boolean(),
  plan_hash: digestSchema,
});
export type RollbackParams = z.infer<typeof rollbackParamsSchema>;

/** How a pause holds; what its params do not say in so many words holds at once. */
export function pauseMode(claims: Pick<OverrideClaims, "action" | "params">): PauseParams["mode"] {
  return claims.action === "pause" && claims.params.mode === "after_task" ? "after_task" : "now";
}

/** The longest that an orderly stop lets tasks end, ms [ours]. */
export const MAX_GRACE_MS = 3_600_000;

/**
 * For how many ms an orderly stop lets tasks under way end, or null where a stop is immediate (S10). Whatever does not say it in
 * so many words is: an emergency, a grace that is missing, or one that is too long.
 */
export function graceMs({ action, level, params }: Pick<OverrideClaims, "action" | "level" | "params">): number | null {
  const { mode, grace_ms: grace } = params;
  const orderly = action === "stop" && level === "mandatory" && mode === "orderly" && params.drill !== true;
  return orderly && Number.isInteger(grace) && Number(grace) > 0 && Number(grace) <= MAX_GRACE_MS
    ? Number(grace)
    : null;
}

const FORWARDED: readonly OverrideClaims["action"][] = ["stop", "pause", "modify", "takeover"];

/** Whether an order for an agent goes on to all that act by its delegation (OVR-17). A drill is heard of by whom it names. */
export const isForwarded = (claims: Pick<OverrideClaims, "action" | "params">): boolean =>
  FORWARDED.includes(claims.action) && !isDrill(claims);

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

/** Whether an agent is of a group [ours]: its members are all that have this name in their workflows, the last part of their ids. */
export const isOfGroup = (group: string, agent: string): boolean =>
  /^[a-z][a-z0-9+.-]*:\/\/[^/]+\/agent\//i.test(agent) && agent.split("/").at(-1) === group;

export const isDrill = (claims: Pick<OverrideClaims, "params">): boolean => claims.params.drill === true;
