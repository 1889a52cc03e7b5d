import { fromBase64url, toBase64url } from "../../base/bytes.ts";
import type { Sha256 } from "../../base/ports.ts";
import type { Trust } from "../identity/trust-statement.ts";
import { jwkThumbprint } from "../jose/keys.ts";
import type { IdentityPorts } from "./idp.ts";

/** Something that was stated to be trusted, and the entry that has ended it. */
export interface StatedTrust {
  readonly trust: Trust;
  readonly ended: { readonly seq: number } | null;
}

/**
 * What counts for a token (XA-64): for one that is in the log, whatever was not ended before its entry; for one that comes now
 * (`seq` null), what is in force now.
 */
export function trustAt<T extends StatedTrust>(items: Iterable<T>, seq: number | null): T[] {
  return [...items].filter(({ ended }) => ended === null || (seq !== null && ended.seq > seq));
}

/** The profiles' ports over these statements; nothing is fetched. */
export function trustedIdentities(
  items: readonly Pick<StatedTrust, "trust">[],
  sha256: Sha256,
): Pick<IdentityPorts, "anchors" | "certificate" | "client" | "pinnedKey"> {
  const of = <K extends Trust["kind"]>(kind: K): Extract<Trust, { kind: K }>[] =>
    items.flatMap(({ trust }) => (trust.kind === kind ? [trust as Extract<Trust, { kind: K }>] : [])); // as compared
  return {
    anchors: of("x509_anchor").flatMap(({ domain, certificate }) => {
      const der = fromBase64url(certificate);
      return der === null ? [] : [{ domain, der }];
    }),
    certificate: async (thumbprint) => {
      for (const { certificate, between } of of("x509_certificate")) {
        const leaf = fromBase64url(certificate);
        if (leaf === null || toBase64url(sha256(leaf)) !== thumbprint) continue;
        return { leaf, between: between.map(fromBase64url).filter((one) => one !== null) };
      }
      return null;
    },
    client: async (issuer, clientId, jkt) => {
      for (const { subject, keys } of of("oauth_client").filter(
        (one) => one.issuer === issuer && one.client_id === clientId,
      ))
        for (const jwk of keys) if ((await jwkThumbprint(jwk)) === jkt) return { subject, jwk };
      return null;
    },
    pinnedKey: async (uri, kid) => {
      for (const { subject, keys } of of("jwks").filter(({ jwks_uri }) => jwks_uri === uri))
        for (const jwk of keys) if (jwk.kid === kid) return { subject, jwk };
      return null;
    },
  };
}
