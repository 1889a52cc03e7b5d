import * as z from "zod";
import { authenticationMembers, messageMembers } from "../acp/message-members.ts";
import { timeSchema, uriSchema, uuidSchema } from "../jose/formats.ts";
import { messageType, type TokenType } from "../jose/token-type.ts";
import { publicJwkSchema } from "./claims.ts";

/** Keys of one registration or key set, and certificates that come with one, at most. */
export const MAX_TRUSTED_KEYS = 16;
export const MAX_CHAIN = 5;
/** Domains that one verifier may speak about, at most. */
export const MAX_SPOKEN_ABOUT = 8;

/** DER in base64url. */
const derSchema = z
  .string()
  .min(4)
  .max(12_000)
  .regex(/^[A-Za-z0-9_-]+$/, "base64url");
const trustDomainSchema = z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, "a trust domain in lower case");

/**
 * One thing that this log's verification rests on for identities of other frameworks (XA-63). An anchor says who is who in one
 * trust domain and in no other; a certificate is only at hand and needs an anchor all the same; a client's and a key set's
 * keys are whose the statement says. Another domain's verifier is pinned by its keys (BEH-S4), for the agents of some domains
 * and until a day.
 */
export const trustSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("x509_anchor"), domain: trustDomainSchema, certificate: derSchema }),
  z.strictObject({
    kind: z.literal("x509_certificate"),
    certificate: derSchema,
    /** Authorities that may stand between it and an anchor. */
    between: z.array(derSchema).max(MAX_CHAIN),
  }),
  z.strictObject({
    kind: z.literal("oauth_client"),
    issuer: uriSchema,
    client_id: z.string().min(1).max(256),
    subject: uriSchema,
    keys: z.array(publicJwkSchema).min(1).max(MAX_TRUSTED_KEYS),
  }),
  z.strictObject({
    kind: z.literal("jwks"),
    jwks_uri: uriSchema,
    subject: uriSchema,
    keys: z
      .array(publicJwkSchema)
      .min(1)
      .max(MAX_TRUSTED_KEYS)
      .refine((keys) => keys.every(({ kid }) => kid !== undefined && kid !== ""), "each key has a kid")
      .refine((keys) => new Set(keys.map(({ kid }) => kid)).size === keys.length, "each kid once"),
  }),
  z.strictObject({
    kind: z.literal("verifier"),
    /** Its id, which its results are by. */
    subject: uriSchema,
    /** Each with its RFC 7638 thumbprint as its kid. */
    keys: z.array(publicJwkSchema).min(1).max(MAX_TRUSTED_KEYS),
    /** Trust domains whose agents it may speak about. */
    about: z.array(trustDomainSchema).min(1).max(MAX_SPOKEN_ABOUT),
    not_after: timeSchema,
  }),
]);
export type Trust = z.infer<typeof trustSchema>;

/**
 * `trust-statement+jwt` [ours]: a safety officer trusts something for the verification of identities, or ends an earlier such
 * statement by its id. Exactly one of both.
 */
export const trustStatementClaimsSchema = z
  .object({
    ...messageMembers,
    trust: trustSchema.optional(),
    ends: uuidSchema.optional(),
    reason: z.string().trim().min(1).max(500),
    ...authenticationMembers,
  })
  .refine(({ trust, ends }) => (trust === undefined) !== (ends === undefined), "either `trust` or `ends`");
export type TrustStatementClaims = z.infer<typeof trustStatementClaimsSchema>;

export const TRUST_STATEMENT_TYP = "trust-statement+jwt";
export const TRUST_STATEMENT_TYPE: TokenType<TrustStatementClaims> = messageType(
  TRUST_STATEMENT_TYP,
  trustStatementClaimsSchema,
  300,
);
