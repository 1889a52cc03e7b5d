import type { KeyUsageFlags } from "@peculiar/x509";
import { toBase64url } from "../../base/bytes.ts";
import type { Sha256 } from "../../base/ports.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import { isLongEnough, isUnderstood, library, mayDo, publicKeyOf, readCertificate, uriNames } from "./idp-x509.ts";

/** What a certificate says of itself, for whoever is to decide whether to trust it. */
export interface CertificateFacts {
  /** SHA-256 of its DER, as `x5t_s256` names it. */
  readonly fingerprint: string;
  readonly subject: string;
  readonly issuer: string;
  /** Epoch seconds. */
  readonly from: number;
  readonly until: number;
  readonly isAuthority: boolean;
  /** Its own issuer, by name. */
  readonly isRoot: boolean;
  readonly uris: readonly string[];
  /** Why nothing would ever verify by it; null where something may. */
  readonly problem: string | null;
}

/** Null for bytes that are no certificate. */
export async function certificateFacts(der: Uint8Array, sha256: Sha256): Promise<CertificateFacts | null> {
  const x509 = await library();
  const certificate = readCertificate(x509, der);
  if (certificate === null) return null;
  const isAuthority = certificate.getExtension(x509.BasicConstraintsExtension)?.ca === true;
  const uris = uriNames(x509, certificate);
  const may = (use: KeyUsageFlags): boolean => mayDo(x509, certificate, use);
  const problem = !isUnderstood(certificate)
    ? "it has limits that are not understood here"
    : isAuthority
      ? !may(x509.KeyUsageFlags.keyCertSign)
        ? "its key does not sign certificates"
        : isLongEnough(certificate)
          ? null
          : "its key is too short to be believed"
      : !may(x509.KeyUsageFlags.digitalSignature)
        ? "its key is not for signatures"
        : uris.length !== 1
          ? "it names no workload, or more than one"
          : (await publicKeyOf(certificate)) === null
            ? "only P-256 and Ed25519 keys verify here"
            : null;
  return {
    fingerprint: toBase64url(sha256(der)),
    subject: certificate.subject,
    issuer: certificate.issuer,
    from: Math.floor(certificate.notBefore.getTime() / 1000),
    until: Math.floor(certificate.notAfter.getTime() / 1000),
    isAuthority,
    isRoot: certificate.subject === certificate.issuer,
    uris,
    problem,
  };
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** The certificates of a PEM text, in its order; what else stands in it is left out. Refusal: `trust_malformed`. */
export async function readPem(text: string): Promise<Result<readonly Uint8Array[], Refusal>> {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text))
    return err(refusal("trust_malformed", "it holds a private key: give the certificates alone, and keep that key"));
  const x509 = await library();
  try {
    const read = (text.match(CERTIFICATE) ?? []).flatMap((block) => x509.PemConverter.decode(block));
    return ok(read.map((bytes) => new Uint8Array(bytes)));
  } catch {
    // Text from outside that is no base64 is an expected no.
    return err(refusal("trust_malformed", "a certificate in it cannot be read"));
  }
}
