import * as z from "zod";
import { timeSchema, uriSchema, uuidSchema } from "../jose/formats.ts";
import { messageType, type TokenType } from "../jose/token-type.ts";
import { leaseDurationSchema } from "./terms.ts";

/**
 * `lease+jwt` [ours]: an operator lets one agent run for `duration_s` from when it is logged (L5, N8). It puts an agent under
 * a lease, or renews the one it has.
 */
export const leaseClaimsSchema = z.object({
  iss: uriSchema,
  aud: z.array(uriSchema).min(1),
  iat: timeSchema,
  exp: timeSchema,
  jti: uuidSchema,
  wid: uuidSchema,
  agent: uriSchema,
  duration_s: leaseDurationSchema,
  role: z.enum(["operator", "duty_manager", "safety_officer"]),
  auth_time: timeSchema,
  amr: z.array(z.string()).min(1),
});
export type LeaseClaims = z.infer<typeof leaseClaimsSchema>;

export const LEASE_TYPE: TokenType<LeaseClaims> = messageType("lease+jwt", leaseClaimsSchema, 120);
