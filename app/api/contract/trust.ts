import * as z from "zod";
import { publicJwkSchema } from "../../protocol/identity/claims.ts";
import { compactSchema, digestSchema, uriSchema, uuidSchema } from "../../protocol/jose/formats.ts";
import { operation, pastInput, positionSchema } from "./common.ts";
import { MAX_TRUST_TEXT } from "./trust-text.ts";

const certificateSchema = z.object({
  /** SHA-256 of its DER. */
  fingerprint: digestSchema,
  subject: z.string(),
  issuer: z.string(),
  /** In force from and until, epoch seconds. */
  from: z.int(),
  until: z.int(),
  isAuthority: z.boolean(),
  isRoot: z.boolean(),
  uris: z.array(z.string()),
  /** Why nothing would ever verify by it. */
  problem: z.string().nullable(),
});
export type CertificateView = z.infer<typeof certificateSchema>;

const keySchema = z.object({ kid: z.string().nullable(), thumbprint: digestSchema, alg: z.enum(["ES256", "EdDSA"]) });
const saidSchema = z.object({ by: uriSchema, at: z.int(), seq: z.int().nonnegative(), reason: z.string() });

const trustedItemSchema = z.object({
  /** The statement. */
  jti: uuidSchema,
  stated: saidSchema,
  /** Who has ended it; what was logged before that entry goes on verifying by it. */
  ended: saidSchema.nullable(),
  about: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("x509_anchor"), domain: z.string(), certificate: certificateSchema }),
    z.object({
      kind: z.literal("x509_certificate"),
      certificate: certificateSchema,
      between: z.array(certificateSchema),
    }),
    z.object({
      kind: z.literal("oauth_client"),
      issuer: z.string(),
      clientId: z.string(),
      subject: z.string(),
      keys: z.array(keySchema),
    }),
    z.object({ kind: z.literal("jwks"), uri: z.string(), subject: z.string(), keys: z.array(keySchema) }),
    z.object({
      kind: z.literal("verifier"),
      subject: z.string(),
      /** The trust domains whose agents it may speak about. */
      about: z.array(z.string()),
      /** Epoch seconds. */
      until: z.int(),
      keys: z.array(keySchema),
    }),
  ]),
});
export type TrustedItemView = z.infer<typeof trustedItemSchema>;

const examinedSchema = z.object({
  certificates: z.array(z.object({ der: z.string(), facts: certificateSchema })),
  keys: z.array(z.object({ jwk: publicJwkSchema, key: keySchema })),
  /** What stands in it and cannot be used, with why. */
  leftOut: z.array(z.object({ what: z.string(), why: z.string() })),
});
export type ExaminedTrust = z.infer<typeof examinedSchema>;

/** What the verification of identities of other frameworks rests on (XA-63). */
export const trustOperations = {
  trust: operation
    .route({ method: "GET", path: "/identity/trust" })
    .input(pastInput.optional())
    .output(z.object({ position: positionSchema, items: z.array(trustedItemSchema) })),
  /** The identities that verify now and would not without this statement. */
  trustReach: operation
    .route({ method: "GET", path: "/identity/trust/{jti}/reach" })
    .input(pastInput.extend({ jti: uuidSchema }))
    .output(z.object({ identities: z.array(z.string()) })),
  /** Reads certificates (PEM) or a JWK Set, and says what each is; nothing of it is kept. Refusal: `trust_malformed`. */
  examineTrust: operation
    .route({ method: "POST", path: "/identity/trust/examine" })
    .input(z.object({ text: z.string().max(MAX_TRUST_TEXT) }))
    .output(examinedSchema),
  /** A compact `trust-statement+jwt` signed by a safety officer: trusts something, or ends that. */
  stateTrust: operation
    .route({ method: "POST", path: "/identity/trust" })
    .input(z.object({ token: compactSchema }))
    .output(z.object({ jti: uuidSchema, seq: z.int().nonnegative() })),
};
