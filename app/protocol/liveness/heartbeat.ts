import * as z from "zod";
import { timeSchema, uriSchema, uuidSchema } from "../jose/formats.ts";
import type { TokenType } from "../jose/token-type.ts";

/**
 * Heartbeat, `heartbeat+jwt` (override.md section b): an agent says that it is there. `seq` counts up, so that an old one says
 * nothing; it is never logged one by one [ours].
 */
export const heartbeatClaimsSchema = z.object({
  iss: uriSchema,
  aud: z.array(uriSchema).min(1),
  iat: timeSchema,
  exp: timeSchema,
  at: timeSchema,
  /** The same in ms: how far its clock is from whoever hears it is worked out from this (L7) [ours]. */
  at_ms: z.int().nonnegative().optional(),
  /** Its own word about its state (override.md section c). */
  state: z.string().min(1).max(64),
  seq: z.int().nonnegative(),
  active_override: uuidSchema.optional(),
  last_jti: uuidSchema.optional(),
});
export type HeartbeatClaims = z.infer<typeof heartbeatClaimsSchema>;

/** How long one may be on its way, seconds. */
export const HEARTBEAT_LIFETIME_S = 60;

export const HEARTBEAT_TYPE: TokenType<HeartbeatClaims> = {
  typ: ["heartbeat+jwt"],
  schema: heartbeatClaimsSchema,
  audience: "required",
  expiry: "required",
  maxLifetimeS: () => HEARTBEAT_LIFETIME_S,
  // `seq` takes its place, without anything to remember for each.
  replayScope: () => null,
};
