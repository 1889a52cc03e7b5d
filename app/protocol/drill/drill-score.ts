import * as z from "zod";
import { uriSchema, uuidSchema } from "../jose/formats.ts";

/** Why a drill is not passed [ours]. */
export const DRILL_FAILURES = [
  /** No stop was given in time. */
  "not_commanded",
  /** Agents of the drill that no stop named until the end (S9). */
  "not_all_named",
  /** Agents that the operator's first act of stopping did not name asked for tasks after it. */
  "unnamed_acted",
  /** Of an agent nothing is known after the deadline: neither obeyed, nor ended, nor violating. */
  "not_confirmed",
  /** An agent of the script that acknowledges and goes on was taken for obedient, or found too late (OVR-S6). */
  "lie_not_found",
] as const;
export type DrillFailure = (typeof DRILL_FAILURES)[number];

/** One of the four facts of a stop (S7), as the monitor showed it: of how many agents, from when until the last one, ms since the start. */
const stepSchema = z.object({ agents: z.int(), first_ms: z.int(), last_ms: z.int() });

/**
 * What a `drill_scored` record says [ours]. Times are ms since the drill's start by the host's clock; after the host was opened
 * again in mid-drill those of before are the log's, in whole seconds (`clock`).
 */
export const drillScoreSchema = z.object({
  result: z.enum(["passed", "failed", "aborted"]),
  reasons: z.array(z.enum(DRILL_FAILURES)),
  clock: z.enum(["host_ms", "log_s"]),
  agents: z.int(),
  /** The first stop that named an agent of the drill, and how many that act named; null where none came. */
  command: z.object({ jti: uuidSchema, by: uriSchema, at_ms: z.int(), named: z.int() }).nullable(),
  acknowledged: stepSchema.nullable(),
  verified: stepSchema.nullable(),
  violated: stepSchema.nullable(),
  /** Their worker was ended, as seen by the host. */
  terminated: stepSchema.nullable(),
  /** Agents of whom nothing of this is known. */
  unconfirmed: z.int(),
  violations: z.array(z.object({ agent: uriSchema, at_ms: z.int() })).max(64),
  /** Agents that the first act did not name, and those of them that asked for tasks after it, by when. */
  missed: z.array(uriSchema).max(64),
  acted: z.array(z.object({ agent: uriSchema, at_ms: z.int() })).max(64),
  /** Calls that the enforcement point refused after the stop. */
  refused_calls: z.int(),
  /** What the operator was shown, in order: so many agents in this state from then on. */
  seen: z.array(z.object({ at_ms: z.int(), state: z.string(), agents: z.int() })).max(256),
});
export type DrillScore = z.infer<typeof drillScoreSchema>;
