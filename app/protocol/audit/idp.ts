import type { PublicJwk } from "../identity/claims.ts";
import type { TrustedKey } from "../jose/keys.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";

/** Who an identity profile says the issuer is, and by which keys that identity speaks. */
export interface ResolvedIdentity {
  /** What `iss` has to be. */
  readonly id: string;
  /** Bound to that identity; more than one only where the profile names no single one. */
  readonly keys: readonly TrustedKey[];
}

/** A key with the identity that a registration of this verifier's own gives it. */
export interface RegisteredKey {
  readonly subject: string;
  readonly jwk: PublicJwk;
}

/** A certificate that is trusted to say who others are, in one trust domain and in no other. */
export interface TrustAnchor {
  readonly domain: string;
  readonly der: Uint8Array;
}

/**
 * What a verifier holds of identities, by profile: nothing here asks a network. Null for what it does not hold, which makes a
 * profile unsupported, never trusted.
 */
export interface IdentityPorts {
  /** The identity token with this digest. */
  wit(hash: string): Promise<string | null>;
  /** The certificate with this SHA-256, and those that may stand between it and an anchor; DER. */
  certificate?(
    thumbprint: string,
  ): Promise<{ readonly leaf: Uint8Array; readonly between: readonly Uint8Array[] } | null>;
  readonly anchors?: readonly TrustAnchor[];
  /** The registration of an OAuth client whose key has this thumbprint. */
  client?(issuer: string, clientId: string, jkt: string): Promise<RegisteredKey | null>;
  /** A key of a JWK set that is pinned under this address, with whose it is. */
  pinnedKey?(uri: string, kid: string): Promise<RegisteredKey | null>;
}

export const idpUnsupported = (detail: string): Refusal => refusal("audit_idp_unsupported", detail, { claim: "idp" });
export const idpMismatch = (detail: string, claim = "idp"): Refusal => refusal("audit_idp_mismatch", detail, { claim });
