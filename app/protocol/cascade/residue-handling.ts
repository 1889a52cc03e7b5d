import * as z from "zod";
import { timeSchema, uriSchema, uuidSchema } from "../jose/formats.ts";
import { messageType, type TokenType } from "../jose/token-type.ts";

export const RESIDUE_VERBS = ["assign", "settle", "reopen"] as const;
export type ResidueVerb = (typeof RESIDUE_VERBS)[number];

/**
 * `residue-handling+jwt` [ours]: what a rollback has left is somebody's work (J6, CAS-33). `assign` says whose, `settle`
 * that it is dealt with and how, `reopen` that it is not after all. It changes nothing of what was done.
 */
export const residueHandlingClaimsSchema = z
  .object({
    iss: uriSchema,
    aud: z.array(uriSchema).min(1).max(16),
    iat: timeSchema,
    exp: timeSchema,
    jti: uuidSchema,
    rb_id: uuidSchema,
    /** Step of its plan that left it. */
    n: z.int().positive(),
    verb: z.enum(RESIDUE_VERBS),
    /** Who is to deal with it. */
    assignee: uriSchema.optional(),
    reason: z.string().min(1).max(2000).optional(),
    auth_time: timeSchema,
    amr: z.array(z.string()).min(1),
    role: z.string().min(1).max(64),
  })
  .refine(({ verb, assignee }) => (verb === "assign") === (assignee !== undefined), {
    path: ["assignee"],
    error: "assign names a person, nothing else does",
  })
  .refine(({ verb, reason }) => verb === "assign" || reason !== undefined, {
    path: ["reason"],
    error: "how it was dealt with, or why it was not, is said",
  });
export type ResidueHandlingClaims = z.infer<typeof residueHandlingClaimsSchema>;

export const RESIDUE_HANDLING_TYPE: TokenType<ResidueHandlingClaims> = messageType(
  "residue-handling+jwt",
  residueHandlingClaimsSchema,
  300,
);
