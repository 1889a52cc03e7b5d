import * as z from "zod";
import { publicJwkSchema } from "../../protocol/identity/claims.ts";
import { compactSchema, uriSchema } from "../../protocol/jose/formats.ts";
import { operation, positionSchema } from "./common.ts";

export const enrolledSchema = z.object({
  subject: uriSchema,
  kid: z.string(),
  name: z.string(),
  jwk: publicJwkSchema,
  /** The entry that enrolled the key. */
  seq: z.int().nonnegative(),
  enrolledAt: z.int(),
});

export const identityContract = {
  /** Who this console is: its domain, log and enforcement point, and the enrolled operators. */
  describe: operation.route({ method: "GET", path: "/identity" }).output(
    z.object({
      position: positionSchema,
      trustDomain: z.string(),
      logId: uriSchema,
      pepId: uriSchema,
      operators: z.array(enrolledSchema),
    }),
  ),
  /**
   * Enrols an operator's public key. `proof` is a compact `operator-enrolment+jwt` signed by that key with claims
   * {iss: operator id, aud: log id, iat, exp, jti, name}: whoever enrols holds the private key. Trust on first use in this profile.
   */
  enrolOperator: operation
    .route({ method: "POST", path: "/identity/operators" })
    .input(z.object({ jwk: publicJwkSchema, proof: compactSchema }))
    .output(z.object({ subject: uriSchema, kid: z.string(), seq: z.int().nonnegative() })),
};
