import * as z from "zod";
import { must } from "../../base/assert.ts";
import { encodedSchema } from "../identity/passkey.ts";
import { canonicalText } from "../jcs/canonical.ts";
import { digestSchema } from "../jose/formats.ts";

/**
 * That a person was there for exactly one decision: member `touch` of a `hitl-decision+jwt` [ours]. `passkey`: their
 * authenticator signed the challenge of that decision, with them verified. `passphrase`: the console asked for it again and
 * says so; nothing but its word stands for that.
 */
export const touchSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("passkey"),
    challenge: digestSchema,
    /** base64url SHA-256 of the credential id. */
    cred: digestSchema,
    authenticator_data: encodedSchema,
    client_data_json: encodedSchema,
    signature: encodedSchema,
  }),
  z.strictObject({ kind: z.literal("passphrase"), challenge: digestSchema }),
]);
export type Touch = z.infer<typeof touchSchema>;
export type PasskeyTouch = Extract<Touch, { kind: "passkey" }>;

/** The decision a touch is for. */
export interface Touched {
  readonly request: { readonly jti: string; readonly hash: string };
  readonly outcome: string;
  /** Digest of what the person was shown. */
  readonly viewHash: string;
  /** Digest of the arguments that take the place of the requested ones. */
  readonly argsHash?: string | undefined;
}

/**
 * What is hashed (SHA-256) into the challenge of a touch: another request, version of it, view or outcome is another
 * challenge, so that a touch given for one decision says nothing for any other (F5).
 */
export function challengeText({ request, outcome, viewHash, argsHash }: Touched): string {
  const text = canonicalText({
    touch_ver: 1,
    request: { jti: request.jti, hash: request.hash },
    outcome,
    view: viewHash,
    ...(argsHash === undefined ? {} : { modified: argsHash }),
  });
  return must(text.ok ? text.value : null, "ids and digests have a canonical form");
}
