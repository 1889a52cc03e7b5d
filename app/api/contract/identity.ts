import * as z from "zod";
import { publicJwkSchema } from "../../protocol/identity/claims.ts";
import { MAX_TRUST_DOMAIN } from "../../protocol/identity/trust-domain-name.ts";
import { compactSchema, uriSchema } from "../../protocol/jose/formats.ts";
import { operation, pastInput, positionSchema } from "./common.ts";
import { trustOperations } from "./trust.ts";

export const enrolledSchema = z.object({
  subject: uriSchema,
  kid: z.string(),
  name: z.string(),
  jwk: publicJwkSchema,
  /** The entry that enrolled the key. */
  seq: z.int().nonnegative(),
  enrolledAt: z.int(),
  /** What its person may do now. */
  roles: z.array(z.string()),
});

/** Somebody who can be held to what they sign: their keys, also those that are over, and what they may do now. */
export const personSchema = z.object({
  subject: uriSchema,
  name: z.string(),
  roles: z.array(z.string()),
  /** The statement the roles come from; null where there is none about this person (COM-15, COM-16). */
  statement: z
    .object({
      by: uriSchema,
      at: z.int(),
      /** Epoch seconds; past when the statement has run out and says nothing any more. */
      until: z.int(),
      reason: z.string(),
      seq: z.int().nonnegative(),
    })
    .nullable(),
  keys: z.array(
    z.object({
      kid: z.string(),
      /** `stop`: signs stops only. */
      use: z.enum(["all", "stop", "settlement", "border", "query", "verifier"]),
      seq: z.int().nonnegative(),
      enrolledAt: z.int(),
      /** Epoch seconds from which nothing signed with it is taken. */
      until: z.int(),
    }),
  ),
});
export type Person = z.infer<typeof personSchema>;

export const identityContract = {
  /** Who this console is: its domain, log and enforcement point, and the enrolled operators with their keys in force. */
  describe: operation
    .route({ method: "GET", path: "/identity" })
    .input(pastInput.optional())
    .output(
      z.object({
        position: positionSchema,
        trustDomain: z.string(),
        /** Why that name cannot be changed; null while it can (XDA-49). */
        trustDomainFixed: z.string().nullable(),
        logId: uriSchema,
        pepId: uriSchema,
        operators: z.array(enrolledSchema),
      }),
    ),
  /**
   * Names this console's own domain, as long as nobody has written to its log; the same name again changes nothing. Whoever
   * could call this could as well be the first to enrol. Refusals: `domain_fixed`, `domain_name_malformed`.
   */
  nameDomain: operation
    .route({ method: "POST", path: "/identity/domain" })
    .input(z.object({ trustDomain: z.string().max(MAX_TRUST_DOMAIN) }))
    .output(z.object({ trustDomain: z.string() })),
  /** Everybody enrolled, with roles and keys. `stated` is false in a log from before there were roles: all may do all. */
  people: operation
    .route({ method: "GET", path: "/identity/people" })
    .input(pastInput.optional())
    .output(z.object({ position: positionSchema, stated: z.boolean(), people: z.array(personSchema) })),
  /**
   * Enrols an operator's public key. `proof` is a compact `operator-enrolment+jwt` signed by that key with claims
   * {iss: operator id, aud: log id, iat, exp, jti, name}: whoever enrols holds the private key. Trust on first use in this profile.
   * `stop` enrols a second key, good for stops only: its own proof, and its thumbprint as `stop_jkt` in the first one.
   * `replaces` is such a token signed by a key enrolled under the same id, with the new key's thumbprint as `jkt`: the new keys
   * take the place of all earlier ones of this person.
   */
  enrolOperator: operation
    .route({ method: "POST", path: "/identity/operators" })
    .input(
      z.object({
        jwk: publicJwkSchema,
        proof: compactSchema,
        stop: z.object({ jwk: publicJwkSchema, proof: compactSchema }).optional(),
        replaces: compactSchema.optional(),
      }),
    )
    .output(z.object({ subject: uriSchema, kid: z.string(), seq: z.int().nonnegative() })),
  ...trustOperations,
  /** Says what somebody may do: a compact `role-statement+jwt` signed by a safety officer. */
  stateRoles: operation
    .route({ method: "POST", path: "/identity/roles" })
    .input(z.object({ token: compactSchema }))
    .output(z.object({ subject: uriSchema, roles: z.array(z.string()), seq: z.int().nonnegative() })),
};
