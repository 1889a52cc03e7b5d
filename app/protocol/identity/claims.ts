import * as z from "zod";
import { digestSchema, timeSchema, uriSchema, uuidSchema } from "../jose/formats.ts";
import { enrolledPasskeySchema, madePasskeySchema } from "./passkey.ts";

/** Public keys we accept: P-256 for ES256 and Ed25519 for EdDSA. Never a private member. */
export const publicJwkSchema = z.union([
  z.strictObject({
    kty: z.literal("EC"),
    crv: z.literal("P-256"),
    x: z.string().length(43),
    y: z.string().length(43),
    alg: z.literal("ES256").optional(),
    kid: z.string().optional(),
  }),
  z.strictObject({
    kty: z.literal("OKP"),
    crv: z.literal("Ed25519"),
    x: z.string().length(43),
    alg: z.enum(["EdDSA", "Ed25519"]).optional(),
    kid: z.string().optional(),
  }),
]);
export type PublicJwk = z.infer<typeof publicJwkSchema>;

/**
 * Workload identity token, `wit+jwt` (WIMSE workload-creds): binds `sub` to the key in `cnf.jwk`.
 * In our log it is the entry that enrols a key; the log's own first entry is self-signed.
 */
export const witClaimsSchema = z.object({
  iss: uriSchema,
  sub: uriSchema,
  iat: timeSchema,
  exp: timeSchema,
  jti: uuidSchema,
  cnf: z.object({ jwk: publicJwkSchema }),
  /** Name for display, given by whoever enrolled; untrusted text [ours]. */
  name: z.string().max(256).optional(),
  /**
   * A key that is good for this and nothing else [ours]: `stop` for one that lies ready while its person's key is locked,
   * `settlement` for that of a person of another domain, `border` for that of another domain's gateway, `query` for that of
   * a person who asks this domain for its trail, or decides about such a question, `verifier` for that of another domain's
   * verifier of conduct.
   */
  use: z.enum(["stop", "settlement", "border", "query", "verifier"]).optional(),
  /** The passkey that stands before the key, where there is one [ours]. */
  passkey: enrolledPasskeySchema.optional(),
});
export type WitClaims = z.infer<typeof witClaimsSchema>;

/** Enrolment proof, `operator-enrolment+jwt` [ours]: signed by the key to be enrolled, so whoever enrols holds it. */
export const enrolmentClaimsSchema = z.object({
  iss: uriSchema,
  aud: z.union([uriSchema, z.array(uriSchema)]),
  iat: timeSchema,
  exp: timeSchema,
  jti: uuidSchema,
  name: z.string().min(1).max(128),
  /** Thumbprint of the key for stops only that is enrolled with it. */
  stop_jkt: digestSchema.optional(),
  /** By an enrolled key: thumbprint of the key that takes its place. */
  jkt: digestSchema.optional(),
  /** The passkey that stands before the key, as its browser made it. */
  passkey: madePasskeySchema.optional(),
});
export type EnrolmentClaims = z.infer<typeof enrolmentClaimsSchema>;
