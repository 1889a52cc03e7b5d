import * as z from "zod";
import { timeSchema, uriSchema, uuidSchema } from "../jose/formats.ts";
import { messageType, type TokenType } from "../jose/token-type.ts";
import { MAX_WIT_LIFETIME_S } from "./wit.ts";

export const roleSchema = z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, "a role: lower-case letters, digits, underscores");

/**
 * Role statement, `role-statement+jwt` [ours]: what `sub` may do in this log, all of it, until `exp` or until a newer
 * statement about the same person. By a safety officer, with the authentication it rests on (INV-2), or by the log itself.
 */
export const roleStatementClaimsSchema = z.object({
  iss: uriSchema,
  aud: z.union([uriSchema, z.array(uriSchema)]),
  sub: uriSchema,
  roles: z
    .array(roleSchema)
    .max(32)
    .refine((roles) => new Set(roles).size === roles.length, "each role once"),
  iat: timeSchema,
  exp: timeSchema,
  jti: uuidSchema,
  /** Absent where the log states it itself. */
  auth_time: timeSchema.optional(),
  amr: z.array(z.string()).min(1).optional(),
  reason: z.string().max(500).optional(),
});
export type RoleStatementClaims = z.infer<typeof roleStatementClaimsSchema>;

export const ROLE_STATEMENT_TYPE: TokenType<RoleStatementClaims> = messageType(
  "role-statement+jwt",
  roleStatementClaimsSchema,
  MAX_WIT_LIFETIME_S,
);
