import * as z from "zod";
import { digestSchema, timeSchema, uriSchema, uuidSchema } from "../jose/formats.ts";
import { messageType, type TokenType } from "../jose/token-type.ts";

/** `acp-revocation+jwt` [ours]: a human takes a policy, and with it every policy derived from it, out of force (ACP-19). */
export const acpRevocationClaimsSchema = z.object({
  iss: uriSchema,
  aud: z.union([uriSchema, z.array(uriSchema)]),
  iat: timeSchema,
  exp: timeSchema,
  jti: uuidSchema,
  acp: z.object({ jti: uuidSchema, hash: digestSchema }),
  auth_time: timeSchema,
  amr: z.array(z.string()).min(1),
  role: z.string().min(1).max(64),
  reason: z.string().min(1).max(2000),
});
export type AcpRevocationClaims = z.infer<typeof acpRevocationClaimsSchema>;

export const ACP_REVOCATION_TYPE: TokenType<AcpRevocationClaims> = messageType(
  "acp-revocation+jwt",
  acpRevocationClaimsSchema,
  300,
);
