import * as z from "zod";
import { timeSchema, uriSchema, uuidSchema } from "../jose/formats.ts";
import { messageType, type TokenType } from "../jose/token-type.ts";

/** Stands for every action group of the edge, also for those that no call has named yet. */
export const ANY_GROUP = "*";

/**
 * `breaker-order+jwt` [ours]: an operator forces the breakers of one edge open (`trip`), or gives them back to their own
 * rules (`release`), or isolates a whole failure domain and releases it. An override is about agents, this is about what
 * one hands on to another.
 */
export const breakerOrderClaimsSchema = z
  .object({
    iss: uriSchema,
    aud: z.array(uriSchema).min(1),
    iat: timeSchema,
    exp: timeSchema,
    jti: uuidSchema,
    /** The breakers of one edge. */
    breaker: z.object({ caller: uriSchema, callee: uriSchema, group: z.string().min(1).max(256) }).optional(),
    /** Or a failure domain of a workflow, whose border breakers are isolated together. */
    domain: z.object({ wid: uuidSchema, domain_id: z.string().min(1).max(63) }).optional(),
    order: z.enum(["trip", "release"]),
    reason: z.string().trim().min(1).max(2000),
    role: z.enum(["operator", "duty_manager", "safety_officer"]),
    auth_time: timeSchema,
    amr: z.array(z.string()).min(1),
  })
  .refine(({ breaker, domain }) => (breaker === undefined) !== (domain === undefined), {
    path: ["breaker"],
    message: "an order is about one edge or one failure domain",
  });
export type BreakerOrderClaims = z.infer<typeof breakerOrderClaimsSchema>;

export const BREAKER_ORDER_TYPE: TokenType<BreakerOrderClaims> = messageType(
  "breaker-order+jwt",
  breakerOrderClaimsSchema,
  300,
);
