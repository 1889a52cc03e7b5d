import * as z from "zod";
import { timeSchema, uriSchema, uuidSchema } from "../jose/formats.ts";
import { messageType, type TokenType } from "../jose/token-type.ts";

/** Stands for every action group of the edge, also for those that no call has named yet. */
export const ANY_GROUP = "*";

/**
 * `breaker-order+jwt` [ours]: an operator forces the breakers of one edge open (`trip`), or gives them back to their own
 * rules (`release`). An override is about agents, this is about what one hands on to another.
 */
export const breakerOrderClaimsSchema = z.object({
  iss: uriSchema,
  aud: z.array(uriSchema).min(1),
  iat: timeSchema,
  exp: timeSchema,
  jti: uuidSchema,
  breaker: z.object({ caller: uriSchema, callee: uriSchema, group: z.string().min(1).max(256) }),
  order: z.enum(["trip", "release"]),
  reason: z.string().trim().min(1).max(2000),
  role: z.enum(["operator", "duty_manager", "safety_officer"]),
  auth_time: timeSchema,
  amr: z.array(z.string()).min(1),
});
export type BreakerOrderClaims = z.infer<typeof breakerOrderClaimsSchema>;

export const BREAKER_ORDER_TYPE: TokenType<BreakerOrderClaims> = messageType(
  "breaker-order+jwt",
  breakerOrderClaimsSchema,
  300,
);
