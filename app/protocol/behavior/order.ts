import * as z from "zod";
import { timeSchema, uriSchema, uuidSchema } from "../jose/formats.ts";
import { messageType, type TokenType } from "../jose/token-type.ts";

/**
 * `behavior-order+jwt` [ours]: a person puts an agent into quarantine, or lets it out again under another version of its
 * profile or as a repaired build (BEH-14). `agent` is the one behind its ids in workflows (`standing.ts`).
 */
export const behaviorOrderClaimsSchema = z
  .object({
    iss: uriSchema,
    aud: z.array(uriSchema).min(1),
    iat: timeSchema,
    exp: timeSchema,
    jti: uuidSchema,
    agent: uriSchema,
    order: z.enum(["quarantine", "release"]),
    /** What is different now: needed to release. */
    basis: z
      .union([
        z.strictObject({ profile_id: z.string().min(1).max(63), version: z.int().positive() }),
        z.strictObject({ build: z.string().trim().min(1).max(256) }),
      ])
      .optional(),
    reason: z.string().trim().min(1).max(2000),
    role: z.enum(["operator", "duty_manager", "safety_officer"]),
    auth_time: timeSchema,
    amr: z.array(z.string()).min(1),
  })
  .refine(({ order, basis }) => order === "quarantine" || basis !== undefined, {
    path: ["basis"],
    message: "a release says which new version of the profile or which build it rests on",
  });
export type BehaviorOrderClaims = z.infer<typeof behaviorOrderClaimsSchema>;

export const BEHAVIOR_ORDER_TYPE: TokenType<BehaviorOrderClaims> = messageType(
  "behavior-order+jwt",
  behaviorOrderClaimsSchema,
  300,
);
