import * as z from "zod";
import { uriSchema } from "../jose/formats.ts";

/** What happens to an agent that is not heard of for `after_s` seconds (L3, N9). */
export const LINK_LOSS_ACTS = ["continue", "hold", "safe_stop", "roll_back"] as const;

/** Seconds between two heartbeats of an agent (override.md). */
export const HEARTBEAT_S = 10;
/** Seconds of silence, three heartbeats, after which an agent does nothing irreversible (O4). */
export const DEGRADED_AFTER_S = 3 * HEARTBEAT_S;
/** Seconds of silence after which it does nothing that has a consequence (O4). */
export const RESTRICTED_AFTER_S = 60;

export const linkLossPlanSchema = z.strictObject({
  do: z.enum(LINK_LOSS_ACTS),
  /** Seconds of silence. Never before the channel counts as lost. */
  after_s: z.int().min(DEGRADED_AFTER_S).max(86_400),
});
export type LinkLossPlan = z.infer<typeof linkLossPlanSchema>;

/** Of an agent for which nothing else was declared: O4's `safe_stop_s`. */
export const DEFAULT_PLAN: LinkLossPlan = { do: "safe_stop", after_s: 300 };

/** A lease is given for at least and at most so long, seconds (L5). */
const LEASE_MIN_S = 60;
const LEASE_MAX_S = 28_800;
export const leaseDurationSchema = z.int().min(LEASE_MIN_S).max(LEASE_MAX_S);

/** Extension key of a `run_start` ECT under which these terms stand (ECT-20). */
export const LIVENESS_EXT = "org.signalbox.liveness";

/** What an operator declares with a start [ours]: what loss of link does, and which agents run under a lease. */
export const startTermsSchema = z.strictObject({
  /** Of every agent that `plans` does not name. */
  plan: linkLossPlanSchema.optional(),
  plans: z.record(uriSchema, linkLossPlanSchema).optional(),
  lease: z.strictObject({ duration_s: leaseDurationSchema, agents: z.array(uriSchema).min(1).max(4096) }).optional(),
});
export type StartTerms = z.infer<typeof startTermsSchema>;
