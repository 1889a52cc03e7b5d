import type { Sha256 } from "../../base/ports.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { TokenType } from "../../protocol/jose/token-type.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import { OVERRIDE_COSIGN_TYPE, signalDigest } from "../../protocol/override/cosign.ts";
import type { FactOf } from "../fact.ts";
import { isHuman } from "../identity/human.ts";
import { MAY_RELEASE, roleProblem } from "../identity/roles.ts";
import type { State } from "../state.ts";

/** A second person whose signature over a signal was verified, as far as the state decides about them. */
export interface Cosigner {
  readonly iss: string;
  readonly kid: string;
  readonly authTime: number;
}

/** Oldest authentication a cosignature may rest on, seconds: as that of the order itself (OVR-S5). */
const COSIGN_AUTH_AGE_S = 300;

/** Verifies what a signal carries in `cosign`: each by its own token verification, and over this very signal. */
export async function receiveCosigners(
  signal: Verified<unknown>,
  fact: FactOf<"override+jwt">,
  sha256: Sha256,
  verify: <C>(type: TokenType<C>, compact: string) => Promise<Result<Verified<C>, Refusal>>,
): Promise<Result<readonly Cosigner[], Refusal>> {
  const parsed = parseCompact(signal.compact);
  if (!parsed.ok) return parsed;
  const digest = signalDigest(parsed.value.payload, sha256);
  if (!digest.ok) return digest;
  const cosigners: Cosigner[] = [];
  for (const compact of fact.claims.cosign ?? []) {
    const verified = await verify(OVERRIDE_COSIGN_TYPE, compact);
    if (!verified.ok) return verified;
    const { claims, key } = verified.value;
    if (claims.signal.jti !== fact.claims.jti || claims.signal.hash !== digest.value)
      return err(refusal("object_hash_mismatch", "a cosignature is over another signal (D4)", { claim: "cosign" }));
    cosigners.push({ iss: claims.iss, kid: key.kid, authTime: claims.auth_time });
  }
  return ok(cosigners);
}

/** What is wrong with the second people of a signal; null when each of them may be one. */
export function cosignerProblem(
  state: State,
  signer: string,
  cosigners: readonly Cosigner[],
  nowS: number,
): Refusal | null {
  const invalid = (detail: string): Refusal => refusal("override_cosign_invalid", detail, { claim: "cosign" });
  for (const { iss, kid, authTime } of cosigners) {
    if (!isHuman(iss)) return invalid("a second operator is a person");
    if (iss === signer) return invalid("nobody is the second person to themselves (D1)");
    if (state.keys.get(kid)?.use === "stop") return invalid("a key for stops signs no order");
    const denied = roleProblem(state, iss, MAY_RELEASE, nowS, { code: "override_cosign_invalid", what: "cosigning" });
    if (denied !== null) return denied;
    if (authTime > nowS + 30 || nowS - authTime > COSIGN_AUTH_AGE_S)
      return invalid("the second operator's authentication is too old");
  }
  return null;
}
