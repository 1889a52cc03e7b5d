import type { Sha256 } from "../base/ports.ts";
import type { Result } from "../base/result.ts";
import type { Refusal } from "../protocol/jose/refusal.ts";
import type { TokenType } from "../protocol/jose/token-type.ts";
import { type Verified, verifyToken } from "../protocol/jose/verify-token.ts";
import type { HostIds } from "./records.ts";

/** By what a log knows its own statements about itself: heads and snapshots. */
export interface OwnKey {
  readonly ids: HostIds;
  readonly sha256: Sha256;
  readonly logPublicKey: CryptoKey;
}

/** Common token verification with the log's key and no other, whatever key the token names. */
export function verifyOwn<C>(own: OwnKey, type: TokenType<C>, compact: string): Promise<Result<Verified<C>, Refusal>> {
  const key = own.logPublicKey;
  const alg = key.algorithm.name === "ECDSA" ? ("ES256" as const) : ("EdDSA" as const);
  return verifyToken(type, compact, {
    // Statements of any time: they have no end, and this host's clock may have been set back since.
    nowS: Number.MAX_SAFE_INTEGER / 2,
    ownIds: [],
    resolveKey: (kid) => ({ kid, subject: own.ids.logId, alg, key, revokedAt: null }),
    seen: () => false,
    algorithms: ["ES256", "EdDSA"],
    sha256: own.sha256,
  });
}
