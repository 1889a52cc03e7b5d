import type { SignalboxClient } from "../api/client/client.ts";
import { problemOf } from "../api/client/problem.ts";
import type { MadePasskey } from "../protocol/identity/passkey.ts";
import type { Signer } from "../protocol/jose/keys.ts";
import { signToken } from "../protocol/jose/sign-token.ts";
import { commonClaims } from "./claims.ts";
import type { HeldKey } from "./key-store.ts";

const ENROLMENT = "operator-enrolment+jwt";
/** How long a proof of holding a key may take to arrive, seconds. */
const PROOF_LIFETIME_S = 120;

export interface EnrolmentInput {
  readonly client: SignalboxClient;
  readonly subject: string;
  readonly name: string;
  readonly logId: string;
  readonly own: HeldKey;
  /** The key for stops; the own one where an earlier version of the console made no other. */
  readonly stop: HeldKey;
  /** The passkey before the own key, for the log to verify its touches by. */
  readonly passkey: MadePasskey | undefined;
  /** The earlier key of the same person, which vouches for this one and ends with it. */
  readonly replaces: Signer | null;
  readonly nowMs: number;
}

/**
 * Enrols both keys, each with a proof that we hold it. A key the log knows already is as good: another tab was faster, or
 * the answer was lost. Rejects with the client's error.
 */
export async function enrolKeys(input: EnrolmentInput): Promise<void> {
  const { client, name, own, stop, passkey, replaces } = input;
  const prove = (by: Signer, more: object = {}): Promise<string> =>
    signToken(
      ENROLMENT,
      {
        ...commonClaims({ iss: input.subject, aud: input.logId, lifetimeS: PROOF_LIFETIME_S, nowMs: input.nowMs }),
        name,
        ...more,
      },
      by,
    );
  const apart = stop.signer.kid !== own.signer.kid;
  try {
    await client.identity.enrolOperator({
      jwk: own.jwk,
      proof: await prove(own.signer, {
        ...(apart ? { stop_jkt: stop.signer.kid } : {}),
        ...(passkey === undefined ? {} : { passkey }),
      }),
      ...(apart ? { stop: { jwk: stop.jwk, proof: await prove(stop.signer) } } : {}),
      ...(replaces === null ? {} : { replaces: await prove(replaces, { jkt: own.signer.kid }) }),
    });
  } catch (error) {
    if (problemOf(error).code !== "key_enrolled") throw error;
  }
}
