import type { KeyUsageFlags, X509Certificate } from "@peculiar/x509";
import { err, ok, type Result } from "../../base/result.ts";
import type { Algorithm } from "../jose/keys.ts";
import type { Refusal } from "../jose/refusal.ts";
import { idpMismatch, idpUnsupported, type ResolvedIdentity, type TrustAnchor } from "./idp.ts";
import { trustDomainOf } from "./trust-domain.ts";

export type Library = typeof import("@peculiar/x509");

/** Loaded when such a profile is met. It wants the polyfill to be there before it, which bundling does not keep to by itself. */
export async function library(): Promise<Library> {
  await import("reflect-metadata");
  return import("@peculiar/x509");
}

/** Certificates between a leaf and an anchor at most. */
const MAX_BETWEEN = 5;

/**
 * The identity a certificate gives: its one URI name (SPIFFE X.509-SVID section 2), when it chains to an anchor of that
 * name's trust domain at this second (RFC 5280 section 6, without revocation lists: nothing is fetched).
 * Refusals: `audit_idp_unsupported` for what cannot be read or told, `audit_idp_mismatch` for what does not hold.
 */
export async function resolveX509(
  leafDer: Uint8Array,
  betweenDer: readonly Uint8Array[],
  trusted: readonly TrustAnchor[],
  nowS: number,
): Promise<Result<ResolvedIdentity, Refusal>> {
  const x509 = await library();
  const read = (der: Uint8Array): X509Certificate | null => readCertificate(x509, der);
  const leaf = read(leafDer);
  const between = betweenDer.slice(0, MAX_BETWEEN).map(read);
  if (leaf === null || between.includes(null)) return err(idpUnsupported("a certificate cannot be read"));
  const at = new Date(nowS * 1000);
  if (!inForce(leaf, at)) return err(idpMismatch("the certificate is not in force at this time"));
  if (!isUnderstood(leaf)) return err(idpMismatch("the certificate has a critical extension that is not understood"));
  if (leaf.getExtension(x509.BasicConstraintsExtension)?.ca === true)
    return err(idpMismatch("the certificate is an authority's, not a workload's"));
  if (!mayDo(x509, leaf, x509.KeyUsageFlags.digitalSignature))
    return err(idpMismatch("the certificate's key is not for signatures"));
  const uris = uriNames(x509, leaf);
  const [id] = uris;
  if (id === undefined || uris.length !== 1)
    return err(idpMismatch("the certificate names no workload, or more than one"));
  const domain = trustDomainOf(id);
  const anchors = trusted.filter((anchor) => anchor.domain === domain).map(({ der }) => read(der));
  if (anchors.length === 0) return err(idpUnsupported(`no trust anchor for ${domain ?? id}`));
  if (!(await leadsToAnchor(x509, leaf, readable(between), readable(anchors), at)))
    return err(idpMismatch("the certificate does not chain to an anchor of this verifier"));
  const key = await publicKeyOf(leaf);
  if (key === null) return err(idpUnsupported("only P-256 and Ed25519 keys verify here"));
  return ok({ id, keys: [{ kid: "", subject: id, revokedAt: null, ...key }] });
}

const readable = <T>(read: readonly (T | null)[]): T[] => read.filter((one) => one !== null);

export function readCertificate(x509: Library, der: Uint8Array): X509Certificate | null {
  try {
    return new x509.X509Certificate(new Uint8Array(der));
  } catch {
    // Bytes from outside that are no certificate are an expected no.
    return null;
  }
}

export const inForce = ({ notBefore, notAfter }: X509Certificate, at: Date): boolean =>
  notBefore <= at && at <= notAfter;

/** Basic constraints, key usage, subject alternative name, extended key usage: the others bind only whoever reads them. */
const UNDERSTOOD: ReadonlySet<string> = new Set(["2.5.29.19", "2.5.29.15", "2.5.29.17", "2.5.29.37"]);

/** Limits on whom an authority may name: to leave them out of account, critical or not, would be to believe it further than it is meant to be. */
const NAME_CONSTRAINTS = "2.5.29.30";

/** RFC 5280 section 4.2: a critical extension that is not understood makes a certificate unusable, and name constraints always do. */
export const isUnderstood = ({ extensions }: X509Certificate): boolean =>
  extensions.every(({ critical, type }) => (critical ? UNDERSTOOD.has(type) : type !== NAME_CONSTRAINTS));

/** NIST SP 800-131A: shorter keys, and digests for which two texts can be found, prove nothing any more. */
const MIN_RSA_BITS = 2048;
const DIGESTS: ReadonlySet<string | undefined> = new Set(["SHA-256", "SHA-384", "SHA-512"]);

export function isLongEnough({ publicKey }: X509Certificate): boolean {
  const { modulusLength } = publicKey.algorithm as { readonly modulusLength?: number }; // of RSA keys only
  return modulusLength === undefined || modulusLength >= MIN_RSA_BITS;
}

const isOverStrongDigest = ({ signatureAlgorithm: { name, hash } }: X509Certificate): boolean =>
  name === "Ed25519" || DIGESTS.has((hash as { readonly name?: string } | undefined)?.name); // always a named one

export function mayDo(x509: Library, certificate: X509Certificate, use: KeyUsageFlags): boolean {
  const usages = certificate.getExtension(x509.KeyUsagesExtension);
  return usages === null || (usages.usages & use) !== 0;
}

export function uriNames(x509: Library, certificate: X509Certificate): string[] {
  const names = certificate.getExtension(x509.SubjectAlternativeNameExtension)?.names.items ?? [];
  return names.filter(({ type }) => type === "url").map(({ value }) => value);
}

/** Breadth first from the leaf over whoever signed it; each step an authority that may stand this far from the leaf. */
async function leadsToAnchor(
  x509: Library,
  leaf: X509Certificate,
  between: readonly X509Certificate[],
  anchors: readonly X509Certificate[],
  at: Date,
): Promise<boolean> {
  let reached: readonly X509Certificate[] = [leaf];
  const left = new Set(between);
  for (let depth = 0; depth <= MAX_BETWEEN && reached.length > 0; depth += 1) {
    const next: X509Certificate[] = [];
    for (const certificate of reached) {
      for (const anchor of anchors) if (await isIssuedBy(x509, certificate, anchor, depth, at)) return true;
      for (const candidate of left) {
        if (!(await isIssuedBy(x509, certificate, candidate, depth, at))) continue;
        left.delete(candidate);
        next.push(candidate);
      }
    }
    reached = next;
  }
  return false;
}

async function isIssuedBy(
  x509: Library,
  certificate: X509Certificate,
  issuer: X509Certificate,
  below: number,
  at: Date,
): Promise<boolean> {
  const limits = issuer.getExtension(x509.BasicConstraintsExtension);
  const may =
    certificate.issuer === issuer.subject &&
    limits?.ca === true &&
    (limits.pathLength === undefined || limits.pathLength >= below) &&
    mayDo(x509, issuer, x509.KeyUsageFlags.keyCertSign) &&
    isUnderstood(issuer) &&
    isLongEnough(issuer) &&
    isOverStrongDigest(certificate) &&
    inForce(issuer, at);
  try {
    return may && (await certificate.verify({ publicKey: issuer, signatureOnly: true }));
  } catch {
    // An algorithm that this platform does not verify proves nothing.
    return false;
  }
}

export async function publicKeyOf(
  certificate: X509Certificate,
): Promise<{ readonly alg: Algorithm; readonly key: CryptoKey } | null> {
  const named = certificate.publicKey.algorithm as { readonly name: string; readonly namedCurve?: string };
  const algorithm =
    named.name === "Ed25519"
      ? { name: "Ed25519" }
      : named.namedCurve === "P-256"
        ? { name: "ECDSA", namedCurve: "P-256" }
        : null;
  if (algorithm === null) return null;
  try {
    const key = await crypto.subtle.importKey("spki", certificate.publicKey.rawData, algorithm, true, ["verify"]);
    return { alg: algorithm.name === "Ed25519" ? "EdDSA" : "ES256", key };
  } catch {
    // A point that is not on its curve.
    return null;
  }
}
